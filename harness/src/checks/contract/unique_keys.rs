//! Rows that meet a row of others in a unique key: by ON CONFLICT, which may change that row, and without, where the
//! error tells that it is there.

use crate::catalog::{Column, Constraint, Relation, UniqueKey};
use crate::check::Unit;
use crate::check::outcome::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::attempt::access::{Access, class_name};
use crate::checks::attempt::cell::{Cell, NO_GRANTED};
use crate::checks::attempt::insert::Candidate;
use crate::checks::attempt::statement::{self, Copy};
use crate::checks::contract::insert::candidate;
use crate::judge::classify::ErrorClass;
use crate::judge::effect::RowKey;
use crate::pg::error::ServerError;
use crate::report::record::Evidence;
use crate::session::{AttemptError, StatementResult, Worker};
use crate::sql::Sql;
use crate::sql::quote::ident;
use crate::suite::resolved::Command;

/// Rows of others that are met in a key over a part of the rows: one may be outside of it.
const MET: usize = 2;

impl<'a> Cell<'a> {
    /// ON CONFLICT with the own tenant key and the unique key of a row of others.
    pub(crate) fn upserts(&self) -> Vec<Candidate> {
        let relation = self.entry.relation;
        let (Some(own), Some(baseline)) = (self.granted.first(), self.world.baseline(relation)) else {
            return Vec::new();
        };
        let update = Cell::of(self.world, self.entry, self.actor, Command::Update);
        // ON CONFLICT is refused where a rule rewrites INSERT or UPDATE (PostgreSQL docs, INSERT, "Notes").
        if relation.ruled || !self.held().is_some_and(|held| held.holds("insert") && held.holds("update")) {
            return Vec::new();
        }
        let only = update.grant.as_ref().and_then(|grant| grant.columns.as_ref());
        let Some((column, to)) = statement::assignment(relation, baseline, self.held(), only, Some(own)) else {
            return Vec::new();
        };
        let candidate = |key: &UniqueKey| {
            let foreign = self.met(key).find(|foreign| update.others.contains(*foreign))?;
            let target = key.columns.iter().map(|column| ident(column)).collect::<Vec<_>>().join(", ");
            let sql = self
                .unnumbered(own, &self.with_key_of(key, foreign)?)?
                .then(format!(" ON CONFLICT ({target}) DO UPDATE SET {} = ", ident(&column)))
                .then(self.value(&column, to.as_deref()));
            Some(Candidate {
                witness: Some(sql.clone()),
                control: Some(self.unnumbered(own, &Copy::default())?),
                meets: true,
                ..candidate("an upsert onto a row of others", sql)
            })
        };
        let immediate = relation.unique.iter().filter(|key| key.immediate && self.can_set(key));
        immediate.filter_map(candidate).collect()
    }

    /// An own row with the key of a row of others that the actor does not see, for each key that a client chooses.
    pub(crate) fn oracle(&self) -> Option<Unit> {
        let relation = self.entry.relation;
        let seen = Cell::of(self.world, self.entry, self.actor, Command::Select);
        let keys = relation.unique.iter().chain(&relation.partial_unique);
        let keys =
            keys.filter(|key| self.can_set(key) && key.columns.iter().all(|name| self.is_chosen(relation, name)));
        let keys: Vec<&UniqueKey> = keys.filter(|_| relation.kind.is_table()).collect();
        let Some(own) = self.granted.first() else {
            return (!keys.is_empty()).then(|| self.unit("oracle", self.proves_nothing(NO_GRANTED)));
        };
        let mut met = Vec::new();
        for key in keys {
            for foreign in self.met(key).filter(|foreign| seen.others.contains(*foreign)).take(MET) {
                let sql = self.with_key_of(key, foreign).and_then(|copy| self.unnumbered(own, &copy));
                met.extend(sql.map(|sql| Met { key: key.name.clone(), columns: key.columns.join(", "), sql }));
            }
        }
        let control = self.unnumbered(own, &Copy::default())?;
        (!met.is_empty()).then(|| self.unit("oracle", Oracle { access: self.access(), met, control }))
    }

    /// Whether clients choose what stands in the column. One with a default is made by the server, and so is what a
    /// foreign key takes from there: nobody asks for what nobody can guess.
    fn is_chosen(&self, relation: &Relation, name: &str) -> bool {
        let made = |column: &Column| column.default.is_some() || !column.identity.is_empty();
        let above = |key: &Constraint| {
            let parent = self.world.catalog.by_oid(key.references?)?;
            let n = key.columns.iter().position(|column| column == name)?;
            parent.column(key.referenced_columns.get(n)?)
        };
        let mut columns = relation.column(name).into_iter().chain(relation.constraints.iter().filter_map(above));
        !columns.any(made)
    }

    /// Whether the actor may give a row this key and leave the tenant key its own.
    fn can_set(&self, key: &UniqueKey) -> bool {
        let tenant = self.tenant_columns();
        let relation = self.entry.relation;
        let free = |column: &Column| !column.generated && !tenant.contains(&column.name.as_str());
        key.columns.iter().all(|name| self.may_set(name) && relation.column(name).is_some_and(free))
    }

    /// The rows of others whose key is whole: NULL is in nobody's way.
    fn met(&self, key: &UniqueKey) -> impl Iterator<Item = &RowKey> {
        let baseline = self.world.baseline(self.entry.relation);
        let whole = move |other: &&RowKey, key: &UniqueKey| {
            let value = |name: &String| baseline.and_then(|baseline| baseline.value(other, name)?.clone());
            key.columns.iter().all(|name| value(name).is_some())
        };
        let partial = self.entry.relation.partial_unique.iter().any(|other| other.name == key.name);
        let key = key.clone();
        self.others.iter().filter(move |other| partial || whole(other, &key))
    }

    /// A copy that has the key of `foreign`.
    fn with_key_of<'k>(&self, key: &'k UniqueKey, foreign: &RowKey) -> Option<Copy<'k>> {
        let baseline = self.world.baseline(self.entry.relation)?;
        let mut copy = Copy::default();
        for column in &key.columns {
            let stored = baseline.value(foreign, column)?;
            copy.with.insert(column, self.value(column, stored.as_deref()));
        }
        Some(copy)
    }
}

/// An own row with the key of a row of others.
#[derive(Debug)]
pub(super) struct Met {
    /// Name of the unique index.
    pub key: String,
    /// The columns that it reads.
    pub columns: String,
    /// The statement.
    pub sql: Sql,
}

/// Own rows that must not be told from those with a free key.
#[derive(Debug)]
pub(super) struct Oracle {
    /// Who and where.
    pub access: Access,
    /// In order.
    pub met: Vec<Met>,
    /// The own row with a key of its own, which the actor may insert.
    pub control: Sql,
}

impl Task for Oracle {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            vec![match self.decide(worker).await {
                Ok(outcome) => outcome,
                Err(failure) => Outcome::not_tried(&failure, self.evidence(&self.control, "nothing")),
            }]
        })
    }
}

impl Oracle {
    fn evidence(&self, sql: &Sql, got: impl Into<String>) -> Evidence {
        self.access.evidence(sql.shown(), "no answer that tells of a row which the actor does not see", got)
    }

    async fn write(&self, worker: &mut Worker, sql: &Sql) -> Result<StatementResult, AttemptError> {
        Ok(worker.statements(&self.access.identity, &[], &[sql.run().to_owned()]).await?.result)
    }

    async fn decide(&self, worker: &mut Worker) -> Result<Outcome, AttemptError> {
        let world = worker.world.clone();
        if let Err(error) = self.write(worker, &self.control).await?
            && self.access.class(&world, &error) != ErrorClass::PastPolicy
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
            let class = self.access.class(&world, &error);
            let evidence = self.evidence(&met.sql, error.line());
            match class {
                ErrorClass::PastPolicy if self.is_of(met, &error) => return Ok(told(met, evidence)),
                ErrorClass::RefusedByPolicy
                | ErrorClass::RefusedByPrivilege
                | ErrorClass::RefusedByCheckOption
                | ErrorClass::Raised => {
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
        let of_another = error.table.as_ref().is_some_and(|table| *table != self.access.relation);
        error.code == "23505" && (of_another || error.constraint.as_ref() == Some(&met.key))
    }
}

fn told(met: &Met, mut evidence: Evidence) -> Outcome {
    evidence.notes.push("a unique constraint is not held to row security".to_owned());
    evidence.notes.push(
        "the tenant in the key ends it; if this is allowed by design: a known exception, with the reason".to_owned(),
    );
    Outcome::failed(format!("`{}` ({}) tells that a row of others is there", met.key, met.columns), evidence)
}
