//! What a migration chain must hold as such, whoever uses the schema: it applies, can be taken back without a trace, stays
//! closed between its revisions, and is what was released.
//!
//! Each check is one file under `checks` and one line in `CHECKS`. They are planned from the chain alone, before any server
//! starts. Then the chain is walked, up and down and over rows, on servers of its own, since roles belong to a whole cluster;
//! what was seen on the way is judged afterwards, so that one walk decides all checks.

mod checks;
mod climb;
mod kept;
mod over_rows;
mod plan;
mod record;
mod run;
mod seen;
mod subject;
mod trace;
mod update;

use crate::check::Outcome;
use crate::report::record::Evidence;
use crate::suite::resolved::Location;

pub use plan::plan;
pub use run::Prepared;
pub use subject::Subject;
pub use update::update;

use seen::Seen;

/// A kind of chain check.
#[derive(Debug)]
struct ChainCheck {
    /// As ids and `skip` name it.
    name: &'static str,
    /// What must be walked for it.
    walks: &'static [Walk],
    /// What it is about in a chain: the chain itself, or each of some revisions.
    plan: fn(&Subject) -> Vec<Planned>,
    /// What the walk showed.
    judge: fn(&Judging<'_>) -> Verdict,
}

/// A part of the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walk {
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
struct Planned {
    /// The revision that it is about; none where it is about the chain.
    revision: Option<String>,
    /// For people.
    title: String,
    /// The file it is about.
    at: Location,
    /// Why it is not tried.
    skip: Option<String>,
}

/// What a check is judged from.
struct Judging<'a> {
    subject: &'a Subject,
    seen: &'a Seen,
    /// The id of its revision; empty where it is about the chain.
    revision: &'a str,
}

/// A verdict.
struct Judged {
    outcome: Outcome,
    /// Where it was found, if that is more than the check itself says.
    at: Option<Location>,
}

/// Why something could not be tried, which is never a pass.
struct Untried(String);

/// What a check comes to.
type Verdict = Result<Judged, Untried>;

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

/// Every check, in the order in which they are told.
const CHECKS: &[ChainCheck] = &[
    checks::single_head::CHECK,
    checks::released::CHECK,
    checks::applies::CHECK,
    checks::down_exists::CHECK,
    checks::up_down_up::CHECK,
    checks::no_trace::CHECK,
    checks::round_trip::CHECK,
    checks::tool_again::CHECK,
    checks::idempotent::CHECK,
    checks::upgrade_with_data::CHECK,
    checks::locks::CHECK,
    checks::open_tables::CHECK,
    checks::policy_changes::CHECK,
    checks::fingerprint::CHECK,
];

#[cfg(test)]
mod tests {
    use super::CHECKS;

    #[test]
    fn a_check_is_registered_once() {
        let mut names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CHECKS.len());
    }
}
