//! What a chain check is: what it is called, what is walked for it, what it is about, and what it judges from.

use super::subject::Subject;
use crate::chain_check::observations::Observations;
use crate::check::Outcome;
use crate::report::record::Evidence;
use crate::suite::resolved::Location;

/// A kind of chain check.
#[derive(Debug)]
pub(super) struct ChainCheck {
    /// As ids and `skip` name it.
    pub(super) name: &'static str,
    /// What must be walked for it.
    pub(super) walks: &'static [Walk],
    /// What it is about in a chain: the chain itself, or each of some revisions.
    pub(super) plan: fn(&Subject) -> Vec<PlannedSubject>,
    /// What the walk showed.
    pub(super) judge: fn(&Judging<'_>) -> Verdict,
}

/// A part of the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walk {
    /// From empty, revision by revision.
    Up,
    /// Each revision down and up again, before the next.
    Down,
    /// From the last revision down as far as it goes, and up again.
    Trip,
    /// The last revision once more.
    Again,
    /// From empty, with rows from `seed_at` on.
    Rows,
}

/// A check before it has an id.
#[derive(Debug, Default)]
pub(super) struct PlannedSubject {
    /// The revision that it is about; none where it is about the chain.
    pub(super) revision: Option<String>,
    /// For people.
    pub(super) title: String,
    /// The file it is about.
    pub(super) at: Location,
    /// Why it is not tried.
    pub(super) skip: Option<String>,
}

/// What a check is judged from.
pub(super) struct Judging<'a> {
    pub(super) subject: &'a Subject,
    pub(super) seen: &'a Observations,
    /// The id of its revision; empty where it is about the chain.
    pub(super) revision: &'a str,
}

/// A verdict.
pub(super) struct Judged {
    pub(super) outcome: Outcome,
    /// Where it was found, if that is more than the check itself says.
    pub(super) at: Option<Location>,
}

/// Why something could not be tried, which is never a pass.
pub(super) struct Untried(pub(super) String);

/// What a check comes to.
pub(super) type Verdict = Result<Judged, Untried>;

impl From<Untried> for Judged {
    fn from(Untried(why): Untried) -> Self {
        Outcome::error(why, Evidence::default()).into()
    }
}

impl From<Outcome> for Judged {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, at: None }
    }
}
