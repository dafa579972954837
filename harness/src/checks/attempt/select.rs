//! Reads: the visible keys are exactly those that the contract grants. One statement decides both probes.

use std::collections::BTreeSet;

use crate::check::outcome::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::attempt::access::{Access, class_name, rows};
use crate::judge::classify::ErrorClass;
use crate::judge::effect::{Baseline, RowKey, key_of, show_keys};
use crate::pg::session::ResultSet;
use crate::session::Worker;
use crate::sql::quote::ident;
use crate::world::World;

/// A read of a whole relation.
#[derive(Debug)]
pub(crate) struct Select {
    /// Who and where.
    pub access: Access,
    /// What must be seen.
    pub granted: BTreeSet<RowKey>,
    /// Whether there is a check of what must be seen, and one of what must not, in this order.
    pub probes: Vec<Probe>,
}

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    /// All that is granted is seen.
    Granted,
    /// Nothing else is.
    Withheld,
}

impl Task for Select {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let world = worker.world.clone();
            let statement = statement(&world, &self.access);
            let tried = match worker.read(&self.access.identity, &statement.sql).await {
                Ok(attempt) => attempt.result,
                Err(failure) => {
                    let evidence =
                        self.access.evidence(&statement.sql, format!("granted: {}", self.access.granted), "nothing");
                    return self.probes.iter().map(|_| Outcome::not_tried(&failure, evidence.clone())).collect();
                }
            };
            self.probes
                .iter()
                .map(|probe| match &tried {
                    Ok(result) => self.judge(&world, *probe, &statement, result),
                    Err(error) => {
                        let class = self.access.class(&world, error);
                        let evidence = self.access.evidence(
                            &statement.sql,
                            format!("granted: {}", self.access.granted),
                            error.line(),
                        );
                        stopped(*probe, &class, evidence)
                    }
                })
                .collect()
        })
    }
}

/// A read, and what tells its rows.
#[derive(Debug)]
pub(crate) struct ReadStatement {
    pub(crate) sql: String,
    /// Whether the columns are the key; else they are all that the actor may read.
    shows_keys: bool,
    columns: Vec<String>,
}

/// The key, where the actor holds SELECT on it; else every column that it holds; else `1`, for which any suffices.
pub(crate) fn statement(world: &World, access: &Access) -> ReadStatement {
    let from = |list: &[String]| {
        let list = if list.is_empty() { "1".to_owned() } else { list.join(", ") };
        format!("SELECT {list} FROM {}", access.relation.sql())
    };
    let Some(relation) = access.relation(world) else {
        return ReadStatement { sql: from(&[]), shows_keys: false, columns: Vec::new() };
    };
    let held = world.held(access.identity.effective_role(), relation);
    let (names, exprs) = key_of(relation);
    let whole = held.is_some_and(|held| held.table.contains("select"));
    let reads = |name: &String| whole || held.is_some_and(|held| held.holds_column("select", name));
    if !exprs.is_empty() && (whole || names.iter().all(reads)) {
        return ReadStatement { sql: from(&exprs), shows_keys: true, columns: names };
    }
    let columns: Vec<String> = relation.columns.iter().map(|column| column.name.clone()).filter(reads).collect();
    let list: Vec<String> = columns.iter().map(|name| ident(name)).collect();
    ReadStatement { sql: from(&list), shows_keys: false, columns }
}

impl ReadStatement {
    /// The rows of the seed that were seen. Without the key they are told by what was read of them: the second value
    /// says that a granted row and another's look the same there, so that nothing is told.
    pub(crate) fn seen(
        &self,
        baseline: &Baseline,
        granted: &BTreeSet<RowKey>,
        result: &ResultSet,
    ) -> (BTreeSet<RowKey>, bool) {
        if self.shows_keys {
            return (keys_of(result), false);
        }
        let mut seen = BTreeSet::new();
        let mut unclear = false;
        for row in &result.rows {
            let like = |key: &&RowKey| {
                let values = self.columns.iter().map(|column| baseline.value(key, column));
                !seen.contains(*key) && values.zip(row).all(|(stored, got)| stored == Some(got))
            };
            let alike: Vec<&RowKey> = baseline.rows.keys().filter(like).collect();
            let own = alike.iter().filter(|key| granted.contains(**key)).count();
            unclear |= self.columns.is_empty() || (own > 0 && own < alike.len());
            let first = alike.iter().find(|key| granted.contains(**key)).or(alike.first()).map(|key| (*key).clone());
            seen.extend(first);
        }
        (seen, unclear)
    }
}

/// The keys that a read showed.
pub(crate) fn keys_of(result: &ResultSet) -> BTreeSet<RowKey> {
    result.rows.iter().map(|row| row.iter().map(|grant| grant.clone().unwrap_or_default()).collect()).collect()
}

impl Select {
    fn judge(&self, world: &World, probe: Probe, statement: &ReadStatement, result: &ResultSet) -> Outcome {
        let baseline = self.access.relation(world).and_then(|relation| world.baseline(relation));
        let Some(baseline) = baseline else {
            return Outcome::error("the seed was not read", self.access.evidence(&statement.sql, "", ""));
        };
        let (seen, unclear) = statement.seen(baseline, &self.granted, result);
        if unclear {
            let got = format!("{} returned", rows(result.rows.len()));
            return Outcome::error(
                "what the actor may read does not tell granted rows from others: let rows of the seed differ there",
                self.access.evidence(&statement.sql, format!("granted: {}", self.access.granted), got),
            );
        }
        match probe {
            Probe::Granted => self.judge_granted(baseline, statement, &seen),
            Probe::Withheld => self.judge_withheld(world, baseline, statement, &seen, result.rows.len()),
        }
    }

    fn judge_granted(&self, baseline: &Baseline, statement: &ReadStatement, seen: &BTreeSet<RowKey>) -> Outcome {
        let missing: Vec<&RowKey> = self.granted.difference(seen).collect();
        let total = self.granted.len();
        let got = format!("{} of {} granted seen", total - missing.len(), rows(total));
        let mut evidence =
            self.access.evidence(&statement.sql, format!("all that is granted: {}", self.access.granted), got);
        if total == 0 {
            return Outcome::error("no granted row on the seed: it proves nothing", evidence);
        }
        if missing.is_empty() {
            return Outcome::passed(format!("sees all {} granted", rows(total)), evidence);
        }
        evidence.notes.push(format!("not seen: {}", show_keys(baseline, missing.iter().copied())));
        Outcome::failed(format!("does not see {} of {total} granted", rows(missing.len())), evidence)
    }

    fn judge_withheld(
        &self,
        world: &World,
        baseline: &Baseline,
        statement: &ReadStatement,
        seen: &BTreeSet<RowKey>,
        returned: usize,
    ) -> Outcome {
        let others = baseline.rows.keys().filter(|key| !self.granted.contains(*key)).count();
        let (leaked, unknown): (Vec<&RowKey>, Vec<&RowKey>) =
            seen.difference(&self.granted).partition(|key| baseline.rows.contains_key(*key));
        let got = format!("{} returned, {} of others among them", rows(returned), leaked.len());
        if !leaked.is_empty() {
            let mut evidence = self.access.evidence_of_leak(world, &statement.sql, got);
            evidence.notes.insert(0, format!("seen: {}", show_keys(baseline, leaked.iter().copied())));
            return Outcome::failed(format!("sees {} of {others} of others", rows(leaked.len())), evidence);
        }
        let mut evidence =
            self.access.evidence(&statement.sql, format!("only what is granted: {}", self.access.granted), got);
        if !unknown.is_empty() {
            let n = rows(unknown.len());
            let verdict = format!("no verdict: sees {n} that the witness role, who has no context, does not see there");
            return Outcome::error(verdict, evidence);
        }
        if others == 0 {
            return Outcome::error("no row of others on the seed: it proves nothing", evidence);
        }
        evidence.witness = format!("the witness role sees {} of others there", rows(others));
        Outcome::passed(format!("filtered: none of {} of others is seen", rows(others)), evidence)
    }
}

pub(crate) fn stopped(probe: Probe, class: &ErrorClass, evidence: crate::report::record::Evidence) -> Outcome {
    match (probe, class) {
        (Probe::Withheld, ErrorClass::RefusedByPrivilege | ErrorClass::ContextError) => {
            Outcome::passed(class_name(class), evidence)
        }
        (Probe::Granted, ErrorClass::RefusedByPrivilege | ErrorClass::RefusedByPolicy | ErrorClass::Raised) => {
            Outcome::failed(format!("{}, though the contract grants it", class_name(class)), evidence)
        }
        _ => Outcome::error(format!("no verdict: {}", class_name(class)), evidence),
    }
}
