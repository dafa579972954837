//! Prisma: a folder for each revision with its `migration.sql`, in the byte order of the folders' names.
//!
//! Source: Prisma docs, "Prisma Migrate > Understanding Prisma Migrate > Migration histories" and "Down migrations":
//! files beside the folders are no revisions, `migration_lock.toml` names the provider, a folder without a
//! `migration.sql` stops `migrate deploy` (P3015). There are no downs. The engine opens no transaction and sends a script
//! as one message, which the server runs as one transaction.

use std::path::Path;

use super::descriptor::{FoundRevision, Layout, Listing};
use super::files::files;
use super::folder::{Folder, FolderEntry};
use crate::Error;

pub(super) const LAYOUT: Layout = Layout {
    name: "prisma",
    fits,
    find,
    read: files,
    both_in_one: false,
    bookkeeping: &["_prisma_migrations"],
    bookkeeping_sql: "CREATE TABLE IF NOT EXISTS _prisma_migrations (
        id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
        migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
        started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0);",
};

const SCRIPT: &str = "migration.sql";
const LOCK: &str = "migration_lock.toml";

fn fits(folder: &Folder<'_>) -> bool {
    let migrations = folder.migrations();
    let entries = folder.entries(&migrations).unwrap_or_default();
    // Newer Drizzle keeps a snapshot beside each.
    let is_one = |entry: &FolderEntry| entry.path.join(SCRIPT).is_file() && !entry.path.join("snapshot.json").is_file();
    entries.iter().any(is_one)
}

fn find(folder: &Folder<'_>) -> Result<Listing, Error> {
    let migrations = folder.migrations();
    check_provider(&migrations.join(LOCK))?;
    let mut listing = Listing::default();
    for entry in folder.entries(&migrations)? {
        if !entry.is_dir {
            let of_the_tool = entry.name == LOCK || !entry.is_sql();
            let why = "a file beside the folders of the revisions".to_owned();
            listing.skipped.extend((!of_the_tool).then_some((entry.path, why)));
            continue;
        }
        let path = entry.path.join(SCRIPT);
        if !path.is_file() {
            let message = format!("folder {} has no {SCRIPT}", entry.path.display());
            return Err(Error::usage(message, "Prisma refuses it (P3015): restore the file, or remove the folder"));
        }
        listing.revisions.push(FoundRevision { id: entry.name, path, down: None, kept: None });
    }
    Ok(listing)
}

/// Refuses a history that was written for another server.
fn check_provider(lock: &Path) -> Result<(), Error> {
    let Ok(text) = std::fs::read_to_string(lock) else { return Ok(()) };
    let table = toml::from_str::<toml::Table>(&text).map_err(|error| {
        Error::usage(format!("{}: {}", lock.display(), error.message()), "restore the file as Prisma wrote it")
    })?;
    match table.get("provider").and_then(toml::Value::as_str) {
        None | Some("postgresql" | "postgres") => Ok(()),
        Some(other) => {
            let message = format!("{}: the migrations are for {other}, not for PostgreSQL", lock.display());
            Err(Error::usage(message, "name the folder of those for PostgreSQL with `migrations`"))
        }
    }
}
