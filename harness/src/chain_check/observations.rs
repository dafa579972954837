//! What was seen on the way up and down a chain.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::catalog::QName;
use crate::catalog::fingerprint::{Delta, Fingerprint};
use crate::chain::apply::AppliedRevision;
use crate::suite::resolved::Location;

/// Everything that was seen. A revision that is not there was not reached.
#[derive(Debug, Default)]
pub(crate) struct Observations {
    /// The major version of the server.
    pub(crate) major: u32,
    /// Where the server came from.
    pub(crate) server: BTreeMap<String, String>,
    /// What the chain stands on.
    pub(crate) platform: Option<Arc<Fingerprint>>,
    /// From empty, by position in the chain.
    pub(crate) rungs: Vec<RevisionRun>,
    /// Why not all of them are there; empty where they are, or nothing was walked.
    pub(crate) stopped: String,
    /// The way from the last revision down and up again.
    pub(crate) trip: Option<Trip>,
    /// The tool run once more at the end.
    pub(crate) tool_again: Option<Repeat>,
    /// Over rows, by position in the chain.
    pub(crate) over_rows: Vec<OverRows>,
    /// Why not all of them are there.
    pub(crate) over_rows_stopped: String,
}

/// A step that was tried.
pub(crate) type StepResult = Result<AppliedRevision, Failed>;

/// Why something did not work.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    /// The whole message.
    pub(crate) message: String,
    /// The statement's place, if it is known.
    pub(crate) at: Option<Location>,
}

/// One revision on the way up from empty.
#[derive(Debug)]
pub(crate) struct RevisionRun {
    /// The first time up.
    pub(crate) up: StepResult,
    /// The catalog before it.
    pub(crate) before: Arc<Fingerprint>,
    /// The catalog after it; the one before where it failed.
    pub(crate) after: Arc<Fingerprint>,
    /// Tables that it committed open, or open to more, and that were not before.
    pub(crate) opened: Vec<Opened>,
    /// What stood open before it, or after it.
    pub(crate) open: Open,
    /// Relations that it made in schemas which chain.toml does not name.
    pub(crate) undeclared: Vec<QName>,
    /// Run a second time, where it says that this changes nothing.
    pub(crate) again: Option<Repeat>,
    /// Taken back.
    pub(crate) down: Option<Down>,
}

/// A revision taken back, and applied again.
#[derive(Debug)]
pub(crate) struct Down {
    /// Taken back.
    pub(crate) tried: StepResult,
    /// The catalog then.
    pub(crate) after: Option<Arc<Fingerprint>>,
    /// Tables that it committed open, and that were so neither before nor after the way up.
    pub(crate) opened: Vec<Opened>,
    /// Applied again.
    pub(crate) up: Option<StepResult>,
    /// The catalog then.
    pub(crate) up_after: Option<Arc<Fingerprint>>,
}

/// From the last revision down, and up again.
#[derive(Debug)]
pub(crate) struct Trip {
    /// How many revisions were applied at the turn.
    pub(crate) turn: usize,
    /// The first step that failed, and which way it went.
    pub(crate) failed: Option<(WalkDirection, String, Failed)>,
    /// The catalog at the turn.
    pub(crate) below: Option<Arc<Fingerprint>>,
    /// The catalog at the end.
    pub(crate) above: Option<Arc<Fingerprint>>,
}

/// A direction, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WalkDirection {
    Up,
    Down,
}

/// Something that was run a second time.
#[derive(Debug)]
pub(crate) struct Repeat {
    /// Whether it ran.
    pub(crate) tried: StepResult,
    /// The catalog before it.
    pub(crate) before: Arc<Fingerprint>,
    /// The catalog after it, if it ran.
    pub(crate) catalog: Option<Arc<Fingerprint>>,
    /// Tables whose row versions are others, with how many rows they had and have.
    pub(crate) rewritten: Vec<Rewritten>,
    /// How many rows there were in all.
    pub(crate) rows: u64,
}

/// A table whose rows were written, or a sequence that was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rewritten {
    pub(crate) table: String,
    /// How many rows it had and has; nothing of a sequence.
    pub(crate) rows: Option<(u64, u64)>,
}

/// What stands open: a relation, who may do what to it, in words, and whether row security would not hold them anyway.
pub(crate) type Open = BTreeSet<(QName, String, bool)>;

/// A table that somebody other than its owner reaches without row security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    /// Its name.
    pub(crate) table: QName,
    /// Who may newly do what, in words.
    pub(crate) grants: String,
    /// Whether they bypass row security, and would not be held by it anyway.
    pub(crate) bypasses: bool,
    /// Where it was committed in the middle of a revision; none where it was open at its end.
    pub(crate) after: Option<Location>,
    /// Whether it was closed again by the end of the revision.
    pub(crate) closed_again: bool,
}

impl Opened {
    /// Whether both tell the same of one table, but for who reaches it.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        let told = |one: &Self| (one.table.clone(), one.bypasses, one.after.clone(), one.closed_again);
        told(self) == told(other)
    }
}

/// One revision over rows.
#[derive(Debug)]
pub(crate) struct OverRows {
    /// The step up.
    pub(crate) up: StepResult,
    /// Relations that held rows before it, by name.
    pub(crate) held: BTreeSet<QName>,
    /// Locks that its statements took, in order; none where nothing could be traced.
    pub(crate) locks: Option<Vec<Locked>>,
    /// How many statements were over, with their locks, before those could be seen.
    pub(crate) alone: u32,
    /// Run a second time, where it says that this changes nothing.
    pub(crate) again: Option<Repeat>,
    /// Whether a seed ran before it.
    pub(crate) seeded: bool,
}

/// A table lock that a statement took.
#[derive(Debug, Clone)]
pub(crate) struct Locked {
    /// The relation.
    pub(crate) relation: QName,
    /// Whether it may hold rows of its own.
    pub(crate) stores: bool,
    /// Whether it is the chain's, and not its platform's.
    pub(crate) own: bool,
    /// `AccessExclusiveLock`, …
    pub(crate) mode: String,
    /// The statement.
    pub(crate) at: Location,
    /// How many further statements of the transaction it was kept for.
    pub(crate) further: u32,
    /// How long it was seen to be held.
    pub(crate) held_for: Duration,
}

impl Observations {
    /// The rung of the revision at `position`, or why there is none.
    pub(crate) fn rung(&self, position: usize) -> Result<&RevisionRun, String> {
        self.rungs.get(position).ok_or_else(|| unreached(&self.stopped))
    }

    /// The same over rows.
    pub(crate) fn over_rows(&self, position: usize) -> Result<&OverRows, String> {
        self.over_rows.get(position).ok_or_else(|| unreached(&self.over_rows_stopped))
    }

    /// What the chain made of its platform.
    pub(crate) fn made(&self) -> Option<Delta> {
        let (platform, last) = (self.platform.as_ref()?, self.rungs.last()?);
        Some(last.after.since(platform))
    }

    /// Seconds of each check that took any, by check and revision.
    pub(crate) fn seconds(&self, position: usize) -> BTreeMap<&'static str, f64> {
        let mut seconds = BTreeMap::new();
        let mut add = |name, tried: &StepResult| {
            if let Ok(applied) = tried {
                *seconds.entry(name).or_default() += applied.elapsed.as_secs_f64();
            }
        };
        if let Some(rung) = self.rungs.get(position) {
            add("applies", &rung.up);
            for tried in rung.down.iter().flat_map(|down| std::iter::once(&down.tried).chain(&down.up)) {
                add("up-down-up", tried);
            }
            if let Some(again) = &rung.again {
                add("idempotent", &again.tried);
            }
        }
        if let Some(over) = self.over_rows.get(position) {
            add("upgrade-with-data", &over.up);
        }
        seconds
    }
}

fn unreached(why: &str) -> String {
    if why.is_empty() { "the walk did not come to it".to_owned() } else { format!("not reached: {why}") }
}
