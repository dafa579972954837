//! A statement that was tried as somebody: what it gave, what it wrote, and what the witness role says of the same state.

use std::collections::{BTreeMap, BTreeSet};

use super::direct::read_on;
use super::error::{AttemptError, StatementResult};
use super::frame::{BACK, SAVEPOINT, as_role};
use super::worker::Worker;
use crate::actor::Identity;
use crate::judge::effect::Effect;
use crate::pg::batch::{Batch, Mark};

/// What a write did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Effects {
    /// By relation.
    pub(crate) on: BTreeMap<u32, Effect>,
    /// Relations written that have no contract entry, by name.
    pub(crate) elsewhere: BTreeSet<String>,
}

/// An attempt. It holds its worker, so that no other statement comes between it and its witness.
#[derive(Debug)]
pub(crate) struct Attempt<'w> {
    worker: &'w mut Worker,
    /// What the statement gave, or what stopped it.
    pub(crate) result: StatementResult,
    /// What it wrote, where that was looked at; empty where it was stopped.
    pub(crate) effects: Effects,
    before: Before,
    /// What the witness role has tried in the same message, and what it gave.
    proved: Option<(String, StatementResult)>,
}

/// How the state before the statement is come back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// By the savepoint that stands before it.
    Savepoint,
    /// By a new transaction on its session: it has changed nothing.
    Transaction,
    /// It was tried on another connection or in another database: the worker's own has not seen it.
    Elsewhere,
}

impl<'w> Attempt<'w> {
    pub(super) fn new(worker: &'w mut Worker, before: Before, result: StatementResult) -> Self {
        Self { worker, result, effects: Effects::default(), before, proved: None }
    }

    /// Gives the worker back, for other attempts.
    pub(crate) fn release(self) -> &'w mut Worker {
        self.worker
    }

    pub(super) fn wrote(self, effects: Effects) -> Self {
        Self { effects, ..self }
    }

    pub(super) fn proved(self, proved: Option<(String, StatementResult)>) -> Self {
        Self { proved, ..self }
    }

    /// Tries `sql` as the witness role, from the state before the attempt.
    ///
    /// # Errors
    /// The connection is lost, or the statement before it left its transaction.
    pub(crate) async fn witness(&mut self, sql: &str) -> Result<StatementResult, AttemptError> {
        if let Some((_, tried)) = self.proved.take().filter(|(proved, _)| proved == sql) {
            return Ok(tried);
        }
        self.witness_in(None, sql).await
    }

    /// The same; on a view whose rows depend on the context, in one context after another until it touches a row, or a row
    /// stops it.
    ///
    /// # Errors
    /// As [`Attempt::witness`].
    pub(crate) async fn witness_on(&mut self, relation: u32, sql: &str) -> Result<StatementResult, AttemptError> {
        let world = self.worker.world.clone();
        let mut tried = self.witness(sql).await?;
        let touches = |tried: &StatementResult| tried.as_ref().is_ok_and(|result| result.affected > 0);
        for context in world.contexts(relation) {
            if touches(&tried) {
                break;
            }
            tried = self.witness_in(Some(context), sql).await?;
            // The view is read without an error in each of these: one of a write comes from a row.
            if tried.is_err() {
                break;
            }
        }
        Ok(tried)
    }

    async fn witness_in(&mut self, context: Option<&str>, sql: &str) -> Result<StatementResult, AttemptError> {
        let before: &[&str] = match self.before {
            Before::Savepoint => &[BACK],
            Before::Transaction => &["ROLLBACK", "BEGIN"],
            Before::Elsewhere => {
                let statements = context.into_iter().chain([sql]).map(ToOwned::to_owned).collect::<Vec<_>>();
                return self.worker.as_harness(&statements).await;
            }
        };
        let mut script = Batch::default();
        for sql in before {
            script.push(Mark::Frame, sql);
        }
        self.before = Before::Savepoint;
        script.push(Mark::Frame, &as_role(&self.worker.world.roles.witness)).push(Mark::Frame, SAVEPOINT);
        if let Some(context) = context {
            self.worker.touch();
            script.push(Mark::Frame, context);
        }
        script.push(Mark::Try, sql);
        let mut outcome = script.outcome(self.worker.current().batch_of(script.lasting(), script.sql()).await?);
        match outcome.stopped.take() {
            None => Ok(Ok(outcome.take(Mark::Try).unwrap_or_default())),
            Some((Mark::Try, error)) => Ok(Err(error)),
            Some((_, error)) => Err(AttemptError::Escaped(error.line())),
        }
    }
}

impl Worker {
    /// Tries a statement that changes nothing, and looks at transaction and role again.
    ///
    /// # Errors
    /// The connection is lost, the actor could not be impersonated, or the statement left its transaction.
    pub(crate) async fn read(&mut self, identity: &Identity, sql: &str) -> Result<Attempt<'_>, AttemptError> {
        if identity.login.as_deref() != self.login() {
            let mut session = self.fresh(identity.login.as_deref()).await?;
            let tried = read_on(&mut session, identity, sql).await;
            session.close().await;
            return Ok(Attempt::new(self, Before::Elsewhere, tried?));
        }
        let tried = read_on(self.session_for(identity).await?, identity, sql).await?;
        Ok(Attempt::new(self, Before::Transaction, tried))
    }
}
