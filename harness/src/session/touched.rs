//! Which relations a statement wrote: those that its locks name, of which the counters tell that rows were written.
//!
//! Whatever writes a row of a relation, be it the statement, a trigger, a rule, a referential action, a function or the routing
//! of a partition, holds ROW EXCLUSIVE or a stronger lock on it to the end of the transaction (PostgreSQL docs, "Explicit
//! Locking"). A subtransaction that is rolled back gives up its locks, and with them all that it wrote. So the session's own
//! locks name every relation that can have been written, however many others there are. They also name some that were not: a
//! referential action that finds no row, partitions that were opened. The counters tell those apart where they were asked
//! before as well, since a session counts on from one transaction to the next; TRUNCATE counts no row, but puts another file
//! in place of the relation's. Where they were not read before, the relation counts as written: its rows are compared with those
//! of the seed, which tells exactly what was done to them, and costs more.

use std::collections::{BTreeMap, BTreeSet};

use crate::actor::Identity;
use crate::catalog::RelationKind;
use crate::world::World;

/// Locks of this session on relations that rows can be written under.
const LOCKED: &str = "SELECT relation FROM pg_catalog.pg_locks WHERE locktype = 'relation' AND pid = pg_catalog.pg_backend_pid() \
    AND mode IN ('RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', \
    'AccessExclusiveLock')";

/// What is known of the relations before a statement is tried, for a difference after it.
#[derive(Debug, Clone, Default)]
pub(super) struct Touched {
    /// Tables whose rows nobody compares: of these, only the counters say whether they were written.
    uncompared: BTreeSet<u32>,
    /// Tables that were locked by what was tried on a relation before, so that they are likely to be again.
    beside: BTreeMap<Vec<u32>, BTreeSet<u32>>,
}

impl Touched {
    /// For a session on which nothing was tried.
    pub(super) fn new(world: &World) -> Self {
        let tables = world.catalog.relations.values().filter(|relation| relation.kind == RelationKind::Table);
        let uncompared = tables.map(|table| table.oid).filter(|oid| compared_as(world, *oid).is_none()).collect();
        Self { uncompared, beside: BTreeMap::new() }
    }

    /// What is asked before the statement, as one value; nothing where nothing needs to be. `first` are the relations that
    /// the statement is about, whose rows are compared in any case.
    pub(super) fn before(&self, identity: &Identity, setup: &[String], first: &[u32]) -> String {
        let listed: Vec<String> =
            self.uncompared.iter().chain(self.beside.get(first).into_iter().flatten()).map(u32::to_string).collect();
        let listed = format!("SELECT pg_catalog.unnest('{{{}}}'::pg_catalog.oid[])", listed.join(","));
        // Only these can have written anything by now.
        let wrote = !setup.is_empty() || !identity.calls.is_empty();
        match (wrote, self.uncompared.is_empty() && !self.beside.contains_key(first)) {
            (true, _) => counters(&format!("{listed} UNION {LOCKED}")),
            (false, false) => counters(&listed),
            (false, true) => String::new(),
        }
    }

    /// The tables that were written between the two answers, of which `before` may be empty, and those of which it says nothing:
    /// it does the next time.
    pub(super) fn between(
        &mut self,
        world: &World,
        first: &[u32],
        before: Option<&str>,
        after: Option<&str>,
    ) -> BTreeSet<u32> {
        let (before, after) = (read(before), read(after));
        // A partitioned table stores no row itself.
        let stores =
            |oid: &u32| world.catalog.by_oid(*oid).is_some_and(|relation| relation.kind == RelationKind::Table);
        let locked: Vec<u32> = after.keys().copied().filter(stores).collect();
        let beside = |oid: &&u32| compared_as(world, **oid).is_some_and(|oid| !first.contains(&oid));
        let unknown: Vec<u32> = locked.iter().filter(beside).filter(|oid| !before.contains_key(oid)).copied().collect();
        if !unknown.is_empty() {
            self.beside.entry(first.to_vec()).or_default().extend(unknown);
        }
        locked.into_iter().filter(|oid| before.get(oid) != after.get(oid)).collect()
    }
}

/// What is asked after the statement, as one value.
pub(super) fn after() -> String {
    counters(&format!("{LOCKED} GROUP BY relation"))
}

/// The relation of the seed through which the rows of `oid` are compared: itself, or what it is a partition of.
pub(super) fn compared_as(world: &World, oid: u32) -> Option<u32> {
    let mut at = Some(oid);
    while let Some(oid) = at.filter(|oid| !world.seed.contains_key(oid)) {
        at = world.catalog.by_oid(oid).and_then(|relation| relation.parent);
    }
    at
}

/// `OID ROWS FILE,…` of the relations that a query names: rows that the session has written, and the file that holds them. Where
/// the database counts nothing (`track_counts`), the time stands beside them, so that whatever was locked is taken to be written.
fn counters(relations: &str) -> String {
    format!(
        "(SELECT pg_catalog.string_agg(pg_catalog.concat(o, ' ', pg_catalog.pg_stat_get_xact_tuples_inserted(o) \
         + pg_catalog.pg_stat_get_xact_tuples_updated(o) + pg_catalog.pg_stat_get_xact_tuples_deleted(o), ' ', \
         pg_catalog.pg_relation_filenode(o), CASE pg_catalog.current_setting('track_counts') \
         WHEN 'off' THEN ' ' || pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) END), ',') FROM ({relations}) AS s(o))"
    )
}

/// The same by relation.
fn read(answer: Option<&str>) -> BTreeMap<u32, &str> {
    let pairs = answer.unwrap_or_default().split(',').filter_map(|pair| pair.split_once(' '));
    pairs.filter_map(|(oid, counted)| Some((oid.parse().ok()?, counted))).collect()
}
