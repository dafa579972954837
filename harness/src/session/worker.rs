//! A worker: one clone of the database, and the connections on which it tries statements as somebody.
//!
//! Everything is tried in a transaction that is rolled back by the next use of the connection.

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;

use super::direct::{harness_on, read_and_commit};
use super::error::{AttemptError, StatementResult};
use super::pooled::Pooled;
use super::touched::Touched;
use crate::actor::Identity;
use crate::pg::session::{ConnectionLost, Session};
use crate::provision::Provision;
use crate::world::World;

/// A worker.
#[derive(Debug)]
pub(crate) struct Worker {
    /// What the checks stand on.
    pub world: Arc<World>,
    /// Where it works.
    pub stage: Arc<Provision>,
    database: String,
    sessions: Sessions,
    /// What tells which relations were written.
    pub(super) touched: Touched,
    /// Connections that were used, for others.
    pub(super) pool: Vec<Pooled>,
}

/// The connections of a worker.
#[derive(Debug)]
enum Sessions {
    /// One for whoever sets a context, and one for whoever sets nothing.
    Shared { contexts: Session, pristine: Pristine, last: Last },
    /// One alone, because what was set on it before, or by whom it is opened, is what is tried.
    Own { session: Pristine, login: Option<String> },
}

/// The shared session that the last statement was tried on: its transaction may still stand open, and hold locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Contexts,
    Pristine,
}

/// A session whose settings read as they do where nothing was ever set: one that was set once reads empty ever after, where
/// it read NULL before.
#[derive(Debug)]
struct Pristine {
    session: Session,
    /// Whether the harness has set a context on it itself, as for a view whose rows depend on one.
    touched: bool,
}

impl Pristine {
    const fn new(session: Session) -> Self {
        Self { session, touched: false }
    }

    /// Another session in its place, where it is pristine no more.
    async fn renew(&mut self, open: impl FnOnce() -> Session) {
        if std::mem::take(&mut self.touched) {
            std::mem::replace(&mut self.session, open()).close().await;
        }
    }
}

impl Worker {
    /// Connects to `database` as the probe's login.
    pub(crate) async fn connect(
        stage: Arc<Provision>,
        world: Arc<World>,
        database: String,
    ) -> Result<Self, ConnectionLost> {
        let mut worker = Self::later(stage, world, database);
        worker.current().open().await?;
        Ok(worker)
    }

    /// The same, connected when something is first tried.
    #[must_use]
    pub(crate) fn later(stage: Arc<Provision>, world: Arc<World>, database: String) -> Self {
        let session = || later(&stage, &world, &stage.probe_options(&database));
        let sessions =
            Sessions::Shared { contexts: session(), pristine: Pristine::new(session()), last: Last::Contexts };
        let touched = Touched::new(&world);
        Self { world, stage, database, sessions, touched, pool: Vec::new() }
    }

    /// The database it works on.
    #[must_use]
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// The role of its connection, where that is an actor's login instead of the probe's.
    #[must_use]
    pub(super) fn login(&self) -> Option<&str> {
        match &self.sessions {
            Sessions::Shared { .. } => None,
            Sessions::Own { login, .. } => login.as_deref(),
        }
    }

    /// Whether its connections are still there.
    #[must_use]
    pub(crate) const fn is_open(&self) -> bool {
        match &self.sessions {
            Sessions::Shared { contexts, pristine, .. } => contexts.is_open() && pristine.session.is_open(),
            Sessions::Own { session, .. } => session.session.is_open(),
        }
    }

    /// Ends the connections.
    pub(crate) async fn close(self) {
        match self.sessions {
            Sessions::Shared { contexts, pristine, .. } => {
                contexts.close().await;
                pristine.session.close().await;
            }
            Sessions::Own { session, .. } => session.session.close().await,
        }
        for pooled in self.pool {
            pooled.session.close().await;
        }
    }

    /// The session that the last statement was tried on.
    pub(super) const fn current(&mut self) -> &mut Session {
        match &mut self.sessions {
            Sessions::Shared { contexts, last: Last::Contexts, .. } => contexts,
            Sessions::Shared { pristine, .. } => &mut pristine.session,
            Sessions::Own { session, .. } => &mut session.session,
        }
    }

    /// The session to try something on as `identity`.
    pub(super) async fn session_for(&mut self, identity: &Identity) -> Result<&mut Session, ConnectionLost> {
        let (stage, world, database) = (&self.stage, &self.world, &self.database);
        if let Sessions::Shared { contexts, pristine, last } = &mut self.sessions {
            let wanted = if identity.sets_nothing() { Last::Pristine } else { Last::Contexts };
            if wanted != *last {
                // What the last statement locked would stand in the other's way.
                let before = if *last == Last::Contexts { contexts } else { &mut pristine.session };
                before.roll_back().await?;
                *last = wanted;
            }
            if wanted == Last::Pristine {
                pristine.renew(|| later(stage, world, &stage.probe_options(database))).await;
            }
        }
        Ok(self.current())
    }

    /// Gives an own connection up for another one, where the harness has set a context on it itself.
    pub(crate) async fn as_never_set(&mut self) {
        let (stage, world, database) = (&self.stage, &self.world, &self.database);
        if let Sessions::Own { session, login } = &mut self.sessions {
            session.renew(|| later(stage, world, &options(stage, login.as_deref(), database))).await;
        }
    }

    /// Notes that the harness has set a context itself on the session of the last statement.
    pub(super) const fn touch(&mut self) {
        match &mut self.sessions {
            Sessions::Shared { pristine, last: Last::Pristine, .. } => pristine.touched = true,
            // Whoever sets a context there sets all of it, and reads it back.
            Sessions::Shared { .. } => {}
            Sessions::Own { session, .. } => session.touched = true,
        }
    }

    /// The session of whoever sets nothing, given away where nothing was set on it.
    pub(super) fn take_pristine(&mut self) -> Option<Session> {
        let Sessions::Shared { pristine, .. } = &mut self.sessions else { return None };
        if pristine.touched || !pristine.session.is_connected() {
            return None;
        }
        let next = later(&self.stage, &self.world, &self.stage.probe_options(&self.database));
        Some(std::mem::replace(&mut pristine.session, next))
    }

    /// A connection of its own, as `login` or as the probe, on which nothing was ever set. What the last statement has begun
    /// is ended: what it locked would stand in the way of another connection.
    pub(crate) async fn fresh(&mut self, login: Option<&str>) -> Result<Session, ConnectionLost> {
        self.current().roll_back().await?;
        Ok(later(&self.stage, &self.world, &options(&self.stage, login, &self.database)))
    }

    /// Whether a context that breaks `whole` can be tried on the worker's own sessions: what of `whole` it does not set
    /// must read as if never set, or as after an earlier transaction that set it (`left_over`), and only here a setter's own
    /// code could have left more behind than that.
    #[must_use]
    pub(crate) fn serves(&self, whole: &Identity, broken: &Identity, left_over: bool) -> bool {
        let sets = |(name, _): &(String, String)| broken.settings.iter().any(|(set, _)| set == name);
        let plain = whole.login.as_deref() == self.login() && whole.calls.is_empty();
        plain && (left_over || broken.settings.is_empty() || whole.settings.iter().all(sets))
    }

    /// A worker that keeps to the connection on which contexts were set, until [`Worker::give_back`].
    pub(crate) async fn lend_contexts(&mut self) -> Result<Self, ConnectionLost> {
        self.current().roll_back().await?;
        let stand_in = later(&self.stage, &self.world, &self.stage.probe_options(&self.database));
        let session = match &mut self.sessions {
            Sessions::Shared { contexts, last, .. } => {
                *last = Last::Contexts;
                std::mem::replace(contexts, stand_in)
            }
            Sessions::Own { session, .. } => std::mem::replace(&mut session.session, stand_in),
        };
        Ok(self.with(session, None))
    }

    /// Takes the connection back that was lent.
    pub(crate) fn give_back(&mut self, lent: Self) {
        let Sessions::Own { session: Pristine { session, .. }, .. } = lent.sessions else { return };
        match &mut self.sessions {
            Sessions::Shared { contexts, .. } => *contexts = session,
            Sessions::Own { session: own, .. } => own.session = session,
        }
    }

    /// A worker with a connection alone on which nothing was ever set, as `login` or as the probe.
    pub(crate) async fn on_fresh_connection(&mut self, login: Option<&str>) -> Result<Self, ConnectionLost> {
        let session = self.fresh(login).await?;
        Ok(self.with(session, login))
    }

    fn with(&self, session: Session, login: Option<&str>) -> Self {
        Self {
            world: self.world.clone(),
            stage: self.stage.clone(),
            database: self.database.clone(),
            sessions: Sessions::Own { session: Pristine::new(session), login: login.map(ToOwned::to_owned) },
            touched: self.touched.clone(),
            pool: Vec::new(),
        }
    }

    /// Reads as `identity` and commits on the worker's session, where nothing was written by it.
    ///
    /// # Errors
    /// As [`Worker::read`].
    pub(crate) async fn read_and_commit(
        &mut self,
        identity: &Identity,
        sql: &str,
    ) -> Result<StatementResult, AttemptError> {
        Ok(read_and_commit(self.session_for(identity).await?, identity, sql, false).await?.0)
    }

    /// Runs statements one by one as the witness role in a transaction of their own, which is rolled back by the next
    /// use of the worker.
    pub(crate) async fn as_harness(&mut self, statements: &[String]) -> Result<StatementResult, AttemptError> {
        let witness = self.world.roles.witness.clone();
        if self.login().is_some() {
            // An actor's login is no member of the witness role.
            let mut session = self.fresh(None).await?;
            let tried = harness_on(&mut session, &witness, statements).await;
            session.close().await;
            return tried;
        }
        harness_on(self.current(), &witness, statements).await
    }
}

/// How a session of `login`, or of the probe, connects.
fn options(stage: &Provision, login: Option<&str>, database: &str) -> PgConnectOptions {
    match login {
        Some(role) => stage.login_options(role, database),
        None => stage.probe_options(database),
    }
}

/// A session for checks, connected when something is first sent.
fn later(stage: &Provision, world: &World, options: &PgConnectOptions) -> Session {
    let mut session = Session::later(options, world.suite.timeout, &stage.preparation());
    session.show_values(world.suite.report_values);
    session
}
