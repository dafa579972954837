//! Functions: who may call them, and on whose rows they act.

use std::collections::{BTreeMap, BTreeSet};

use super::outcome::Outcome;
use super::trial::{Trial, class_name, rows, watching};
use super::unit::{Running, Task};
use crate::catalog::FunctionName;
use crate::judge::classify::{Class, Probed, classify};
use crate::judge::effect::{Key, show_keys};
use crate::judge::error::ServerError;
use crate::plan::basis::Basis;
use crate::report::record::Evidence;
use crate::run::worker::{Trouble, Worker};

/// One call.
#[derive(Debug)]
pub struct Execute {
    /// Who.
    pub identity: crate::actor::Identity,
    /// What.
    pub function: FunctionName,
    /// Its oid.
    pub oid: u32,
    /// The call.
    pub sql: String,
    /// Whether it must be allowed.
    pub granted: bool,
}

impl Task for Execute {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move {
            let basis = worker.basis.clone();
            let expected = if self.granted { "may be executed" } else { "refused by privilege" };
            let mut evidence = Evidence {
                context: self.identity.describe(),
                sql: vec![self.sql.clone()],
                expected: expected.to_owned(),
                ..Evidence::default()
            };
            let tried = match worker.generated(&self.identity, &[], &self.sql).await {
                Ok(tried) => tried,
                Err(trouble) => return vec![Outcome::troubled(&trouble, evidence)],
            };
            let class = tried.as_ref().err().map(|error| class_of(&basis, &self.identity, self.oid, error));
            evidence.got = tried.as_ref().err().map_or_else(|| "executed".to_owned(), ServerError::line);
            // Anything but the refusal of EXECUTE comes from inside the function: it was executed.
            let refused = class == Some(Class::RefusedByPrivilege);
            vec![match (self.granted, refused, class) {
                (false, true, _) => Outcome::passed("refused by privilege", evidence),
                (true, true, _) => Outcome::failed("refused by privilege, though the contract grants it", evidence),
                (_, false, Some(class @ (Class::Other | Class::PrivilegeElsewhere))) => {
                    Outcome::error(format!("no verdict: {}", class_name(&class)), evidence)
                }
                (true, false, _) => Outcome::passed("may be executed", evidence),
                (false, false, _) => Outcome::failed(format!("{} can be executed", self.function), evidence),
            }]
        })
    }
}

fn class_of(basis: &Basis, identity: &crate::actor::Identity, oid: u32, error: &ServerError) -> Class {
    let held = basis.executable.get(identity.effective_role());
    let probed = Probed {
        catalog: &basis.catalog,
        relation: None,
        lacks_privilege: !held.is_some_and(|held| held.contains(&oid)),
        broken_context: false,
    };
    classify(error, &probed)
}

/// A function called with each key of a relation: it may change or return only rows of the caller's cell.
#[derive(Debug)]
pub struct ActsOn {
    /// Who, on which relation, for which command.
    pub trial: Trial,
    /// What.
    pub function: FunctionName,
    /// One call for each key.
    pub calls: BTreeMap<Key, String>,
    /// The caller's cell.
    pub may: BTreeSet<Key>,
}

impl Task for ActsOn {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move {
            let outcome = match self.call_all(worker).await {
                Ok(outcome) => outcome,
                Err(trouble) => Outcome::troubled(&trouble, self.evidence("nothing")),
            };
            vec![outcome]
        })
    }
}

impl ActsOn {
    fn evidence(&self, got: impl Into<String>) -> Evidence {
        let sql = self.calls.values().next().cloned().unwrap_or_default();
        self.trial.evidence(&sql, format!("acts only on what is granted: {}", self.trial.granted), got)
    }

    async fn call_all(&self, worker: &mut Worker) -> Result<Outcome, Trouble> {
        let basis = worker.basis.clone();
        let Some(relation) = self.trial.relation(&basis).cloned() else {
            return Ok(Outcome::error("the relation is gone", self.evidence("nothing")));
        };
        let baseline = basis.baseline(&relation).cloned().unwrap_or_default();
        let (mut leaked, mut reached) = (BTreeSet::new(), BTreeSet::new());
        for sql in self.calls.values() {
            let written = worker.write(&self.trial.identity, &[], sql, &watching(relation.oid, Vec::new())).await?;
            if let Some(foreign) = self.trial.foreign_effects(&basis, &written) {
                let evidence = self.trial.evidence(sql, "rows of others left alone", foreign.clone());
                return Ok(Outcome::failed(format!("changed beside it: {foreign}"), evidence));
            }
            if let Err(error) = &written.result
                && self.trial.class(&basis, error) == Class::Other
            {
                return Ok(Outcome::error(format!("no verdict: {}", error.line()), self.evidence(error.line())));
            }
            let mut touched: BTreeSet<Key> =
                written.effects.get(&relation.oid).into_iter().flat_map(|effect| effect.touched().cloned()).collect();
            if let Ok(result) = &written.result {
                touched.extend(returned(&baseline.key, result));
            }
            for key in touched {
                if self.may.contains(&key) {
                    reached.insert(key)
                } else {
                    leaked.insert(key)
                };
            }
        }
        let got = format!("reached {}, {} of others", rows(reached.len() + leaked.len()), leaked.len());
        let mut evidence = self.evidence(got);
        if !leaked.is_empty() {
            evidence.notes.push(format!("reached: {}", show_keys(&baseline, &leaked)));
            return Ok(Outcome::failed(
                format!("{} acts on {} of others", self.function, rows(leaked.len())),
                evidence,
            ));
        }
        if self.calls.len() == self.may.len() {
            return Ok(Outcome::error("no row of others on the seed: it proves nothing", evidence));
        }
        if reached.is_empty() && !self.may.is_empty() {
            return Ok(Outcome::error("vacuous: it acts on none of the caller's own rows either", evidence));
        }
        evidence.witness = format!("called with each of {} keys", self.calls.len());
        Ok(Outcome::passed(format!("acts on {} of the caller only", rows(reached.len())), evidence))
    }
}

/// The keys among the returned rows, where all key columns are returned by name.
fn returned(key: &[String], result: &crate::run::session::ResultSet) -> Vec<Key> {
    let places: Option<Vec<usize>> =
        key.iter().map(|name| result.columns.iter().position(|column| column == name)).collect();
    let Some(places) = places.filter(|places| !places.is_empty()) else { return Vec::new() };
    result
        .rows
        .iter()
        .map(|row| places.iter().map(|n| row.get(*n).cloned().flatten().unwrap_or_default()).collect())
        .collect()
}
