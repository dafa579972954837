//! RETURNING: a write shows no row that a read would not.

use std::collections::BTreeSet;

use super::outcome::Outcome;
use super::select::keys_of;
use super::trial::{Trial, class_name, rows};
use super::unit::{Running, Task};
use crate::judge::classify::Class;
use crate::judge::effect::{Key, show_keys};
use crate::report::record::Evidence;
use crate::run::worker::Worker;
use crate::sql::Sql;

/// A write that returns the keys of what it touched.
#[derive(Debug)]
pub struct Returning {
    /// Who and where; the command is the read's.
    pub trial: Trial,
    /// The statement.
    pub sql: Sql,
    /// What may be seen.
    pub granted: BTreeSet<Key>,
}

impl Task for Returning {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move {
            let basis = worker.basis.clone();
            let expected = format!("returns only what is granted: {}", self.trial.granted);
            let baseline =
                self.trial.relation(&basis).and_then(|relation| basis.baseline(relation)).cloned().unwrap_or_default();
            vec![match worker.read(&self.trial.identity, self.sql.run()).await {
                Err(trouble) => Outcome::troubled(&trouble, self.trial.evidence(self.sql.shown(), expected, "nothing")),
                Ok(Ok(result)) => {
                    let seen = keys_of(&result);
                    let leaked: Vec<&Key> = seen.difference(&self.granted).collect();
                    let got = format!("{} returned, {} of others among them", rows(seen.len()), leaked.len());
                    if leaked.is_empty() {
                        let evidence = self.trial.evidence(self.sql.shown(), expected, got);
                        self.witnessed(worker, evidence, "returns no row of others").await
                    } else {
                        let mut evidence = self.trial.evidence_of_leak(&basis, self.sql.shown(), got);
                        evidence.notes.insert(0, format!("returned: {}", show_keys(&baseline, leaked)));
                        Outcome::failed("returns rows of others", evidence)
                    }
                }
                Ok(Err(error)) => {
                    let class = self.trial.class(&basis, &error);
                    let evidence = self.trial.evidence(self.sql.shown(), expected, error.line());
                    match class {
                        Class::RefusedByPrivilege => Outcome::passed(class_name(&class), evidence),
                        Class::RefusedByPolicy => self.witnessed(worker, evidence, class_name(&class)).await,
                        _ => Outcome::error(format!("no verdict: {}", class_name(&class)), evidence),
                    }
                }
            }]
        })
    }
}

impl Returning {
    /// Passed only if the same statement returns a row as the witness role.
    async fn witnessed(&self, worker: &mut Worker, mut evidence: Evidence, how: &str) -> Outcome {
        match worker.witness(self.sql.run()).await {
            Ok(Ok(result)) if !result.rows.is_empty() => {
                evidence.witness =
                    format!("the same statement returns {} as the witness role", rows(result.rows.len()));
                Outcome::passed(how, evidence)
            }
            Ok(_) => Outcome::error("vacuous: the same statement returns no row as the witness role either", evidence),
            Err(trouble) => Outcome::troubled(&trouble, evidence),
        }
    }
}
