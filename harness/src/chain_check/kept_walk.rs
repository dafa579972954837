//! What a walk came to, kept for a run of the very same chain: only where every check passed, or was left out for a reason that
//! planning gave.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::chain_check::check::{Judged, Walk};
use crate::chain_check::plan::PlannedCheck;
use crate::chain_check::subject::Subject;
use crate::check::Outcome;
use crate::instance::{EarlierResult, ResultCache, StateKey};
use crate::report::record::{RevisionRecord, Status};
use crate::run::Options;
use crate::suite::resolved::Location;

/// What a walk came to, in order of the selected checks.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Walked {
    /// What came of each check.
    pub(crate) outcomes: Vec<Decided>,
    /// Facts of the chain.
    pub(crate) facts: BTreeMap<String, String>,
    /// A line for each revision; how it stands is for the record to say.
    pub(crate) revisions: Vec<RevisionRecord>,
    /// Where the server came from.
    pub(crate) server: BTreeMap<String, String>,
    /// Seconds by check, which belong to the walk itself.
    #[serde(skip)]
    pub(crate) seconds: BTreeMap<String, f64>,
    /// Seconds by revision and what was done.
    #[serde(skip)]
    pub(crate) by_revision: BTreeMap<String, BTreeMap<String, f64>>,
}

/// What came of one check.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Decided {
    id: String,
    outcome: Outcome,
    at: Option<(PathBuf, u32)>,
}

impl Decided {
    pub(crate) fn of(id: &str, judged: Judged) -> Self {
        let at = judged.at.map(|at| (at.path, at.line));
        Self { id: id.to_owned(), outcome: judged.outcome, at }
    }

    pub(crate) fn judged(&self) -> Judged {
        let at = self.at.as_ref().map(|(path, line)| Location::of_line(path, *line));
        Judged { outcome: self.outcome.clone(), at }
    }
}

/// The place of a walk among those that are kept.
pub(crate) struct Place {
    kept: ResultCache,
    key: StateKey,
}

impl Place {
    /// That of the walk `walks` for the `selected` checks; `None` where it is not kept.
    pub(crate) async fn of(
        subject: &Subject,
        options: &Options,
        selected: &[&PlannedCheck],
        walks: &[Walk],
    ) -> Option<Self> {
        // Without a server it is done at once.
        if walks.is_empty() {
            return None;
        }
        let kept = ResultCache::of(&options.request).await?;
        let key = kept.key(parts(subject, options, selected)?);
        Some(Self { kept, key })
    }

    /// What an earlier run came to.
    pub(crate) fn earlier(&self, selected: &[&PlannedCheck]) -> Option<EarlierResult<Walked>> {
        let earlier: EarlierResult<Walked> = self.kept.get(&self.key)?;
        let ids = earlier.value.outcomes.iter().map(|decided| decided.id.as_str());
        let whole = ids.eq(selected.iter().map(|entry| entry.check.id.as_str())) && keeps(&earlier.value, selected);
        whole.then_some(earlier)
    }

    /// Keeps what this run came to, where its inputs are still what they were when it began.
    pub(crate) fn keep(&self, walked: &Walked, subject: &Subject, options: &Options, selected: &[&PlannedCheck]) {
        let same = || parts(subject, options, selected).is_some_and(|parts| self.kept.key(parts) == self.key);
        if keeps(walked, selected) && same() {
            self.kept.put(&self.key, walked);
        }
    }
}

/// Whether every check passed, but for those that were not to be tried.
fn keeps(walked: &Walked, selected: &[&PlannedCheck]) -> bool {
    let passed = |(decided, entry): (&Decided, &&PlannedCheck)| {
        decided.outcome.status == if entry.check.skip.is_some() { Status::Skipped } else { Status::Passed }
    };
    walked.outcomes.len() == selected.len() && walked.outcomes.iter().zip(selected).all(passed)
}

/// All that decides what the walk comes to. The day is part of it: what a chain does may hang on the clock or on chance, and
/// then yesterday's result says little of today's.
fn parts(subject: &Subject, options: &Options, selected: &[&PlannedCheck]) -> Option<Vec<Vec<u8>>> {
    let mut parts: Vec<Vec<u8>> = vec![b"chain".to_vec(), options.today.clone().into(), subject.name.clone().into()];
    parts.push(subject.chain.inputs()?.into());
    parts.push(format!("{:?}", subject.lock).into());
    for (position, seed) in &subject.seeds {
        let place = format!("seed at {position} {}", seed.path.display());
        parts.extend([place.into_bytes(), seed.source.as_bytes().to_vec()]);
    }
    for entry in selected {
        let check = &entry.check;
        parts.push(format!("{} {:?} {:?}", check.id, check.skip, check.at).into());
    }
    Some(parts)
}
