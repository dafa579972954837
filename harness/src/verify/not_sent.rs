//! Statements that are not sent, as errors.

use crate::Error;
use crate::diagnostic::Diagnostics;
use crate::suite::resolved::Location;

/// What is said of a statement that is not sent for what it runs.
pub(super) fn barred(at: &Location, what: &str, runs: &[String]) -> Error {
    at.error(
        format!("{what} is not sent: it runs {}", runs.join("; ")),
        "ask without it; a function of the database that only reads can be named in the target's `may_call`",
    )
}

/// Everything that is wrong, as one error.
pub(super) fn all(wrong: Vec<Error>) -> Result<(), Error> {
    let mut diagnostics = Vec::new();
    for error in wrong {
        match error {
            Error::Input(Diagnostics(some)) => diagnostics.extend(some),
            other => return Err(other),
        }
    }
    if diagnostics.is_empty() { Ok(()) } else { Err(Error::Input(Diagnostics(diagnostics))) }
}
