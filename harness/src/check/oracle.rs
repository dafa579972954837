//! Unique keys over the rows of all tenants: the error of a taken one tells that a row is there, which the actor does not
//! see (PostgreSQL docs, "Row Security Policies": unique constraints are not held to row security).

use super::outcome::Outcome;
use super::trial::{Trial, class_name};
use super::unit::{Running, Task};
use crate::judge::classify::Class;
use crate::judge::error::ServerError;
use crate::report::record::Evidence;
use crate::run::worker::{Tried, Trouble, Worker};
use crate::sql::Sql;

/// An own row with the key of a row of others.
#[derive(Debug)]
pub struct Met {
    /// Name of the unique index.
    pub key: String,
    /// The columns that it reads.
    pub columns: String,
    /// The statement.
    pub sql: Sql,
}

/// Own rows that must not be told from those with a free key.
#[derive(Debug)]
pub struct Oracle {
    /// Who and where.
    pub trial: Trial,
    /// In order.
    pub met: Vec<Met>,
    /// The own row with a key of its own, which the actor may insert.
    pub control: Sql,
}

impl Task for Oracle {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move {
            vec![match self.decide(worker).await {
                Ok(outcome) => outcome,
                Err(trouble) => Outcome::troubled(&trouble, self.evidence(&self.control, "nothing")),
            }]
        })
    }
}

impl Oracle {
    fn evidence(&self, sql: &Sql, got: impl Into<String>) -> Evidence {
        self.trial.evidence(sql.shown(), "no answer that tells of a row which the actor does not see", got)
    }

    async fn write(&self, worker: &mut Worker, sql: &Sql) -> Result<Tried, Trouble> {
        worker.statements(&self.trial.identity, &[], &[sql.run().to_owned()]).await
    }

    async fn decide(&self, worker: &mut Worker) -> Result<Outcome, Trouble> {
        let basis = worker.basis.clone();
        if let Err(error) = self.write(worker, &self.control).await?
            && self.trial.class(&basis, &error) != Class::PastPolicy
        {
            let verdict = "the control is not accepted, so the refusal beside it would prove nothing";
            return Ok(Outcome::error(verdict, self.evidence(&self.control, error.line())));
        }
        let mut said: Vec<String> = Vec::new();
        for met in &self.met {
            let Err(error) = self.write(worker, &met.sql).await? else {
                said.push(format!("{}: accepted beside it", met.key));
                continue;
            };
            let class = self.trial.class(&basis, &error);
            let evidence = self.evidence(&met.sql, error.line());
            match class {
                Class::PastPolicy if self.is_of(met, &error) => return Ok(told(met, evidence)),
                Class::RefusedByPolicy | Class::RefusedByPrivilege | Class::RefusedByCheckOption | Class::Raised => {
                    said.push(format!("{}: {}", met.key, class_name(&class)));
                }
                _ => {
                    let verdict =
                        format!("no verdict on `{}`: {}; give the relation `insert_with`", met.key, class_name(&class));
                    return Ok(Outcome::error(verdict, evidence));
                }
            }
        }
        let sql: Vec<String> = self.met.iter().map(|met| met.sql.shown().to_owned()).collect();
        let evidence = Evidence { sql, ..self.evidence(&self.control, said.join(", ")) };
        Ok(Outcome::passed("no key tells of a row of others", evidence))
    }

    /// Whether it is this key's error; that of a partition has a name of its own.
    fn is_of(&self, met: &Met, error: &ServerError) -> bool {
        let of_another = error.table.as_ref().is_some_and(|table| *table != self.trial.relation);
        error.code == "23505" && (of_another || error.constraint.as_ref() == Some(&met.key))
    }
}

fn told(met: &Met, mut evidence: Evidence) -> Outcome {
    evidence.notes.push("a unique constraint is not held to row security".to_owned());
    evidence.notes.push("the tenant in the key ends it; if it is meant: a known exception, with the reason".to_owned());
    Outcome::failed(format!("`{}` ({}) tells that a row of others is there", met.key, met.columns), evidence)
}
