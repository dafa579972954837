//! Reads: the visible keys are exactly those that the contract grants. One statement decides both probes.

use std::collections::BTreeSet;

use super::outcome::Outcome;
use super::trial::{Trial, class_name, rows};
use super::unit::{Running, Task};
use crate::judge::classify::Class;
use crate::judge::effect::{Baseline, Key, key_of, show_keys};
use crate::plan::basis::Basis;
use crate::run::session::ResultSet;
use crate::run::worker::Worker;

/// A read of a whole relation.
#[derive(Debug)]
pub struct Select {
    /// Who and where.
    pub trial: Trial,
    /// What must be seen.
    pub granted: BTreeSet<Key>,
    /// Whether there is a check of what must be seen, and one of what must not, in this order.
    pub probes: Vec<Probe>,
}

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// All that is granted is seen.
    Granted,
    /// Nothing else is.
    Withheld,
}

impl Task for Select {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move {
            let basis = worker.basis.clone();
            let statement = statement(&basis, &self.trial);
            let tried = match worker.read(&self.trial.identity, &statement.sql).await {
                Ok(tried) => tried,
                Err(trouble) => {
                    let evidence =
                        self.trial.evidence(&statement.sql, format!("granted: {}", self.trial.granted), "nothing");
                    return self.probes.iter().map(|_| Outcome::troubled(&trouble, evidence.clone())).collect();
                }
            };
            self.probes
                .iter()
                .map(|probe| match &tried {
                    Ok(result) => self.judge(&basis, *probe, &statement, result),
                    Err(error) => {
                        let class = self.trial.class(&basis, error);
                        let evidence = self.trial.evidence(
                            &statement.sql,
                            format!("granted: {}", self.trial.granted),
                            error.line(),
                        );
                        stopped(*probe, &class, evidence)
                    }
                })
                .collect()
        })
    }
}

/// A read, and whether it shows keys or only how many rows there are.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) sql: String,
    pub(super) shows_keys: bool,
}

/// The keys, where the actor holds SELECT on them; else `1`, for which any column suffices.
pub(super) fn statement(basis: &Basis, trial: &Trial) -> Statement {
    let Some(relation) = trial.relation(basis) else {
        return Statement { sql: format!("SELECT 1 FROM {}", trial.relation.sql()), shows_keys: false };
    };
    let held = basis.held(trial.identity.effective_role(), relation);
    let (names, exprs) = key_of(relation);
    let readable = held.is_some_and(|held| {
        held.table.contains("select") || names.iter().all(|name| held.holds_column("select", name))
    });
    let list = if readable && !exprs.is_empty() { exprs.join(", ") } else { "1".to_owned() };
    Statement { sql: format!("SELECT {list} FROM {}", relation.name.sql()), shows_keys: readable && !exprs.is_empty() }
}

/// The keys that a read showed.
pub(super) fn keys_of(result: &ResultSet) -> BTreeSet<Key> {
    result.rows.iter().map(|row| row.iter().map(|cell| cell.clone().unwrap_or_default()).collect()).collect()
}

impl Select {
    fn judge(&self, basis: &Basis, probe: Probe, statement: &Statement, result: &ResultSet) -> Outcome {
        let baseline = self.trial.relation(basis).and_then(|relation| basis.baseline(relation));
        let Some(baseline) = baseline else {
            return Outcome::error("the seed was not read", self.trial.evidence(&statement.sql, "", ""));
        };
        let seen = if statement.shows_keys { keys_of(result) } else { self.assumed(baseline, result.rows.len()) };
        match probe {
            Probe::Granted => self.judge_granted(baseline, statement, &seen),
            Probe::Withheld => self.judge_withheld(basis, baseline, statement, &seen, result.rows.len()),
        }
    }

    /// Where only a number is known: as many of the granted rows first, then of the others.
    fn assumed(&self, baseline: &Baseline, n: usize) -> BTreeSet<Key> {
        let others = baseline.rows.keys().filter(|key| !self.granted.contains(*key));
        self.granted.iter().chain(others).take(n).cloned().collect()
    }

    fn judge_granted(&self, baseline: &Baseline, statement: &Statement, seen: &BTreeSet<Key>) -> Outcome {
        let missing: Vec<&Key> = self.granted.difference(seen).collect();
        let total = self.granted.len();
        let got = format!("{} of {} granted seen", total - missing.len(), rows(total));
        let mut evidence =
            self.trial.evidence(&statement.sql, format!("all that is granted: {}", self.trial.granted), got);
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
        basis: &Basis,
        baseline: &Baseline,
        statement: &Statement,
        seen: &BTreeSet<Key>,
        returned: usize,
    ) -> Outcome {
        let others = baseline.rows.keys().filter(|key| !self.granted.contains(*key)).count();
        let leaked: Vec<&Key> = seen.difference(&self.granted).collect();
        let got = format!("{} returned, {} of others among them", rows(returned), leaked.len());
        if !leaked.is_empty() {
            let mut evidence = self.trial.evidence_of_leak(basis, &statement.sql, got);
            evidence.notes.insert(0, format!("seen: {}", show_keys(baseline, leaked.iter().copied())));
            return Outcome::failed(format!("sees {} of {others} of others", rows(leaked.len())), evidence);
        }
        let mut evidence =
            self.trial.evidence(&statement.sql, format!("only what is granted: {}", self.trial.granted), got);
        if others == 0 {
            return Outcome::error("no row of others on the seed: it proves nothing", evidence);
        }
        evidence.witness = format!("the witness role sees {} of others there", rows(others));
        Outcome::passed(format!("filtered: none of {} of others is seen", rows(others)), evidence)
    }
}

pub(super) fn stopped(probe: Probe, class: &Class, evidence: crate::report::record::Evidence) -> Outcome {
    match (probe, class) {
        (Probe::Withheld, Class::RefusedByPrivilege | Class::ContextError) => {
            Outcome::passed(class_name(class), evidence)
        }
        (Probe::Granted, Class::RefusedByPrivilege | Class::RefusedByPolicy | Class::Raised) => {
            Outcome::failed(format!("{}, though the contract grants it", class_name(class)), evidence)
        }
        _ => Outcome::error(format!("no verdict: {}", class_name(class)), evidence),
    }
}
