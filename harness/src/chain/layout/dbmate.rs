//! dbmate: `VERSION*.sql` in the byte order of the names, each with `-- migrate:up` and `-- migrate:down`.
//!
//! Source: dbmate's README, "Creating Migrations", "Migration Options" and "Rolling Back Migrations". A name begins with
//! digits, which are its version; others are passed over. Both markers are required, the up first, with nothing but
//! comments before it. Each part runs in a transaction; `transaction:false` behind its marker takes that away, and then
//! statements go out one by one here (dbmate sends them as one message, so that a second one would be refused beside
//! `CREATE INDEX CONCURRENTLY`). Several pairs of markers in one file, of newer versions, are refused.

use super::descriptor::{FoundRevision, Layout, Listing};
use super::folder::Folder;
use super::marked::{self, Line, MarkedScripts, MarkedSource, lines};
use super::names::{digits, stem, unique};
use crate::Error;
use crate::diagnostic::Diagnostics;

pub(super) const LAYOUT: Layout = Layout {
    name: "dbmate",
    fits: |folder| marked::any(folder, |line| Marker::of(line).is_some()),
    find,
    read: |found| marked::read(found, parse),
    both_in_one: true,
    bookkeeping: &["schema_migrations"],
    bookkeeping_sql: "CREATE TABLE IF NOT EXISTS schema_migrations (version varchar PRIMARY KEY);",
};

fn find(folder: &Folder<'_>) -> Result<Listing, Error> {
    let mut listing = Listing::default();
    for entry in folder.entries(&folder.migrations())? {
        if !entry.is_dir && entry.name.ends_with(".sql") && digits(&entry.name).is_some() {
            let id = stem(&entry.name).to_owned();
            listing.revisions.push(FoundRevision { id, path: entry.path, down: None, kept: None });
        } else {
            listing.skipped.extend(entry.passed_over("VERSION_name.sql"));
        }
    }
    let version = |id| digits(id).map_or("", |(version, _)| version);
    let versions = listing.revisions.iter().map(|found| (version(&found.id), version(&found.id), found.path.as_path()));
    unique("dbmate", versions)?;
    Ok(listing)
}

/// `-- migrate:up` or `-- migrate:down`, at the beginning of a line, with options behind it.
struct Marker {
    up: bool,
    in_transaction: bool,
}

impl Marker {
    fn of(line: &str) -> Option<Self> {
        let marker = line.strip_prefix("--")?.trim_start().strip_prefix("migrate:")?;
        let mut words = marker.split_whitespace();
        let up = match words.next()? {
            "up" => true,
            "down" => false,
            _ => return None,
        };
        // A word must follow the colon at once.
        (!marker.starts_with(char::is_whitespace)).then_some(())?;
        Some(Self { up, in_transaction: !words.any(|option| option == "transaction:false") })
    }
}

pub(super) fn parse(source: MarkedSource<'_>) -> MarkedScripts {
    let missing = |which: &str| {
        let message = format!("there is no `-- migrate:{which}` in this file, and dbmate requires it");
        source.wrong(0..0, message, "put the marker at the beginning of a line of its own")
    };
    let mut up: Option<(usize, Marker)> = None;
    let mut down: Option<(usize, Marker)> = None;
    for line in lines(source.text) {
        match Marker::of(line.text) {
            Some(marker) if marker.up && up.is_none() && down.is_none() => up = Some((line.start, marker)),
            Some(marker) if !marker.up && up.is_some() && down.is_none() => down = Some((line.start, marker)),
            Some(marker) => return Err(unexpected(source, &line, &marker, up.is_some())),
            None if up.is_none() && !is_blank_or_comment(line.text) => {
                let message = "dbmate takes no statement before `-- migrate:up`";
                return Err(source.wrong(line.range(), message, "move it behind the marker"));
            }
            None => {}
        }
    }
    let (Some((start, up)), Some((end, down))) = (&up, &down) else {
        return Err(missing(if up.is_none() { "up" } else { "down" }));
    };
    let mut forth = source.part(*start..*end)?;
    let mut back = source.part(*end..source.text.len())?;
    forth.one_by_one = !up.in_transaction;
    back.one_by_one = !down.in_transaction;
    Ok((forth, Some(back)))
}

fn unexpected(source: MarkedSource<'_>, line: &Line<'_>, marker: &Marker, after_up: bool) -> Diagnostics {
    if !marker.up && !after_up {
        let message = "`-- migrate:down` comes before `-- migrate:up`";
        return source.wrong(line.range(), message, "dbmate requires the up first");
    }
    let message = format!("a second `-- migrate:{}` in one file", if marker.up { "up" } else { "down" });
    source.wrong(line.range(), message, "a revision here has one part for each direction: split the file")
}

fn is_blank_or_comment(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with("--")
}
