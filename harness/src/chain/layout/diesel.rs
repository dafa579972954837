//! Diesel: a folder `VERSION_name` for each revision, with `up.sql` and `down.sql`.
//!
//! Source: the crate documentation of `diesel_migrations`, at its head and under "Transactions": the version is what
//! stands before the first underscore, without hyphens; versions are compared as text. Each direction runs in a
//! transaction of its own unless `metadata.toml` beside it says `run_in_transaction = false` (or is there and does not say
//! `true`); then statements go out one by one here, where Diesel sends them as one message. A folder without an `up.sql` is
//! refused by the tool; files beside the folders are no revisions.

use std::path::Path;

use super::descriptor::{Directions, FoundRevision, Layout, Listing};
use super::files::files;
use super::folder::Folder;
use super::names::unique;
use crate::Error;

pub(super) const LAYOUT: Layout = Layout {
    name: "diesel",
    fits,
    find,
    read,
    both_in_one: false,
    bookkeeping: &["__diesel_schema_migrations"],
    bookkeeping_sql: "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (
        version varchar(50) PRIMARY KEY NOT NULL, run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);",
};

fn fits(folder: &Folder<'_>) -> bool {
    let entries = folder.entries(&folder.migrations()).unwrap_or_default();
    entries.iter().any(|entry| entry.path.join("up.sql").is_file())
}

fn find(folder: &Folder<'_>) -> Result<Listing, Error> {
    let mut listing = Listing::default();
    for entry in folder.entries(&folder.migrations())? {
        if !entry.is_dir {
            let why = "a file beside the folders of the revisions".to_owned();
            listing.skipped.extend(entry.is_sql().then_some((entry.path, why)));
            continue;
        }
        let (up, down) = (entry.path.join("up.sql"), Some(entry.path.join("down.sql")));
        let down = down.filter(|down| down.is_file());
        if !up.is_file() {
            let message = match down {
                Some(down) => format!("{} undoes no revision: there is no up.sql beside it", down.display()),
                None => format!("folder {} has no up.sql", entry.path.display()),
            };
            return Err(Error::usage(message, "Diesel refuses it: restore the file, or remove the folder"));
        }
        listing.revisions.push(FoundRevision { id: entry.name, path: up, down, kept: None });
    }
    listing.revisions.sort_by_key(|found| version(&found.id));
    let versions: Vec<String> = listing.revisions.iter().map(|found| version(&found.id)).collect();
    let named = versions.iter().zip(&listing.revisions);
    unique("Diesel", named.map(|(version, found)| (version, version.as_str(), found.path.as_path())))?;
    Ok(listing)
}

fn version(id: &str) -> String {
    id.split('_').next().unwrap_or_default().replace('-', "")
}

fn read(found: &FoundRevision) -> Result<Directions, Error> {
    let mut sides = files(found)?;
    let one_by_one = !in_transaction(&found.path.with_file_name("metadata.toml"))?;
    sides.scripts().for_each(|script| script.one_by_one = one_by_one);
    Ok(sides)
}

fn in_transaction(metadata: &Path) -> Result<bool, Error> {
    if !metadata.is_file() {
        return Ok(true);
    }
    let text = crate::sql::read_file(metadata)?;
    let table = toml::from_str::<toml::Table>(&text).map_err(|error| {
        Error::usage(format!("{}: {}", metadata.display(), error.message()), "write `run_in_transaction = false`")
    })?;
    Ok(table.get("run_in_transaction").and_then(toml::Value::as_bool).unwrap_or(false))
}
