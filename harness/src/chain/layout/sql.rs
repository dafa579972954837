//! Plain SQL files, run in the byte order of their names.
//!
//! `X.down.sql` beside `X.sql` undoes it, and so do the files of the `rollback` folder. There is no tool, so every SQL
//! file of the folder is a revision, and there is no bookkeeping.

use super::descriptor::{FoundRevision, Layout, Listing};
use super::files::files;
use super::folder::{Folder, FolderEntry};
use super::names::{digits, stem};
use super::rollback;
use crate::Error;

pub(super) const LAYOUT: Layout =
    Layout { name: "sql", fits, find, read: files, both_in_one: false, bookkeeping: &[], bookkeeping_sql: "" };

fn fits(folder: &Folder<'_>) -> bool {
    folder.sql_files(&folder.migrations()).is_ok_and(|names| !names.is_empty())
}

fn find(folder: &Folder<'_>) -> Result<Listing, Error> {
    let (sql, others): (Vec<_>, Vec<_>) =
        folder.entries(&folder.migrations())?.into_iter().partition(FolderEntry::is_sql);
    let (downs, ups): (Vec<_>, Vec<_>) = sql.into_iter().partition(|entry| stem(&entry.name).ends_with(".down"));
    let found = |entry: FolderEntry| FoundRevision {
        id: stem(&entry.name).to_owned(),
        path: entry.path,
        down: None,
        kept: None,
    };
    let mut revisions: Vec<FoundRevision> = ups.into_iter().map(found).collect();
    for FolderEntry { name, path, .. } in downs {
        let id = stem(&name).strip_suffix(".down");
        rollback::belongs(&mut revisions, path, |revision| id == Some(revision.id.as_str()))?;
    }
    let holds_sql =
        |entry: &FolderEntry| entry.is_dir && folder.sql_files(&entry.path).is_ok_and(|names| !names.is_empty());
    let skipped = others.into_iter().filter(holds_sql);
    let skipped = skipped.map(|entry| (entry.path, "a folder: revisions lie in one".to_owned())).collect();
    let remarks = remarks(&revisions);
    Ok(Listing { revisions, skipped, remarks, ..Listing::default() })
}

/// Where the numbers in names say something else than their bytes: an order, or that two are one.
fn remarks(revisions: &[FoundRevision]) -> Vec<String> {
    let number = |found: &FoundRevision| digits(&found.id).and_then(|(number, _)| number.parse::<u128>().ok());
    let pairs = revisions.iter().zip(revisions.iter().skip(1));
    let told = pairs.filter_map(|(one, next)| match (number(one)?, number(next)?) {
        (then, now) if then > now => Some(format!("{} runs before {}: names are in byte order", one.id, next.id)),
        (then, now) if then == now => Some(format!("{} and {} have one number", one.id, next.id)),
        _ => None,
    });
    told.collect()
}
