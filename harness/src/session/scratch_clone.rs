//! Actors with a login of their own: no other session can look into their transaction, so that what they write is
//! committed in a clone, judged by the witness role there, and dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};

use super::attempt::Effects;
use super::direct::commit_on;
use super::error::{AttemptError, StatementResult};
use super::worker::Worker;
use crate::Error;
use crate::actor::Identity;
use crate::pg::batch::Batch;
use crate::pg::session::{ConnectionLost, Session};

/// A clone for one statement.
struct ScratchClone<'a> {
    worker: &'a Worker,
    database: String,
}

/// Clones of one process differ in name.
static CLONES: AtomicU32 = AtomicU32::new(0);

impl<'a> ScratchClone<'a> {
    async fn make(worker: &'a Worker) -> Result<Self, AttemptError> {
        let n = CLONES.fetch_add(1, Ordering::Relaxed);
        let database = worker.stage.clone_database(&format!("login_{n}")).await.map_err(|error| lost(&error))?;
        Ok(Self { worker, database })
    }

    /// A session of the witness role, on which `setup` was run.
    async fn witness(&self, setup: &[String]) -> Result<Session, AttemptError> {
        let options = self.worker.stage.witness_options(&self.database);
        let (limit, preparation) = (self.worker.world.suite.timeout, self.worker.stage.preparation());
        let mut witness = Session::connect(&options, limit, &preparation).await?;
        for sql in setup {
            if let Some(error) = witness.batch(sql).await?.error {
                return Err(AttemptError::Step { step: "setup", error: Box::new(error) });
            }
        }
        Ok(witness)
    }

    async fn commit(&self, identity: &Identity, statements: &[String]) -> Result<StatementResult, AttemptError> {
        let login = identity.login.as_deref().unwrap_or_default();
        let options = self.worker.stage.login_options(login, &self.database);
        let mut session =
            Session::connect(&options, self.worker.world.suite.timeout, &self.worker.stage.preparation()).await?;
        let tried = commit_on(&mut session, identity, statements).await;
        session.close().await;
        tried
    }

    async fn write(
        &self,
        identity: &Identity,
        setup: &[String],
        sql: &str,
        predicates: &BTreeMap<u32, Vec<String>>,
    ) -> Result<(StatementResult, Effects), AttemptError> {
        let worker = self.worker;
        let mut witness = self.witness(setup).await?;
        let result = self.commit(identity, &[sql.to_owned()]).await?;
        let mut effects = BTreeMap::new();
        if result.is_ok() {
            let oids: Vec<u32> = worker.world.seed.keys().copied().collect();
            let mut script = Batch::default();
            let mut all = worker.world.mine(&oids, &identity.name);
            all.extend(predicates.clone());
            worker.push_snapshots(&mut script, &oids, &all);
            let outcome = script.outcome(witness.batch_of(script.lasting(), script.sql()).await?);
            if let Some((_, error)) = outcome.stopped {
                return Err(AttemptError::Step { step: "looking at what was written", error: Box::new(error) });
            }
            worker.take_snapshots(&outcome, &oids, &all, &mut effects);
        }
        witness.close().await;
        Ok((result, Effects { on: effects, elsewhere: BTreeSet::new() }))
    }

    /// Drops the clone, whatever came of it.
    async fn end<T>(self, came: Result<T, AttemptError>) -> Result<T, AttemptError> {
        let dropped = self.worker.stage.drop_clone(&self.database).await;
        let came = came?;
        dropped.map_err(|error| lost(&error))?;
        Ok(came)
    }
}

fn lost(error: &Error) -> AttemptError {
    AttemptError::ConnectionLost(ConnectionLost(error.to_string()))
}

/// A write: every relation of the seed is looked at, since counters are the session's own.
pub(crate) async fn write(
    worker: &Worker,
    identity: &Identity,
    setup: &[String],
    sql: &str,
    predicates: &BTreeMap<u32, Vec<String>>,
) -> Result<(StatementResult, Effects), AttemptError> {
    let clone = ScratchClone::make(worker).await?;
    let written = clone.write(identity, setup, sql, predicates).await;
    clone.end(written).await
}

/// Statements after a setup that another session must see.
pub(crate) async fn statements(
    worker: &Worker,
    identity: &Identity,
    setup: &[String],
    statements: &[String],
) -> Result<StatementResult, AttemptError> {
    let clone = ScratchClone::make(worker).await?;
    let tried = match clone.witness(setup).await {
        Ok(witness) => {
            witness.close().await;
            clone.commit(identity, statements).await
        }
        Err(failure) => Err(failure),
    };
    clone.end(tried).await
}

/// A worker on a clone of its own, for what must commit.
///
/// # Errors
/// [`AttemptError::ConnectionLost`] with what the server said.
pub(crate) async fn worker(worker: &Worker) -> Result<Worker, AttemptError> {
    let clone = ScratchClone::make(worker).await?;
    Ok(Worker::later(worker.stage.clone(), worker.world.clone(), clone.database))
}

/// Ends such a worker and drops its clone.
///
/// # Errors
/// [`AttemptError::ConnectionLost`] with what the server said.
pub(crate) async fn discard(worker: Worker) -> Result<(), AttemptError> {
    let (stage, database) = (worker.stage.clone(), worker.database().to_owned());
    worker.close().await;
    stage.drop_clone(&database).await.map_err(|error| lost(&error))
}
