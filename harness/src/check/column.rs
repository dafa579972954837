//! Columns that a cell does not name: each is tried, and must be refused by privilege.

use super::outcome::Outcome;
use super::trial::{Trial, class_name};
use super::unit::{Running, Task};
use crate::judge::classify::Class;
use crate::run::worker::Worker;

/// One column that is not granted.
#[derive(Debug)]
pub struct Column {
    /// Who and where.
    pub trial: Trial,
    /// The column.
    pub column: String,
    /// A statement that needs the privilege on this column and on nothing else.
    pub sql: String,
}

impl Task for Column {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move {
            let basis = worker.basis.clone();
            let tried = worker.read(&self.trial.identity, &self.sql).await;
            let expected = format!("refused by privilege; granted: {}", self.trial.granted);
            let tried = match tried {
                Ok(tried) => tried,
                Err(trouble) => {
                    return vec![Outcome::troubled(&trouble, self.trial.evidence(&self.sql, expected, "nothing"))];
                }
            };
            let outcome = match tried {
                Ok(result) => Outcome::failed(
                    format!("column `{}` can be reached", self.column),
                    self.trial.evidence(&self.sql, expected, format!("{} rows", result.affected)),
                ),
                Err(error) => {
                    let class = self.trial.class(&basis, &error);
                    let evidence = self.trial.evidence(&self.sql, expected, error.line());
                    match class {
                        Class::RefusedByPrivilege => Outcome::passed(class_name(&class), evidence),
                        Class::RefusedByPolicy | Class::PastPolicy => Outcome::failed(
                            format!("column `{}` is held: {}", self.column, class_name(&class)),
                            evidence,
                        ),
                        _ => Outcome::error(format!("no verdict: {}", class_name(&class)), evidence),
                    }
                }
            };
            vec![outcome]
        })
    }
}
