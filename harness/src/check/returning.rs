//! RETURNING: a write shows no row that a read would not.

use std::collections::BTreeSet;

use super::outcome::Outcome;
use super::select::keys_of;
use super::trial::{Trial, class_name, rows};
use super::unit::{Running, Task};
use crate::judge::classify::Class;
use crate::judge::effect::{Key, show_keys};
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
            let others = baseline.rows.keys().filter(|key| !self.granted.contains(*key)).count();
            let witness = format!("the witness role sees {} of others there", rows(others));
            vec![match worker.read(&self.trial.identity, self.sql.run()).await {
                Err(trouble) => Outcome::troubled(&trouble, self.trial.evidence(self.sql.shown(), expected, "nothing")),
                Ok(Ok(result)) => {
                    let seen = keys_of(&result);
                    let leaked: Vec<&Key> = seen.difference(&self.granted).collect();
                    let got = format!("{} returned, {} of others among them", rows(seen.len()), leaked.len());
                    if leaked.is_empty() {
                        let mut evidence = self.trial.evidence(self.sql.shown(), expected, got);
                        evidence.witness = witness;
                        Outcome::passed("returns no row of others", evidence)
                    } else {
                        let mut evidence = self.trial.evidence_of_leak(&basis, self.sql.shown(), got);
                        evidence.notes.insert(0, format!("returned: {}", show_keys(&baseline, leaked)));
                        Outcome::failed("returns rows of others", evidence)
                    }
                }
                Ok(Err(error)) => {
                    let class = self.trial.class(&basis, &error);
                    let mut evidence = self.trial.evidence(self.sql.shown(), expected, error.line());
                    evidence.witness = witness;
                    match class {
                        Class::RefusedByPolicy | Class::RefusedByPrivilege | Class::PastPolicy | Class::Raised => {
                            Outcome::passed(format!("returns nothing: {}", class_name(&class)), evidence)
                        }
                        _ => Outcome::error(format!("no verdict: {}", class_name(&class)), evidence),
                    }
                }
            }]
        })
    }
}
