//! Supabase: `supabase/migrations`, of which the CLI takes `<digits>_name.sql` in the byte order of the names.
//!
//! Source: Supabase docs, "Database Migrations" and "Local development > Managing environments"; the CLI's `db reset`
//! tells of each name that it passes over: what is no `<timestamp>_name.sql`, and a first `…_init.sql` from before
//! 9 December 2021, which an older version of the CLI wrote. `20241026_x.sql` comes after that day's 14-digit names, since
//! names are compared, not numbers. Statements go out in one batch with the row of the CLI's account, which the server
//! takes as one transaction; there are no downs. The CLI's table has the version as its key, so two files cannot share one.

use super::descriptor::{FoundRevision, Layout, Listing};
use super::files::files;
use super::folder::Folder;
use super::names::{numbered, stem, unique};
use crate::Error;

pub(super) const LAYOUT: Layout = Layout {
    name: "supabase",
    fits,
    find,
    read: files,
    both_in_one: false,
    bookkeeping: &["supabase_migrations.schema_migrations", "supabase_migrations.seed_files"],
    bookkeeping_sql: "CREATE SCHEMA IF NOT EXISTS supabase_migrations;
        CREATE TABLE IF NOT EXISTS supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY, statements text[], name text);
        CREATE TABLE IF NOT EXISTS supabase_migrations.seed_files (path text NOT NULL PRIMARY KEY, hash text NOT NULL);",
};

/// The last timestamp of `init.sql` files that the CLI itself wrote.
const OWN_INIT_BEFORE: &str = "20211209000000";

/// The project's `config.toml` lies beside `migrations`, or the folder is called `supabase`.
fn fits(folder: &Folder<'_>) -> bool {
    let migrations = folder.migrations();
    let named = folder.sql_files(&migrations).is_ok_and(|names| names.iter().any(|name| numbered(name).is_some()));
    let Some(project) = std::path::absolute(&migrations).ok().and_then(|path| path.parent().map(ToOwned::to_owned))
    else {
        return false;
    };
    let is_migrations = migrations.file_name().is_some_and(|name| name == "migrations");
    let is_project = project.file_name().is_some_and(|name| name == "supabase") || has_project_id(&project);
    named && is_migrations && is_project
}

/// Whether the `config.toml` there is that of a Supabase project.
fn has_project_id(project: &std::path::Path) -> bool {
    let text = std::fs::read_to_string(project.join("config.toml")).unwrap_or_default();
    toml::from_str::<toml::Table>(&text).is_ok_and(|config| config.contains_key("project_id"))
}

fn find(folder: &Folder<'_>) -> Result<Listing, Error> {
    let mut listing = Listing::default();
    for (n, entry) in folder.entries(&folder.migrations())?.into_iter().enumerate() {
        match numbered(&entry.name).filter(|_| !entry.is_dir) {
            Some((version, "init")) if n == 0 && version.len() == 14 && version < OWN_INIT_BEFORE => {
                listing.skipped.push((entry.path, "an `init` that an early version of the CLI wrote".to_owned()));
            }
            Some(_) => {
                let id = stem(&entry.name).to_owned();
                listing.revisions.push(FoundRevision { id, path: entry.path, down: None, kept: None });
            }
            None => listing.skipped.extend(entry.passed_over("<timestamp>_name.sql")),
        }
    }
    let versions = listing.revisions.iter().map(|found| (version(&found.id), version(&found.id), found.path.as_path()));
    unique("the Supabase CLI", versions)?;
    Ok(listing)
}

fn version(id: &str) -> &str {
    id.split_once('_').map_or(id, |(version, _)| version)
}
