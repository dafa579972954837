//! Drizzle: SQL files in the order of `meta/_journal.json`.
//!
//! Source: Drizzle docs, "Migrations" and `drizzle-kit generate`; the migrator reads the journal's entries in order and
//! stops at one whose file is missing. Files that the journal does not name are never run. `--> statement-breakpoint` cuts
//! a file into statements; to the server it is a comment, and statements are cut by their own syntax here. There are no
//! downs. Whatever is new in one call of the tool is one transaction; here each file is, as if it were deployed alone.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::descriptor::{FoundRevision, Layout, Listing};
use super::files::files;
use super::folder::Folder;
use crate::Error;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::sql::read_file;

pub(super) const LAYOUT: Layout = Layout {
    name: "drizzle",
    fits,
    find,
    read: files,
    both_in_one: false,
    bookkeeping: &["drizzle.__drizzle_migrations"],
    bookkeeping_sql: "CREATE SCHEMA IF NOT EXISTS drizzle;
        CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint);",
};

const JOURNAL: &str = "meta/_journal.json";

#[derive(Deserialize)]
struct Journal {
    dialect: String,
    entries: Vec<Tagged>,
}

#[derive(Deserialize)]
struct Tagged {
    tag: String,
}

fn fits(folder: &Folder<'_>) -> bool {
    folder.migrations().join(JOURNAL).is_file() || has_folders(folder)
}

/// Whether the revisions are folders with a snapshot each, as drizzle-kit keeps them from 1.0 on.
fn has_folders(folder: &Folder<'_>) -> bool {
    let entries = folder.entries(&folder.migrations()).unwrap_or_default();
    entries.iter().any(|entry| ["migration.sql", "snapshot.json"].iter().all(|name| entry.path.join(name).is_file()))
}

fn find(folder: &Folder<'_>) -> Result<Listing, Error> {
    let migrations = folder.migrations();
    let path = migrations.join(JOURNAL);
    if !path.is_file() && has_folders(folder) {
        let message = format!(
            "{}: folders with a snapshot.json each, as drizzle-kit 1.0 has them, are not read",
            migrations.display()
        );
        return Err(Error::usage(
            message,
            "what is read has a meta/_journal.json, as drizzle-kit up to 0.31 writes it",
        ));
    }
    let source = read_file(&path)?;
    let journal = parse(&path, &source)?;
    let mut wrong = Vec::new();
    let mut named = BTreeSet::new();
    let mut listing = Listing::default();
    for Tagged { tag } in journal.entries {
        let name = format!("{tag}.sql");
        let file = migrations.join(&name);
        let failure = if tag.contains(['/', '\\']) {
            Some(format!("entry `{tag}` is no name of a file"))
        } else if !file.is_file() {
            Some(format!("there is no file {} for entry `{tag}`", file.display()))
        } else if !named.insert(name) {
            Some(format!("entry `{tag}` stands here twice: {}", file.display()))
        } else {
            None
        };
        match failure {
            Some(message) => wrong.push(at_tag(&path, &source, &tag, message)),
            None => listing.revisions.push(FoundRevision { id: tag, path: file, down: None, kept: None }),
        }
    }
    if !wrong.is_empty() {
        return Err(Diagnostics(wrong).into());
    }
    for entry in folder.entries(&migrations)?.into_iter().filter(|entry| entry.is_sql() && !named.contains(&entry.name))
    {
        listing.skipped.push((entry.path, format!("not in {JOURNAL}")));
    }
    Ok(listing)
}

fn parse(path: &Path, source: &Arc<str>) -> Result<Journal, Error> {
    let journal: Journal = serde_json::from_str(source).map_err(|error| {
        let shown = path.display();
        Error::usage(format!("{shown} is no journal of Drizzle: {error}"), "restore it as drizzle-kit wrote it")
    })?;
    match journal.dialect.as_str() {
        "postgresql" | "pg" => Ok(journal),
        other => {
            let message = format!("{}: the migrations are for {other}, not for PostgreSQL", path.display());
            Err(Error::usage(message, "name the folder of those for PostgreSQL with `migrations`"))
        }
    }
}

/// The last place where the journal names `tag`.
fn at_tag(path: &Path, source: &Arc<str>, tag: &str, message: String) -> Diagnostic {
    let quoted = format!("\"{tag}\"");
    let start = source.rfind(&quoted).unwrap_or_default();
    Diagnostic {
        message,
        path: path.to_owned(),
        source: Arc::clone(source),
        span: start..start + quoted.len(),
        label: String::new(),
        help: "Drizzle stops there: restore the file, or take the entry out".to_owned(),
    }
}
