//! Foreign keys of own rows: the check of one is not held to row security (PostgreSQL docs, "Row Security Policies":
//! referential integrity checks bypass it), so an own row may be made to point at a row that the actor cannot see.

use std::collections::BTreeSet;

use super::outcome::Outcome;
use super::trial::{Trial, class_name, watching};
use super::unit::{Running, Task};
use crate::judge::classify::Class;
use crate::judge::effect::Key;
use crate::report::record::Evidence;
use crate::run::worker::{Trouble, Worker};
use crate::sql::Sql;

/// An own row pointed at a row of others.
#[derive(Debug)]
pub struct References {
    /// Who and where.
    pub trial: Trial,
    /// The foreign key's column.
    pub column: String,
    /// What it points at, in words.
    pub parent: String,
    /// The statement.
    pub sql: Sql,
    /// Whether the new row points there: a trigger may have rewritten it.
    pub points: String,
    /// The same with a row that the actor sees, which must be accepted.
    pub control: Sql,
}

impl Task for References {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move {
            vec![match self.decide(worker).await {
                Ok(outcome) => outcome,
                Err(trouble) => Outcome::troubled(&trouble, self.evidence(&self.sql, "nothing")),
            }]
        })
    }
}

impl References {
    fn evidence(&self, sql: &Sql, got: impl Into<String>) -> Evidence {
        let expected = format!("refused: {} is not among what the actor sees", self.parent);
        self.trial.evidence(sql.shown(), expected, got)
    }

    /// How many rows the statement left there, and how many of them point at the row of others.
    async fn rows(&self, worker: &mut Worker, sql: &Sql) -> Result<Result<(usize, usize), (Class, String)>, Trouble> {
        let basis = worker.basis.clone();
        let oid = self.trial.relation(&basis).map(|relation| relation.oid).unwrap_or_default();
        let predicates = watching(oid, vec![self.points.clone()]);
        let written = worker.write(&self.trial.identity, &[], sql.run(), &predicates).await?;
        Ok(match written.result {
            Ok(_) => {
                let effect = written.effects.get(&oid).cloned().unwrap_or_default();
                let all = || effect.inserted.iter().chain(&effect.updated);
                let pointing: BTreeSet<&Key> =
                    all().filter(|(_, holds)| holds.first() == Some(&true)).map(|(key, _)| key).collect();
                Ok((all().count(), pointing.len()))
            }
            Err(error) => {
                // The schema's own guard: a foreign key over the tenant as well, or a CHECK.
                let guarded = matches!(error.code.as_str(), "23503" | "23514");
                let class = self.trial.class(&basis, &error);
                let class = if class == Class::PastPolicy && !guarded { Class::Undecided } else { class };
                Err((class, error.line()))
            }
        })
    }

    async fn decide(&self, worker: &mut Worker) -> Result<Outcome, Trouble> {
        match self.rows(worker, &self.control).await? {
            Ok((0, _)) => {
                let evidence = self.evidence(&self.control, "no row");
                return Ok(Outcome::error("the control touches no row, so nothing beside it would prove", evidence));
            }
            Ok(_) => {}
            Err((_, line)) => {
                let verdict = "the control is not accepted, so a refusal beside it would prove nothing";
                return Ok(Outcome::error(verdict, self.evidence(&self.control, line)));
            }
        }
        let mut outcome = match self.rows(worker, &self.sql).await? {
            Ok((_, 0)) => Outcome::passed("not pointed there by the schema", self.evidence(&self.sql, "accepted")),
            Ok(_) => {
                let mut evidence = self.evidence(&self.sql, "accepted");
                evidence.notes.push("the check of a foreign key is not held to row security".to_owned());
                evidence.notes.push("if that is meant: a known exception, with the reason".to_owned());
                return Ok(Outcome::failed(
                    format!("`{}` of an own row can point at {}", self.column, self.parent),
                    evidence,
                ));
            }
            Err((Class::PastPolicy, line)) => {
                Outcome::passed("stopped by a constraint of the schema", self.evidence(&self.sql, line))
            }
            Err((class @ (Class::Other | Class::Undecided | Class::PrivilegeElsewhere), line)) => {
                Outcome::error(format!("no verdict: {}", class_name(&class)), self.evidence(&self.sql, line))
            }
            Err((class, line)) => Outcome::passed(class_name(&class), self.evidence(&self.sql, line)),
        };
        if outcome.status == crate::report::record::Status::Passed {
            outcome.evidence.witness = "the same with a row that the actor sees is accepted".to_owned();
        }
        Ok(outcome)
    }
}
