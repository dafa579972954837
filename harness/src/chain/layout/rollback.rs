//! The `rollback` folder: files that undo revisions, each beginning with its revision's name.

use std::path::PathBuf;

use super::descriptor::{FoundRevision, Layout};
use super::folder::Folder;
use crate::Error;

/// Gives each file of the rollback folder to the revision that it undoes.
pub(super) fn attach(layout: &Layout, folder: &Folder<'_>, revisions: &mut [FoundRevision]) -> Result<(), Error> {
    let Some(dir) = folder.rollback() else { return Ok(()) };
    let names = folder.sql_files(&dir)?;
    if layout.both_in_one && !names.is_empty() {
        let message = format!("{}: in layout {} a revision's own file undoes it", dir.display(), layout.name);
        return Err(Error::usage(message, "move the files elsewhere, or name another layout"));
    }
    for name in names {
        belongs(revisions, dir.join(&name), |revision| begins_with(&name, &revision.id))?;
    }
    Ok(())
}

/// Gives the file to the revision that it undoes; the longest id where several fit.
pub(super) fn belongs(
    revisions: &mut [FoundRevision],
    down: PathBuf,
    fits: impl Fn(&FoundRevision) -> bool,
) -> Result<(), Error> {
    let owner = revisions.iter_mut().filter(|revision| fits(revision)).max_by_key(|revision| revision.id.len());
    match owner {
        Some(FoundRevision { down: slot @ None, .. }) => *slot = Some(down),
        Some(FoundRevision { id, down: Some(first), .. }) => {
            let (down, first) = (down.display(), first.display());
            let message = format!("{down} is a second file that undoes revision {id}, beside {first}");
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
