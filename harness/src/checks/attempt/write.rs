//! UPDATE and DELETE, judged by their effect: what must be touched is, and nothing else.

use std::collections::BTreeSet;

use crate::check::outcome::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::attempt::access::{Access, class_name, rows, watching};
use crate::judge::classify::ErrorClass;
use crate::judge::effect::{Effect, RowKey, show_keys};
use crate::pg::error::ServerError;
use crate::report::record::{Evidence, Status};
use crate::session::expect_denied::Proof;
use crate::session::{Attempt, AttemptError, Worker};
use crate::sql::Sql;
use crate::world::World;

/// An UPDATE or DELETE.
#[derive(Debug)]
pub(crate) struct Write {
    /// Who and where.
    pub access: Access,
    /// The statement.
    pub sql: Sql,
    /// The rows it must touch; empty where it must touch none.
    pub must: BTreeSet<RowKey>,
    /// The rows it may touch.
    pub may: BTreeSet<RowKey>,
    /// Where it may take a row: a predicate over the new row.
    pub within: Option<String>,
    /// The same statement for single rows, tried where a policy stops the whole one at its first row.
    pub each: Vec<Sql>,
    /// Foreign keys taken away first, as the witness role, where one of them stops the statement: it may stop it at
    /// the actor's own row before another's is reached.
    pub without: Vec<String>,
}

impl Task for Write {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let outcome = match self.try_one(worker, &self.sql).await {
                Ok(outcome) => outcome,
                Err(AttemptError::Setter { error, .. }) if self.access.broken => {
                    let evidence = self.access.evidence(self.sql.shown(), self.expected(), error.line());
                    Outcome::passed("failed closed: the setter refuses the context", evidence)
                }
                Err(failure) => {
                    Outcome::not_tried(&failure, self.access.evidence(self.sql.shown(), self.expected(), "nothing"))
                }
            };
            vec![outcome]
        })
    }
}

impl Write {
    fn expected(&self) -> String {
        if self.must.is_empty() {
            format!("no row touched; granted: {}", self.access.granted)
        } else {
            format!("{} touched, and no other; granted: {}", rows(self.must.len()), self.access.granted)
        }
    }

    async fn try_one(&self, worker: &mut Worker, sql: &Sql) -> Result<Outcome, AttemptError> {
        let world = worker.world.clone();
        let attempt = self.write(worker, &[], sql).await?;
        let Err(error) = &attempt.result else { return self.judge(attempt, &world, sql).await };
        let class = self.access.class(&world, error);
        if class == ErrorClass::PastPolicy && !self.may.is_empty() && !self.without.is_empty() {
            let again = self.write(attempt.release(), &self.without, sql).await?;
            return self.judge(again, &world, sql).await;
        }
        let outcome = self.judge(attempt, &world, sql).await?;
        // A policy that stops the statement at one row says nothing of the next.
        if class == ErrorClass::RefusedByPolicy && self.must.is_empty() && self.each.len() > 1 {
            for single in &self.each {
                let one = self.write(worker, &[], single).await?;
                let outcome = self.judge(one, &world, single).await?;
                if outcome.status != Status::Passed {
                    return Ok(outcome);
                }
            }
        }
        Ok(outcome)
    }

    async fn judge(&self, attempt: Attempt<'_>, world: &World, sql: &Sql) -> Result<Outcome, AttemptError> {
        match &attempt.result {
            Ok(_) => self.judge_effect(attempt, world, sql).await,
            Err(error) => {
                let error = error.clone();
                self.judge_error(attempt, world, sql, &error).await
            }
        }
    }

    async fn write<'w>(
        &self,
        worker: &'w mut Worker,
        setup: &[String],
        sql: &Sql,
    ) -> Result<Attempt<'w>, AttemptError> {
        let oid = self.access.relation(&worker.world).map(|relation| relation.oid).unwrap_or_default();
        let predicates = watching(oid, self.within.iter().cloned().collect());
        if !self.must.is_empty() || !setup.is_empty() {
            return worker.write(&self.access.identity, setup, sql.run(), &predicates).await;
        }
        let world = worker.world.clone();
        // On a view whose rows depend on the context, the witness role tries it in one after the other.
        let later = self.access.lacks_privilege(&world) || !world.contexts(oid).is_empty();
        let proof = if later { Proof::Later } else { Proof::After(sql.run()) };
        worker.denied(&self.access.identity, sql.run(), &predicates, proof).await
    }

    async fn judge_effect(&self, attempt: Attempt<'_>, world: &World, sql: &Sql) -> Result<Outcome, AttemptError> {
        let none = Effect::default();
        let relation = self.access.relation(world);
        let effect = relation.and_then(|relation| attempt.effects.on.get(&relation.oid)).unwrap_or(&none);
        let baseline = relation.and_then(|relation| world.baseline(relation)).cloned().unwrap_or_default();
        let mut touched: BTreeSet<&RowKey> = effect.touched().collect();
        if touched.is_empty() && relation.is_some_and(|relation| !relation.kind.is_table()) {
            // A view has no row versions, so an UPDATE to the same value shows by its number of rows alone.
            let number = attempt.result.as_ref().map_or(0, |result| result.affected);
            let others = baseline.rows.keys().filter(|key| !self.may.contains(*key));
            touched = self.may.iter().chain(others).take(usize::try_from(number).unwrap_or(usize::MAX)).collect();
        }
        let leaked: Vec<&RowKey> = touched.iter().filter(|key| !self.may.contains(**key)).copied().collect();
        let got = format!("{} touched, {} of others among them", rows(touched.len()), leaked.len());
        if !leaked.is_empty() {
            let mut evidence = self.access.evidence_of_leak(world, sql.shown(), got);
            evidence.notes.insert(0, format!("touched: {}", show_keys(&baseline, leaked.iter().copied())));
            return Ok(Outcome::failed(format!("{} of others {}", rows(leaked.len()), self.done()), evidence));
        }
        if self.within.is_some() {
            let out: Vec<&RowKey> = effect
                .updated
                .iter()
                .chain(&effect.inserted)
                .filter(|(_, holds)| holds.first() == Some(&false))
                .map(|(key, _)| key)
                .collect();
            if !out.is_empty() {
                let mut evidence = self.access.evidence_of_leak(world, sql.shown(), got);
                evidence.notes.insert(0, format!("taken out: {}", show_keys(&baseline, out.iter().copied())));
                return Ok(Outcome::failed(
                    format!("{} moved {} out of what is granted", self.access.identity.name, rows(out.len())),
                    evidence,
                ));
            }
        }
        if let Some(foreign) = self.access.foreign_effects(world, &attempt.effects) {
            let mut evidence = self.access.evidence_of_leak(world, sql.shown(), foreign.clone());
            evidence.notes.insert(0, "by a trigger, a rule or a referential action".to_owned());
            return Ok(Outcome::failed(format!("changed beside it: {foreign}"), evidence));
        }
        let mut evidence = self.access.evidence(sql.shown(), self.expected(), got);
        if !attempt.effects.elsewhere.is_empty() {
            let names: Vec<&str> = attempt.effects.elsewhere.iter().map(String::as_str).collect();
            evidence.notes.push(format!("also wrote outside the contract: {}", names.join(", ")));
        }
        let missing: Vec<&RowKey> = self.must.iter().filter(|key| !touched.contains(key)).collect();
        if !missing.is_empty() {
            evidence.notes.push(format!("not touched: {}", show_keys(&baseline, missing.iter().copied())));
            let verdict = format!("{} of {} granted not {}", rows(missing.len()), self.must.len(), self.done());
            return Ok(Outcome::failed(verdict, evidence));
        }
        if !self.must.is_empty() {
            return Ok(Outcome::passed(format!("{} {}, and no other", rows(self.must.len()), self.done()), evidence));
        }
        self.with_witness(attempt, world, sql, evidence, "filtered").await
    }

    async fn judge_error(
        &self,
        attempt: Attempt<'_>,
        world: &World,
        sql: &Sql,
        error: &ServerError,
    ) -> Result<Outcome, AttemptError> {
        let class = self.access.class(world, error);
        let mut evidence = self.access.evidence(sql.shown(), self.expected(), error.line());
        let name = class_name(&class);
        if !self.must.is_empty() {
            return Ok(match class {
                ErrorClass::PastPolicy => Outcome::passed(format!("allowed: it {name}"), evidence),
                ErrorClass::RefusedByPolicy
                | ErrorClass::RefusedByPrivilege
                | ErrorClass::RefusedByCheckOption
                | ErrorClass::Raised => {
                    evidence.notes = self.access.policies(world);
                    Outcome::failed(format!("{name}, though the contract grants it"), evidence)
                }
                _ => Outcome::error(format!("no verdict: {name}"), evidence),
            });
        }
        match class {
            // A view's option holds everybody, the witness role too: the refusal itself proves the row.
            ErrorClass::RefusedByPrivilege | ErrorClass::ContextError | ErrorClass::RefusedByCheckOption => {
                Ok(Outcome::passed(name, evidence))
            }
            ErrorClass::RefusedByPolicy => self.with_witness(attempt, world, sql, evidence, name).await,
            ErrorClass::PastPolicy => {
                let mut evidence = self.access.evidence_of_leak(world, sql.shown(), error.line());
                evidence.notes.push("the error tells that a row is there".to_owned());
                Ok(Outcome::failed(name, evidence))
            }
            ErrorClass::Raised if self.access.broken => Ok(Outcome::passed(format!("failed closed: {name}"), evidence)),
            _ => Ok(Outcome::error(format!("no verdict: {name}"), evidence)),
        }
    }

    /// Passed only if the same statement touches a row as the witness role.
    async fn with_witness(
        &self,
        mut attempt: Attempt<'_>,
        world: &World,
        sql: &Sql,
        mut evidence: Evidence,
        how: &str,
    ) -> Result<Outcome, AttemptError> {
        let oid = self.access.relation(world).map(|relation| relation.oid).unwrap_or_default();
        let touched = match attempt.witness_on(oid, sql.run()).await? {
            Ok(result) => result.affected > 0,
            // The option of a view is checked on the new row: there was one.
            Err(error) => {
                matches!(self.access.class(world, &error), ErrorClass::PastPolicy | ErrorClass::RefusedByCheckOption)
            }
        };
        if !touched {
            return Ok(Outcome::error(
                "vacuous: the same statement touches no row as the witness role either",
                evidence,
            ));
        }
        evidence.witness = "the same statement touches a row as the witness role".to_owned();
        Ok(Outcome::passed(how, evidence))
    }

    const fn done(&self) -> &'static str {
        match self.access.command {
            crate::suite::resolved::Command::Delete => "deleted",
            _ => "updated",
        }
    }
}
