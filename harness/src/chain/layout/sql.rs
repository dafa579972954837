//! Plain SQL files, run in the byte order of their names.
//!
//! `X.down.sql` beside `X.sql`, and files of the `rollback` folder whose names begin with a revision's, undo it.

use std::path::{Path, PathBuf};

use super::{Folder, Found, Layout};
use crate::Error;
use crate::chain::manifest::Preludes;

pub(super) const LAYOUT: Layout = Layout { name: "sql", fits, find };

fn fits(folder: &Folder<'_>) -> bool {
    folder.sql_files(&folder.migrations()).is_ok_and(|names| !names.is_empty())
}

fn find(folder: &Folder<'_>) -> Result<Vec<Found>, Error> {
    let dir = folder.migrations();
    let others = other_files(folder);
    let names = folder.sql_files(&dir)?;
    let (downs, ups): (Vec<_>, Vec<_>) = names
        .into_iter()
        .filter(|name| !others.contains(&dir.join(name)))
        .partition(|name| stem(name).ends_with(".down"));
    let mut revisions: Vec<Found> =
        ups.into_iter().map(|name| Found { id: stem(&name).to_owned(), path: dir.join(&name), down: None }).collect();
    for name in downs {
        let id = stem(&name).strip_suffix(".down");
        belongs(&mut revisions, dir.join(&name), |revision| id == Some(revision.id.as_str()))?;
    }
    if let Some(rollback) = &folder.manifest.rollback {
        let dir = folder.dir.join(rollback.get_ref());
        for name in folder.sql_files(&dir)? {
            belongs(&mut revisions, dir.join(&name), |revision| begins_with(&name, &revision.id))?;
        }
    }
    Ok(revisions)
}

/// Files in the same folder that the manifest gives another part.
fn other_files(folder: &Folder<'_>) -> Vec<PathBuf> {
    let manifest = folder.manifest;
    let preludes = match manifest.prelude.as_ref().map(|preludes| preludes.get_ref()) {
        None => Vec::new(),
        Some(Preludes::One(one)) => vec![Path::new(one)],
        Some(Preludes::Many(many)) => many.iter().map(|one| Path::new(one.get_ref())).collect(),
    };
    let downs = manifest.revisions.values().filter_map(|revision| revision.down.as_ref());
    preludes.into_iter().chain(downs.map(|down| down.get_ref().as_path())).map(|path| folder.dir.join(path)).collect()
}

/// Gives the file to the revision that it undoes; the longest id where several fit.
fn belongs(revisions: &mut [Found], down: PathBuf, fits: impl Fn(&Found) -> bool) -> Result<(), Error> {
    let owner = revisions.iter_mut().filter(|revision| fits(revision)).max_by_key(|revision| revision.id.len());
    match owner {
        Some(Found { down: slot @ None, .. }) => *slot = Some(down),
        Some(Found { id, .. }) => {
            let message = format!("{} is a second file that undoes revision {id}", down.display());
            return Err(Error::usage(message, "keep one"));
        }
        None => {
            let message = format!("{} undoes no revision of the chain", down.display());
            return Err(Error::usage(message, "its name must begin with that of the revision"));
        }
    }
    Ok(())
}

/// Whether `name` begins with `id` and goes on with something else than the rest of a longer word.
fn begins_with(name: &str, id: &str) -> bool {
    name.strip_prefix(id).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// The name without its last suffix.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
