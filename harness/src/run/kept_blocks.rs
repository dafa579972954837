//! Fidelity blocks of which an earlier run measured the very same: its outcomes, instead of the revision run again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::check::task::{OutcomesFuture, Task};
use crate::check::unit::Work;
use crate::check::{Options, Outcome, Unit};
use crate::fidelity::planned::PlannedBlock;
use crate::instance::{ResultCache, StateKey};
use crate::report::record::Status;
use crate::session::Worker;
use crate::suite::Suite;

/// The blocks of a suite.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    /// Those that this run tries, and may keep.
    tried: Vec<TriedBlock>,
    /// Those of an earlier run: what the ids of their checks begin with, and when it was.
    earlier: BTreeMap<String, String>,
}

/// A block that is tried.
#[derive(Debug)]
struct TriedBlock {
    kept: ResultCache,
    key: StateKey,
    /// Its position among the planned migrations.
    position: usize,
    ids: BTreeSet<String>,
}

/// What came of the checks of a block, by id.
#[derive(Debug, Serialize, Deserialize)]
struct Outcomes(BTreeMap<String, Outcome>);

/// Outcomes that are known before anything is tried.
#[derive(Debug)]
struct KeptOutcomes(Vec<Outcome>);

impl Task for KeptOutcomes {
    fn run<'a>(&'a self, _: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async { self.0.clone() })
    }
}

impl Blocks {
    /// Looks for each block of `suite`, and puts what an earlier run measured in the place of its `units`.
    pub(crate) fn of(
        suite: &Suite,
        migrations: &[PlannedBlock],
        kept: Option<&ResultCache>,
        options: &Options,
        units: &mut [Unit],
    ) -> Self {
        let mut blocks = Self::default();
        let Some(kept) = kept else { return blocks };
        for (position, planned) in migrations.iter().enumerate() {
            let prefix = planned.prefix(suite);
            let mut own: Vec<&mut Unit> = units.iter_mut().filter(|unit| is_of(unit, &prefix)).collect();
            let ids: BTreeSet<String> =
                own.iter().flat_map(|unit| unit.checks.iter().map(|check| check.id.clone())).collect();
            let Some(key) = key(kept, planned, &ids, options).filter(|_| !ids.is_empty()) else { continue };
            let earlier = kept.get::<Outcomes>(&key).filter(|earlier| holds(&earlier.value.0, &ids));
            let Some(earlier) = earlier else {
                blocks.tried.push(TriedBlock { kept: kept.clone(), key, position, ids });
                continue;
            };
            let outcomes = earlier.value.0;
            for unit in &mut own {
                let known = unit.checks.iter().filter_map(|check| outcomes.get(&check.id).cloned()).collect();
                unit.work = Work::Trying(Box::new(KeptOutcomes(known)));
            }
            blocks.earlier.insert(prefix, earlier.measured);
        }
        blocks
    }

    /// Those of an earlier run: what the ids of their checks begin with, and when it was.
    pub(crate) const fn earlier(&self) -> &BTreeMap<String, String> {
        &self.earlier
    }

    /// Whether the check's outcome may be kept.
    pub(crate) fn may_keep(&self, id: &str) -> bool {
        self.tried.iter().any(|tried| tried.ids.contains(id))
    }

    /// Keeps each block of which every check passed, where its inputs are still what they were when it began.
    pub(crate) fn keep(&self, migrations: &[PlannedBlock], options: &Options, outcomes: &BTreeMap<String, Outcome>) {
        for TriedBlock { kept, key: begun, position, ids } in &self.tried {
            let own = outcomes.iter().filter(|(id, _)| ids.contains(*id));
            let own: BTreeMap<String, Outcome> = own.map(|(id, outcome)| (id.clone(), outcome.clone())).collect();
            let planned = migrations.get(*position);
            let same = || planned.and_then(|planned| key(kept, planned, ids, options)).as_ref() == Some(begun);
            if holds(&own, ids) && same() {
                kept.put(begun, &Outcomes(own));
            }
        }
    }
}

/// Whether each of these checks passed, and no other is among them.
fn holds(outcomes: &BTreeMap<String, Outcome>, ids: &BTreeSet<String>) -> bool {
    outcomes.keys().eq(ids) && outcomes.values().all(|outcome| outcome.status == Status::Passed)
}

fn is_of(unit: &Unit, prefix: &str) -> bool {
    let of = |id: &str| id.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    unit.checks.first().is_some_and(|check| of(&check.id))
}

/// The name of what is kept of a block. The day is part of it: what a revision does may hang on the clock or on chance, and
/// then yesterday's result says little of today's.
fn key(kept: &ResultCache, planned: &PlannedBlock, ids: &BTreeSet<String>, options: &Options) -> Option<StateKey> {
    let parts = planned.inputs().ok().flatten()?;
    let fixed = ["fidelity block", options.today.as_str()].map(|part| part.as_bytes().to_vec());
    let ids = ids.iter().map(|id| id.as_bytes().to_vec());
    Some(kept.key(fixed.into_iter().chain(parts).chain(ids)))
}
