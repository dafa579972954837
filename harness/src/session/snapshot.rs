//! The rows of relations after a statement, as the witness role sees them, compared with those of the seed.

use std::collections::BTreeMap;

use super::worker::Worker;
use crate::judge::effect::{self, Effect};
use crate::pg::batch::{Batch, BatchOutcome, Mark};

impl Worker {
    pub(crate) fn push_snapshots(&self, script: &mut Batch, oids: &[u32], predicates: &BTreeMap<u32, Vec<String>>) {
        for oid in oids {
            let Some(relation) = self.world.catalog.by_oid(*oid) else { continue };
            let list: Vec<&str> = predicates.get(oid).into_iter().flatten().map(String::as_str).collect();
            let sql = effect::snapshot_sql(relation, &list, false);
            let contexts = self.world.contexts(*oid);
            if contexts.is_empty() {
                script.push(Mark::Snapshot, &sql);
            }
            for context in contexts {
                script.push(Mark::Frame, context).push(Mark::Snapshot, &sql);
            }
        }
    }

    pub(crate) fn take_snapshots(
        &self,
        outcome: &BatchOutcome,
        oids: &[u32],
        predicates: &BTreeMap<u32, Vec<String>>,
        effects: &mut BTreeMap<u32, Effect>,
    ) {
        let mut results = outcome.all(Mark::Snapshot);
        for oid in oids {
            let Some(relation) = self.world.catalog.by_oid(*oid) else { continue };
            let asked = predicates.get(oid).map_or(0, Vec::len);
            let mut after = BTreeMap::new();
            for result in results.by_ref().take(self.world.contexts(*oid).len().max(1)) {
                effect::merge(&mut after, effect::read_snapshot(relation, asked, result));
            }
            let Some(before) = self.world.seed.get(oid) else { continue };
            let effect = effect::effect(before, after);
            if !effect.is_empty() {
                effects.insert(*oid, effect);
            }
        }
    }
}
