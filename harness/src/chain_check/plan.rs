//! From a chain to its checks; nothing is started for it.

use super::check::{ChainCheck, PlannedSubject};
use super::checks::CHECKS;
use super::subject::Subject;
use crate::Error;
use crate::check::Check;

/// A check, and what decides it.
#[derive(Debug)]
pub(super) struct PlannedCheck {
    pub(super) decides: &'static ChainCheck,
    /// The id of its revision; empty where it is about the chain.
    pub(super) revision: String,
    pub(super) check: Check,
}

/// The checks of a chain, in the order in which they are told.
///
/// # Errors
/// [`Error::Usage`] where two have one id.
pub fn plan(subject: &Subject) -> Result<Vec<Check>, Error> {
    Ok(entries(subject)?.into_iter().map(|entry| entry.check).collect())
}

pub(super) fn entries(subject: &Subject) -> Result<Vec<PlannedCheck>, Error> {
    let mut entries: Vec<PlannedCheck> = Vec::new();
    for decides in CHECKS {
        for planned in (decides.plan)(subject) {
            let entry = entry(subject, decides, planned);
            if entries.iter().any(|other| other.check.id == entry.check.id) {
                return Err(Error::usage(
                    format!("chain {}: two checks are called {}", subject.chain.dir.display(), entry.check.id),
                    "a released revision stands twice in the lock file, or two revisions have one id",
                ));
            }
            entries.push(entry);
        }
    }
    Ok(entries)
}

fn entry(subject: &Subject, decides: &'static ChainCheck, planned: PlannedSubject) -> PlannedCheck {
    let PlannedSubject { revision, title, at, skip } = planned;
    let skip = subject.skip(decides.name, revision.as_deref()).or(skip);
    let parts = ["chain", &subject.name, decides.name];
    let check = Check::new("chain", parts.into_iter().chain(revision.as_deref()), at)
        .title(title)
        .about(revision.clone().unwrap_or_else(|| subject.name.clone()), decides.name.to_owned())
        .controls(Vec::new())
        .skipped(skip);
    PlannedCheck { decides, revision: revision.unwrap_or_default(), check }
}
