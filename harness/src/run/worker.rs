//! A worker: one clone of the database, one connection as the probe's login, and the way a statement is tried on it.
//!
//! Everything is tried in a transaction that is rolled back. The actor is become first and read back; a savepoint
//! stands before the statement, so that the witness role can try the same one from the same state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;

use super::pool::Pooled;
use super::script::{Mark, Outcome, Script};
use super::session::{Lost, ResultSet, Session};
use super::touched::Touched;
use crate::actor::Identity;
use crate::judge::effect::Effect;
use crate::judge::error::ServerError;
use crate::plan::basis::Basis;
use crate::sql::quote;
use crate::stage::Stage;

/// Why a statement has no verdict.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Trouble {
    /// The connection or the server is gone.
    #[error("{0}")]
    Lost(#[from] Lost),
    /// The actor could not be become: its refusal is not the statement's.
    #[error("could not become {actor}: {why}")]
    NotBecome {
        /// The actor.
        actor: String,
        /// What the server said, or what did not read back.
        why: String,
    },
    /// The application's own setter raised an error.
    #[error("the setter of {actor} failed: {}", error.line())]
    Setter {
        /// The actor.
        actor: String,
        /// What it raised.
        error: Box<ServerError>,
    },
    /// `setup` or another step of the harness failed.
    #[error("{step} failed: {}", error.line())]
    Step {
        /// Which.
        step: &'static str,
        /// What the server said.
        error: Box<ServerError>,
    },
    /// The statement left the transaction or the role it was tried in.
    #[error("the statement escaped: {0}")]
    Escaped(String),
}

/// What a statement gave, or what stopped it.
pub type Tried = Result<ResultSet, ServerError>;

/// What a write did.
#[derive(Debug, Clone)]
pub struct Written {
    /// What the statement gave.
    pub result: Tried,
    /// What it did, by relation; empty where it was stopped.
    pub effects: BTreeMap<u32, Effect>,
    /// Relations written that have no contract entry, by name.
    pub elsewhere: BTreeSet<String>,
}

/// A worker.
#[derive(Debug)]
pub struct Worker {
    /// What the checks stand on.
    pub basis: Arc<Basis>,
    /// Where it works.
    pub stage: Arc<Stage>,
    database: String,
    session: Session,
    /// For who sets nothing: a setting that was set once reads empty ever after, where it read NULL before.
    clean: Option<Session>,
    /// Whether the harness has set a context itself, for views that depend on it, on a session where nothing was set.
    pub(super) was_set: bool,
    /// Whether the last statement was tried on the clean one.
    on_clean: bool,
    /// Whether the session is the only one, because what was set on it before is what is tried.
    pinned: bool,
    /// The role of the session, where it is an actor's login instead of the probe's.
    login: Option<String>,
    /// Whether the last write was tried in a clone of its own.
    pub(super) elsewhere: bool,
    /// Whether a savepoint stands before the last tried statement; before a read there is nothing to keep.
    pub(super) saved: bool,
    /// What tells which relations were written.
    pub(super) touched: Touched,
    /// Connections that were used, for others.
    pub(super) pool: Vec<Pooled>,
    /// What the witness role has tried already beside the last statement, and what it gave.
    pub(super) proved: Option<(String, Tried)>,
}

pub(super) const SAVEPOINT: &str = "SAVEPOINT rlsgate_try";
pub(super) const BACK: &str = "ROLLBACK TO SAVEPOINT rlsgate_try";
/// A setting local to the transaction: gone if the statement ended it.
pub(super) const AFTER: &str = "SELECT current_user, pg_catalog.current_setting('rlsgate.transaction', true)";

impl Worker {
    /// Connects to `database` as the probe's login.
    pub async fn connect(stage: Arc<Stage>, basis: Arc<Basis>, database: String) -> Result<Self, Lost> {
        let mut worker = Self::later(stage, basis, database);
        worker.session.open().await?;
        Ok(worker)
    }

    /// The same, connected when something is first tried.
    #[must_use]
    pub fn later(stage: Arc<Stage>, basis: Arc<Basis>, database: String) -> Self {
        let session = later(&stage, &basis, &stage.probe_options(&database));
        let touched = Touched::new(&basis);
        Self {
            basis,
            stage,
            database,
            session,
            clean: None,
            was_set: false,
            on_clean: false,
            pinned: false,
            login: None,
            elsewhere: false,
            saved: false,
            touched,
            pool: Vec::new(),
            proved: None,
        }
    }

    /// The database it works on.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Whether its connection is still there.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.session.is_open() && self.clean.as_ref().is_none_or(Session::is_open)
    }

    /// Ends the connection.
    pub async fn close(self) {
        self.session.close().await;
        for session in self.clean.into_iter().chain(self.pool.into_iter().map(|pooled| pooled.session)) {
            session.close().await;
        }
    }

    /// Gives a worker of its own connection another one, where the harness has set a context on it itself.
    pub async fn as_never_set(&mut self) -> Result<(), Lost> {
        if self.pinned && std::mem::take(&mut self.was_set) {
            let login = self.login.clone();
            let never = self.fresh(login.as_deref()).await?;
            std::mem::replace(&mut self.session, never).close().await;
        }
        Ok(())
    }

    /// The session that the last statement was tried on.
    pub(super) fn current(&mut self) -> &mut Session {
        match &mut self.clean {
            Some(clean) if self.on_clean => clean,
            _ => &mut self.session,
        }
    }

    /// The session to try something on as `identity`.
    pub(super) async fn session_for(&mut self, identity: &Identity) -> Result<&mut Session, Lost> {
        self.proved = None;
        let clean = !self.pinned && identity.sets_nothing();
        if clean != self.on_clean {
            // What the last statement locked would stand in the other's way.
            self.current().roll_back().await?;
            self.on_clean = clean;
        }
        if clean
            && std::mem::take(&mut self.was_set)
            && let Some(used) = self.clean.take()
        {
            used.close().await;
        }
        if clean && self.clean.is_none() {
            self.clean = Some(later(&self.stage, &self.basis, &self.stage.probe_options(&self.database)));
        }
        Ok(self.current())
    }

    /// The session of who sets nothing, given away where nothing was set on it.
    pub(super) fn never_set(&mut self) -> Option<Session> {
        self.clean.take_if(|_| !self.was_set && self.login.is_none())
    }

    /// Ends what the last statement has begun: what it locked would stand in the way of another connection.
    pub(super) async fn settle(&mut self) -> Result<(), Lost> {
        self.proved = None;
        self.current().roll_back().await
    }

    /// A connection of its own, as `login` or as the probe, on which nothing was ever set.
    pub async fn fresh(&mut self, login: Option<&str>) -> Result<Session, Lost> {
        self.settle().await?;
        let options = match login {
            Some(role) => self.stage.login_options(role, &self.database),
            None => self.stage.probe_options(&self.database),
        };
        Ok(later(&self.stage, &self.basis, &options))
    }

    /// Whether a context that breaks `whole` can be tried on the worker's own sessions: what of `whole` it does not set
    /// must read as if never set, or as after an earlier transaction that set it (`left_over`), and only here a setter's own
    /// code could have left more behind than that.
    #[must_use]
    pub fn serves(&self, whole: &Identity, broken: &Identity, left_over: bool) -> bool {
        let sets = |(name, _): &(String, String)| broken.settings.iter().any(|(set, _)| set == name);
        let plain = whole.login == self.login && whole.calls.is_empty();
        plain && (left_over || broken.settings.is_empty() || whole.settings.iter().all(sets))
    }

    /// Keeps to the session that contexts were set on, until released.
    pub const fn pin(&mut self, pinned: bool) {
        self.pinned = pinned;
    }

    /// The same worker on a connection on which nothing was ever set, as `login` or as the probe.
    pub async fn on_fresh_connection(&mut self, login: Option<&str>) -> Result<Self, Lost> {
        let session = self.fresh(login).await?;
        Ok(Self {
            login: login.map(ToOwned::to_owned),
            clean: None,
            was_set: false,
            on_clean: false,
            pinned: true,
            elsewhere: false,
            saved: false,
            basis: self.basis.clone(),
            stage: self.stage.clone(),
            database: self.database.clone(),
            session,
            touched: self.touched.clone(),
            pool: Vec::new(),
            proved: None,
        })
    }

    /// Tries a statement that changes nothing, and looks at transaction and role again.
    pub async fn read(&mut self, identity: &Identity, sql: &str) -> Result<Tried, Trouble> {
        if identity.login != self.login {
            self.elsewhere = true;
            let mut session = self.fresh(identity.login.as_deref()).await?;
            let tried = read_on(&mut session, identity, sql).await;
            session.close().await;
            return tried;
        }
        (self.elsewhere, self.saved) = (false, false);
        read_on(self.session_for(identity).await?, identity, sql).await
    }

    /// Reads and commits on the worker's session, where nothing was written by it.
    pub async fn read_and_commit(&mut self, identity: &Identity, sql: &str) -> Result<Tried, Trouble> {
        Ok(read_and_commit(self.session_for(identity).await?, identity, sql, false).await?.0)
    }

    /// Tries `sql` as the witness role, from the state before the last tried statement; on a view whose rows depend on
    /// the context, in one after another until it touches a row,
    /// or a row stops it.
    pub async fn witness_on(&mut self, relation: u32, sql: &str) -> Result<Tried, Trouble> {
        let basis = self.basis.clone();
        let mut tried = self.witness(sql).await?;
        let touches = |tried: &Tried| tried.as_ref().is_ok_and(|result| result.affected > 0);
        for context in basis.contexts(relation) {
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

    /// Tries `sql` as the witness role, from the state before the last tried statement.
    pub async fn witness(&mut self, sql: &str) -> Result<Tried, Trouble> {
        if let Some((_, tried)) = self.proved.take().filter(|(proved, _)| proved == sql) {
            return Ok(tried);
        }
        self.witness_in(None, sql).await
    }

    async fn witness_in(&mut self, context: Option<&str>, sql: &str) -> Result<Tried, Trouble> {
        if self.elsewhere {
            let statements = context.into_iter().chain([sql]).map(ToOwned::to_owned).collect::<Vec<_>>();
            return self.as_harness(&statements).await;
        }
        let mut script = Script::default();
        let before: &[&str] = if self.saved { &[BACK] } else { &["ROLLBACK", "BEGIN"] };
        for sql in before {
            script.push(Mark::Frame, sql);
        }
        self.saved = true;
        script.push(Mark::Frame, &as_role(&self.basis.roles.witness)).push(Mark::Frame, SAVEPOINT);
        if let Some(context) = context {
            self.was_set = true;
            script.push(Mark::Frame, context);
        }
        script.push(Mark::Try, sql);
        let mut outcome = script.outcome(self.current().batch_of(script.lasting(), script.sql()).await?);
        match outcome.stopped.take() {
            None => Ok(Ok(outcome.take(Mark::Try).unwrap_or_default())),
            Some((Mark::Try, error)) => Ok(Err(error)),
            Some((_, error)) => Err(Trouble::Escaped(error.line())),
        }
    }

    /// Runs statements one by one as the witness role in a transaction of their own, which is rolled back by the next
    /// use of the worker.
    pub async fn as_harness(&mut self, statements: &[String]) -> Result<Tried, Trouble> {
        if self.login.is_some() {
            // An actor's login is no member of the witness role.
            let mut session = self.fresh(None).await?;
            let tried = harness_on(&mut session, &self.basis.roles.witness, statements).await;
            session.close().await;
            return tried;
        }
        let witness = self.basis.roles.witness.clone();
        harness_on(self.current(), &witness, statements).await
    }
}

/// Runs statements as the witness role, in a transaction that the next use rolls back.
async fn harness_on(session: &mut Session, witness: &str, statements: &[String]) -> Result<Tried, Trouble> {
    let mut script = Script::default();
    script.push(Mark::Frame, "ROLLBACK").push(Mark::Frame, "BEGIN").push(Mark::Frame, &as_role(witness));
    let opened = script.outcome(session.batch_of(script.lasting(), script.sql()).await?);
    if let Some((_, error)) = opened.stopped {
        return Err(Trouble::Step { step: "becoming the witness role", error: Box::new(error) });
    }
    run_all(session, statements).await
}

/// A session for checks, connected when something is first sent.
fn later(stage: &Stage, basis: &Basis, options: &PgConnectOptions) -> Session {
    let mut session = Session::later(options, basis.suite.timeout, &stage.preparation());
    session.show_values(basis.suite.report_values);
    session
}

/// Tries a read on a session, in a transaction that the next use rolls back.
pub async fn read_on(session: &mut Session, identity: &Identity, sql: &str) -> Result<Tried, Trouble> {
    Ok(look_on(session, identity, sql).await?.0)
}

/// The same, and whether nothing was written by it: without a transaction id nothing was (PostgreSQL docs, "Transaction ID
/// and Snapshot Information Functions").
async fn look_on(session: &mut Session, identity: &Identity, sql: &str) -> Result<(Tried, bool), Trouble> {
    let mut script = frame(identity, &[], "", "");
    script.push(Mark::Try, sql).push(Mark::After, &unwritten());
    let mut outcome = script.outcome(session.batch_of(script.lasting(), script.sql()).await?);
    became(identity, &outcome)?;
    match outcome.stopped.take() {
        None => {
            let after = outcome.last(Mark::After);
            stayed(identity, after)?;
            let unwritten = is_unwritten(after);
            Ok((Ok(outcome.take(Mark::Try).unwrap_or_default()), unwritten))
        }
        Some((Mark::Try, error)) => Ok((Err(error), false)),
        Some((_, error)) => Err(Trouble::Escaped(error.line())),
    }
}

/// [`AFTER`], and whether nothing was written since the transaction began.
pub(super) fn unwritten() -> String {
    format!("{AFTER}, pg_catalog.pg_current_xact_id_if_assigned() IS NULL")
}

/// What [`unwritten`] answered.
pub(super) fn is_unwritten(after: Option<&ResultSet>) -> bool {
    after.and_then(|result| result.rows.first()?.last()?.as_deref()) == Some("t")
}

pub(super) async fn run_all(session: &mut Session, statements: &[String]) -> Result<Tried, Trouble> {
    let mut last = ResultSet::default();
    for sql in statements {
        let mut reply = session.batch(sql).await?;
        if let Some(error) = reply.error {
            return Ok(Err(error));
        }
        last = reply.results.pop().unwrap_or_default();
    }
    Ok(Ok(last))
}

pub(super) fn as_role(role: &str) -> String {
    format!("SET LOCAL ROLE {}", quote::ident(role))
}

/// The start of every transaction: the last one ended, `setup` as the witness role, the actor become and read back. `also`
/// is asked for with the readback, as its last column.
pub(super) fn frame(identity: &Identity, setup: &[String], witness: &str, also: &str) -> Script {
    let mut script = Script::default();
    script.push(Mark::Frame, "ROLLBACK").push(Mark::Frame, "BEGIN");
    if !setup.is_empty() {
        script.push(Mark::Frame, &as_role(witness));
        for sql in setup {
            script.push(Mark::Setup, sql);
        }
        script.push(Mark::Frame, "RESET ROLE");
    }
    script.push(Mark::Become, &format!("SELECT {}", identity.becoming(("rlsgate.transaction", "open"))));
    for sql in &identity.calls {
        script.push(Mark::Call, sql);
    }
    let also = if also.is_empty() { String::new() } else { format!(", {also}") };
    script.push(Mark::Readback, &format!("{}{also}", identity.readback()));
    script
}

/// Whether the actor was become, before anything is made of what followed.
pub(super) fn became(identity: &Identity, outcome: &Outcome) -> Result<(), Trouble> {
    let actor = identity.name.clone();
    match &outcome.stopped {
        Some((Mark::Frame, error)) => {
            return Err(Trouble::Step { step: "opening a transaction", error: Box::new(error.clone()) });
        }
        Some((Mark::Setup, error)) => return Err(Trouble::Step { step: "setup", error: Box::new(error.clone()) }),
        Some((Mark::Call, error)) => return Err(Trouble::Setter { actor, error: Box::new(error.clone()) }),
        Some((Mark::Become | Mark::Readback, error)) => return Err(Trouble::NotBecome { actor, why: error.line() }),
        _ => {}
    }
    let row = outcome.last(Mark::Readback).and_then(|result| result.rows.first());
    let Some(row) = row else {
        return Err(Trouble::NotBecome { actor, why: "nothing was read back".into() });
    };
    identity.mismatch(row).map_or(Ok(()), |why| Err(Trouble::NotBecome { actor, why }))
}

/// Whether transaction and role are still those of the actor.
pub(super) fn stayed(identity: &Identity, after: Option<&ResultSet>) -> Result<(), Trouble> {
    let row = after.and_then(|result| result.rows.first()).map(Vec::as_slice);
    match row {
        Some([Some(user), Some(open), ..]) if open == "open" && user == identity.effective_role() => Ok(()),
        Some([Some(user), Some(open), ..]) if open == "open" => {
            Err(Trouble::Escaped(format!("current_user is `{user}` after it, not `{}`", identity.effective_role())))
        }
        _ => Err(Trouble::Escaped("it ended the transaction".into())),
    }
}

/// Becomes `identity`, runs statements one by one and commits; rolls back where one is refused.
pub async fn commit_on(session: &mut Session, identity: &Identity, statements: &[String]) -> Result<Tried, Trouble> {
    let script = frame(identity, &[], "", "");
    let outcome = script.outcome(session.batch_of(script.lasting(), script.sql()).await?);
    became(identity, &outcome)?;
    let tried = run_all(session, statements).await?;
    if tried.is_ok() {
        let mut after = session.batch(AFTER).await?;
        stayed(identity, after.results.pop().as_ref())?;
    }
    let end = if tried.is_ok() { "COMMIT" } else { "ROLLBACK" };
    // A deferred constraint speaks at COMMIT.
    match session.batch(end).await?.error {
        Some(error) if tried.is_ok() => Ok(Err(error)),
        _ => Ok(tried),
    }
}

/// Reads as `identity` and commits, so that what outlives a transaction shows on the connection; tells whether it did:
/// not where something was written, which no clone but one of its own may keep.
pub async fn read_and_commit(
    session: &mut Session,
    identity: &Identity,
    sql: &str,
    whatever: bool,
) -> Result<(Tried, bool), Trouble> {
    let (tried, unwritten) = look_on(session, identity, sql).await?;
    let commits = tried.is_ok() && (whatever || unwritten);
    session.batch(if commits { "COMMIT" } else { "ROLLBACK" }).await?;
    Ok((tried, commits))
}
