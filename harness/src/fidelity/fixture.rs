//! A revision that moves rows, and a server in the state before it: every run of the revision starts from a clone of that.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::{PgConnection, PgDatabaseError};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tokio::sync::{Mutex, OnceCell};

use crate::Error;
use crate::catalog::QName;
use crate::chain::apply::AppliedRevision;
use crate::chain::connect::{open, open_superuser};
use crate::chain::{Chain, Connect as _, Ladder, Revision};
use crate::instance::{Request, StateKey};
use crate::pg::error::ServerError;
use crate::provision::{self, Provision};
use crate::suite::Suite;
use crate::suite::resolved::State;

/// Of the free space, what one statement may fill with temporary files: nine tenths.
const SHARE: (u64, u64) = (9, 10);

/// A revision and the server that it is run on. The server is started when the first check needs it.
#[derive(Debug)]
pub struct Fixture {
    before: Suite,
    chain: Arc<Chain>,
    at: usize,
    schemas: Vec<String>,
    request: Request,
    ground: OnceCell<Result<FixtureServer, String>>,
}

/// The server, in the state before the revision.
#[derive(Debug)]
pub struct FixtureServer {
    stage: Provision,
    clones: AtomicU32,
    roles: Mutex<()>,
}

impl Fixture {
    /// The crossing of `revision`. The seeds are those that the suite has on the way to the revision before it.
    ///
    /// # Errors
    /// [`Error::Usage`] where the chain has no such revision, or none before it.
    pub fn new(
        suite: &Suite,
        chain: Arc<Chain>,
        schemas: &[String],
        revision: &str,
        request: &Request,
    ) -> Result<Self, Error> {
        let at = chain.count_to(revision)? - 1;
        let Some(last) = at.checked_sub(1).and_then(|last| chain.revisions.get(last)).map(|last| last.id.clone())
        else {
            return Err(Error::usage(
                format!("`{revision}` is the first revision, so no rows can exist before it"),
                "name a later one",
            ));
        };
        let mut before = suite.clone();
        before.seed_at.retain(|id, _| chain.count_to(id).is_ok_and(|count| count <= at));
        // The seed is that of the suite's own state.
        if !matches!(&suite.state, State::At(id) if *id == last) {
            before.seed = None;
        }
        before.state = State::At(last);
        let mut request = request.clone();
        request.majors.clone_from(&suite.postgres);
        Ok(Self { before, chain, at, schemas: schemas.to_vec(), request, ground: OnceCell::new() })
    }

    /// The state before the revision, as the cache knows it.
    ///
    /// # Errors
    /// [`Error::Input`] or [`Error::Usage`] where a seed cannot be read.
    pub fn state_before(&self) -> Result<StateKey, Error> {
        provision::state_key(&self.before, &self.chain)
    }

    /// The chain.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The revision.
    #[must_use]
    pub fn revision(&self) -> Option<&Revision> {
        self.chain.revisions.get(self.at)
    }

    /// A new clone of the state before the revision.
    ///
    /// # Errors
    /// [`Error::Environment`] where there is no server, or the state before cannot be reached.
    pub async fn sandbox(&self) -> Result<Sandbox<'_>, Error> {
        let made = self.ground.get_or_init(|| async {
            tracing::info!(
                suite = self.before.name,
                revision = self.revision().map(|one| &one.id),
                "a server for the state before a revision"
            );
            let (stage, _) = provision::prepare(&self.before, &self.chain, &self.request).await.map_err(error_text)?;
            Ok::<_, String>(FixtureServer { stage, clones: AtomicU32::new(0), roles: Mutex::new(()) })
        });
        let ground = match made.await {
            Ok(ground) => ground,
            Err(why) => return Err(Error::environment(why.clone(), "the state before the revision is needed")),
        };
        let n = ground.clones.fetch_add(1, Ordering::Relaxed);
        let database = ground.stage.clone_database(&format!("crossing_{n}")).await?;
        if let Some(free) = ground.stage.instance().free().filter(|_| ground.stage.instance().disposable()) {
            ground.stage.bound_temporary_files(&database, free / SHARE.1 * SHARE.0).await?;
        }
        Ok(Sandbox { fixture: self, ground, database })
    }

    /// Stops the server, if it was started.
    ///
    /// # Errors
    /// [`Error::Environment`] naming what is left.
    pub async fn stop(self) -> Result<(), Error> {
        match self.ground.into_inner() {
            Some(Ok(ground)) => ground.stage.stop().await,
            _ => Ok(()),
        }
    }
}

/// What happened and what to do, where more than one check is told of it.
pub(crate) fn error_text(error: Error) -> String {
    match error.help() {
        "" => error.to_string(),
        help => format!("{error}; {help}"),
    }
}

/// A clone of the state before a revision.
#[derive(Debug)]
pub struct Sandbox<'a> {
    fixture: &'a Fixture,
    ground: &'a FixtureServer,
    database: String,
}

impl Fixture {
    /// The schemas of the suite.
    #[must_use]
    pub fn schemas(&self) -> &[String] {
        &self.schemas
    }
}

impl<'a> Sandbox<'a> {
    /// The same clone again, later.
    pub(crate) fn of(self) -> String {
        self.database
    }

    /// What stays of the clone `database` of `fixture`; `None` where no clone was ever made.
    pub(crate) fn again(fixture: &'a Fixture, database: &str) -> Option<Self> {
        let ground = fixture.ground.get()?.as_ref().ok()?;
        Some(Self { fixture, ground, database: database.to_owned() })
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The server and its roles.
    #[must_use]
    pub const fn stage(&self) -> &Provision {
        &self.ground.stage
    }

    /// Free bytes where the server keeps its data.
    #[must_use]
    pub fn free(&self) -> Option<u64> {
        self.ground.stage.instance().free()
    }

    /// A session of the witness role. A statement may take as long as the revision may.
    ///
    /// # Errors
    /// [`Error::Environment`]: the server lets nobody in.
    pub async fn witness(&self) -> Result<PgConnection, Error> {
        let stage = &self.ground.stage;
        let path = self.fixture.chain.search_path();
        let mut conn = open(stage.instance(), &stage.roles().witness, &self.database, &path).await?;
        let limit = self.fixture.revision().map_or(0, |revision| revision.timeout.as_millis());
        run(&mut conn, &format!("SET statement_timeout = {limit}; SET client_min_messages = error")).await?;
        Ok(conn)
    }

    /// A session that reads catalogs and ends sessions, and runs nothing of the chain's.
    ///
    /// # Errors
    /// As [`Sandbox::witness`].
    pub async fn superuser(&self) -> Result<PgConnection, Error> {
        open_superuser(self.ground.stage.instance(), &self.database).await
    }

    /// The database on the chain, the revision still to be applied.
    ///
    /// # Errors
    /// As [`Ladder::resume`].
    pub async fn ladder(&self) -> Result<Ladder<'_>, Error> {
        Ladder::resume(&self.fixture.chain, self.ground.stage.instance(), &self.database, self.fixture.at).await
    }

    /// Runs the revision, alone and to its end.
    ///
    /// # Errors
    /// [`Error::Environment`] where it fails.
    pub async fn cross(&self) -> Result<AppliedRevision, Error> {
        let mut ladder = self.ladder().await?;
        let applied = ladder.up(None).await?;
        ladder.finish().await?;
        self.catch_up().await?;
        Ok(applied)
    }

    /// Lets the harness's roles reach what the revision made.
    ///
    /// # Errors
    /// [`Error::Environment`] with what the server said.
    pub async fn catch_up(&self) -> Result<(), Error> {
        let _alone = self.ground.roles.lock().await;
        self.ground.stage.catch_up(&self.database, &self.fixture.before).await
    }

    /// The chain's schemas.
    #[must_use]
    pub fn schemas(&self) -> &[String] {
        &self.fixture.schemas
    }

    /// The role that runs the chain.
    #[must_use]
    pub fn owner(&self) -> &str {
        self.fixture.chain.owner()
    }

    /// The tables and materialized views of the chain's schemas, without those that the chain's own tool keeps.
    ///
    /// # Errors
    /// [`Error::Environment`] with what the server said.
    pub async fn tables(&self, conn: &mut PgConnection) -> Result<Vec<QName>, Error> {
        let found: Vec<(String, String)> = sqlx::query_as(
            "SELECT n.nspname::text, c.relname::text FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'm') AND n.nspname = ANY($1) ORDER BY 1, 2",
        )
        .bind(&self.fixture.schemas)
        .fetch_all(conn)
        .await
        .map_err(|error| refused(&error))?;
        let kept = self.fixture.chain.bookkeeping();
        let all = found.into_iter().map(|(schema, name)| QName::new(schema, name));
        Ok(all.filter(|table| !kept.contains(table)).collect())
    }

    /// Drops the clone.
    ///
    /// # Errors
    /// [`Error::Environment`] with what the server said.
    pub async fn leave(self) -> Result<(), Error> {
        self.ground.stage.drop_clone(&self.database).await
    }
}

/// Runs statements of the harness's own.
pub(crate) async fn run(conn: &mut PgConnection, sql: &str) -> Result<(), Error> {
    conn.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.map_err(|error| refused(&error))?;
    Ok(())
}

/// Takes the leave that the protocol asks for; a server that is gone by now is nothing to wait for.
pub(crate) async fn close(conn: PgConnection) {
    drop(conn.close().await);
}

pub(crate) fn refused(error: &sqlx::Error) -> Error {
    Error::environment(
        format!("a statement of the comparison is refused: {}", driver_error_text(error)),
        "correct the queries, or see the server's log",
    )
}

/// What the server said, without what may be a value of a row: the server's log has that.
pub(crate) fn driver_error_text(error: &sqlx::Error) -> String {
    let server = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    let Some(server) = server.map(ServerError::from_driver) else { return error.to_string() };
    let open = server.message.clone();
    let ServerError { code, message, .. } = server.without_values();
    if message == open {
        format!("{code} {message}")
    } else {
        format!("{code} (the message may hold values of rows; the server's log has it)")
    }
}
