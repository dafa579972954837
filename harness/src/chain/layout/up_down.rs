//! Pairs `VERSION_title.up.sql` and `VERSION_title.down.sql`, as golang-migrate has them.
//!
//! Source: golang-migrate, MIGRATIONS.md, "Migration Filename Format": the version is an unsigned integer of 64 bits, and
//! revisions run by number, so `9_a` comes before `10_b`. A down belongs to the up of its version, whatever their titles. Two files of
//! one version and direction are refused by the tool; a down without an up is refused here. Names of another form are
//! passed over, but a numbered SQL file that is neither up nor down is taken for a mistake. The tool opens no transaction
//! and sends a file as one message, which the server runs as one (PostgreSQL docs, "Multiple Statements in a Simple Query").

use std::collections::BTreeMap;

use super::descriptor::{FoundRevision, Layout, Listing};
use super::files::files;
use super::folder::{Folder, FolderEntry};
use super::names::{digits, unique};
use crate::Error;

pub(super) const LAYOUT: Layout = Layout {
    name: "up-down",
    fits,
    find,
    read: files,
    both_in_one: false,
    bookkeeping: &["schema_migrations"],
    bookkeeping_sql: "CREATE TABLE IF NOT EXISTS schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);",
};

fn fits(folder: &Folder<'_>) -> bool {
    let names = folder.sql_files(&folder.migrations()).unwrap_or_default();
    names.iter().any(|name| matches!(Half::of(name), Some(Half { up: true, .. })))
}

/// What a name says.
struct Half<'a> {
    version: u64,
    /// The name without direction and suffix.
    id: &'a str,
    up: bool,
}

impl<'a> Half<'a> {
    fn of(name: &'a str) -> Option<Self> {
        let (id, up) = match name.strip_suffix(".up.sql") {
            Some(id) => (id, true),
            None => (name.strip_suffix(".down.sql")?, false),
        };
        let (version, rest) = digits(id)?;
        rest.starts_with('_').then_some(())?;
        Some(Self { version: version.parse().ok()?, id, up })
    }
}

fn find(folder: &Folder<'_>) -> Result<Listing, Error> {
    let entries: Vec<FolderEntry> = folder.entries(&folder.migrations())?;
    let halves: Vec<(Half<'_>, &FolderEntry)> = entries
        .iter()
        .filter(|entry| !entry.is_dir)
        .filter_map(|entry| Half::of(&entry.name).map(|half| (half, entry)))
        .collect();
    let shown = halves.iter().map(|(half, entry)| ((half.version, half.up), half.id, entry.path.as_path()));
    let shown: Vec<_> = shown.map(|(version, id, path)| (version, digits(id).map_or(id, |(n, _)| n), path)).collect();
    unique("golang-migrate", shown)?;
    let mut revisions: BTreeMap<u64, FoundRevision> = halves
        .iter()
        .filter(|(half, _)| half.up)
        .map(|(half, entry)| {
            (half.version, FoundRevision { id: half.id.to_owned(), path: entry.path.clone(), down: None, kept: None })
        })
        .collect();
    for (half, entry) in halves.iter().filter(|(half, _)| !half.up) {
        let Some(found) = revisions.get_mut(&half.version) else {
            let message = format!("{} undoes no revision: version {} has no up", entry.path.display(), half.version);
            return Err(Error::usage(message, "add the `.up.sql` of that version, or take the down out"));
        };
        found.down = Some(entry.path.clone());
    }
    let mut skipped = Vec::new();
    for entry in entries.iter().filter(|entry| entry.is_dir || Half::of(&entry.name).is_none()) {
        if entry.is_sql() && digits(&entry.name).is_some() {
            let message = format!("{} is neither up nor down in a folder of pairs", entry.path.display());
            return Err(Error::usage(message, "name it `VERSION_title.up.sql` or `.down.sql`, or move it elsewhere"));
        }
        skipped.extend(entry.clone().passed_over("VERSION_title.up.sql"));
    }
    Ok(Listing { revisions: revisions.into_values().collect(), skipped, ..Listing::default() })
}
