//! A revision whose directions are a file each.

use super::descriptor::{Directions, FoundRevision};
use crate::Error;
use crate::chain::revision::RevisionStep;
use crate::chain::script::Script;
use crate::diagnostic::Diagnostics;

/// Reads a revision whose directions are a file each. Both are read, so that one look names what is wrong in either.
pub(super) fn files(found: &FoundRevision) -> Result<Directions, Error> {
    let mut wrong = Diagnostics::default();
    let up = noted(Script::read(&found.path), &mut wrong)?;
    let down = found.down.as_deref().map(Script::read).map(|read| noted(read, &mut wrong)).transpose()?;
    match up {
        Some(up) if wrong.0.is_empty() => {
            Ok(Directions { up: RevisionStep::Sql(up), down: down.flatten().map(RevisionStep::Sql) })
        }
        _ => Err(wrong.into()),
    }
}

/// What was read; nothing where it is wrong, which `wrong` then says.
fn noted<T>(read: Result<T, Error>, wrong: &mut Diagnostics) -> Result<Option<T>, Error> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(Error::Input(Diagnostics(more))) => {
            wrong.0.extend(more);
            Ok(None)
        }
        Err(other) => Err(other),
    }
}
