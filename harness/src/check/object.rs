//! Commands without rows: TRUNCATE, REFERENCES, TRIGGER, and those of sequences. Privileges alone decide.

use super::outcome::Outcome;
use super::trial::{Trial, class_name};
use super::unit::{Running, Task};
use crate::judge::classify::Class;
use crate::run::worker::Worker;

/// A statement that a privilege decides.
#[derive(Debug)]
pub struct Object {
    /// Who and where.
    pub trial: Trial,
    /// Run before, as the witness role.
    pub setup: Vec<String>,
    /// The statement.
    pub sql: String,
    /// Whether it must be allowed.
    pub granted: bool,
}

impl Task for Object {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move {
            let basis = worker.basis.clone();
            let expected = if self.granted { "allowed" } else { "refused by privilege" };
            let expected = format!("{expected}; granted: {}", self.trial.granted);
            let tried =
                match worker.statements(&self.trial.identity, &self.setup, std::slice::from_ref(&self.sql)).await {
                    Ok(tried) => tried,
                    Err(trouble) => {
                        return vec![Outcome::troubled(&trouble, self.trial.evidence(&self.sql, expected, "nothing"))];
                    }
                };
            let (got, class) = match &tried {
                Ok(_) => ("allowed".to_owned(), None),
                Err(error) => (error.line(), Some(self.trial.class(&basis, error))),
            };
            let evidence = self.trial.evidence(&self.sql, expected, got);
            vec![match (self.granted, class) {
                (true, None) => Outcome::passed("allowed", evidence),
                (true, Some(Class::PastPolicy)) => Outcome::passed("allowed, stopped by a foreign key only", evidence),
                (false, Some(Class::RefusedByPrivilege)) => Outcome::passed("refused by privilege", evidence),
                (false, None) => Outcome::failed(format!("{} is allowed", self.trial.command), evidence),
                (false, Some(Class::PastPolicy)) => Outcome::failed(
                    format!("{} is held, and stopped by a foreign key only", self.trial.command),
                    evidence,
                ),
                (true, Some(class @ (Class::RefusedByPrivilege | Class::Raised))) => {
                    Outcome::failed(format!("{}, though the contract grants it", class_name(&class)), evidence)
                }
                (_, Some(class)) => Outcome::error(format!("no verdict: {}", class_name(&class)), evidence),
            }]
        })
    }
}
