//! Actors with a login of their own: no other session can look into their transaction, so that what they write is
//! committed in a clone, judged by the witness role there, and dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};

use super::script::Script;
use super::session::{Lost, Session};
use super::worker::{Tried, Trouble, Worker, Written, commit_on};
use crate::Error;
use crate::actor::Identity;
use crate::judge::error::ServerError;

/// A clone for one statement.
struct Place<'a> {
    worker: &'a Worker,
    database: String,
    witness: Session,
}

/// Clones of one process differ in name.
static CLONES: AtomicU32 = AtomicU32::new(0);

impl<'a> Place<'a> {
    async fn open(worker: &'a Worker, setup: &[String]) -> Result<Self, Trouble> {
        let n = CLONES.fetch_add(1, Ordering::Relaxed);
        let database = worker.stage.clone_database(&format!("login_{n}")).await.map_err(|error| lost(&error))?;
        let options = worker.stage.witness_options(&database);
        let mut witness = Session::connect(&options, worker.basis.suite.timeout, &worker.stage.preparation()).await?;
        for sql in setup {
            if let Some(error) = witness.batch(sql).await?.error {
                return Err(Trouble::Step { step: "setup", error: Box::new(error) });
            }
        }
        Ok(Self { worker, database, witness })
    }

    async fn commit(&self, identity: &Identity, statements: &[String]) -> Result<Tried, Trouble> {
        let login = identity.login.as_deref().unwrap_or_default();
        let options = self.worker.stage.login_options(login, &self.database);
        let mut session =
            Session::connect(&options, self.worker.basis.suite.timeout, &self.worker.stage.preparation()).await?;
        let tried = commit_on(&mut session, identity, statements).await;
        session.close().await;
        tried
    }

    async fn close(self) -> Result<(), Trouble> {
        self.witness.close().await;
        self.worker.stage.drop_clone(&self.database).await.map_err(|error| lost(&error))
    }
}

fn lost(error: &Error) -> Trouble {
    Trouble::Lost(Lost(error.to_string()))
}

/// A write: every relation of the seed is looked at, since counters are the session's own.
pub(super) async fn write(
    worker: &Worker,
    identity: &Identity,
    setup: &[String],
    sql: &str,
    predicates: &BTreeMap<u32, Vec<String>>,
) -> Result<Written, Trouble> {
    let mut place = Place::open(worker, setup).await?;
    let result = place.commit(identity, &[sql.to_owned()]).await;
    let mut effects = BTreeMap::new();
    if let Ok(Ok(_)) = &result {
        let oids: Vec<u32> = worker.basis.seed.keys().copied().collect();
        let mut script = Script::default();
        worker.push_snapshots(&mut script, &oids, predicates);
        let outcome = script.outcome(place.witness.batch(script.sql()).await?);
        if let Some((_, error)) = outcome.stopped {
            return Err(Trouble::Step { step: "looking at what was written", error: Box::new(error) });
        }
        worker.take_snapshots(&outcome, &oids, predicates, &mut effects);
    }
    place.close().await?;
    let result: Result<_, ServerError> = result?;
    Ok(Written { result, effects, elsewhere: BTreeSet::new() })
}

/// Statements after a setup that another session must see.
pub(super) async fn statements(
    worker: &Worker,
    identity: &Identity,
    setup: &[String],
    statements: &[String],
) -> Result<Tried, Trouble> {
    let place = Place::open(worker, setup).await?;
    let tried = place.commit(identity, statements).await;
    place.close().await?;
    tried
}
