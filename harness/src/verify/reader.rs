//! The session on a live database: each statement alone, in a READ ONLY transaction that is rolled back, and looked at
//! before and after.
//!
//! A statement of a suite is asked about by its words, PREPAREd by the extended protocol, which takes one statement and no
//! more, asked about by what it reads, and EXECUTEd where nothing speaks against it. Queries of the harness's own find their
//! names in `pg_catalog` alone. All settings are local to the transaction: behind a pooler the session is somebody else's
//! the next moment. REPEATABLE READ, so that one statement and what its functions read see one state; DEFERRABLE means
//! something in SERIALIZABLE only (PostgreSQL docs, "SET TRANSACTION").

use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use super::statement::LiveStatement;
use super::wire::Wire;
use super::{barred, calls};
use crate::Error;
use crate::pg::error::ServerError;
use crate::pg::session::{ConnectionLost, Reply, ResultSet};
use crate::sql::quote::ident;
use crate::suite::resolved::Name;

/// What a session is held to.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// Per statement.
    pub statement: Duration,
    /// Per lock.
    pub lock: Duration,
    /// Where names without a schema are looked for, after `pg_catalog`.
    pub schemas: Vec<String>,
    /// Functions of the database that the suite accepts.
    pub may_call: Vec<Name>,
    /// Whether a superuser's session is meant.
    pub as_superuser: bool,
    /// Whether messages of the server may hold row values.
    pub values: bool,
}

/// A session on a live database.
#[derive(Debug)]
pub(crate) struct Reader {
    wire: Wire,
    limits: Limits,
    /// `user@host/database`, for reports.
    pub place: String,
    /// The server's major version.
    pub major: u32,
}

/// What came of a statement of a suite.
#[derive(Debug)]
pub(crate) enum StatementOutcome {
    /// Not sent: what it would have run.
    Barred(Vec<String>),
    /// It may be sent; only that was asked.
    Clear,
    /// Its rows, or the server's error.
    Tried(Result<ResultSet, ServerError>),
}

/// Where names without a schema are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Path {
    /// In `pg_catalog` alone, so that nothing of the database can be meant.
    Own,
    /// In the suite's schemas as well.
    Suite,
}

/// How far a statement is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StatementReach {
    /// Executed with no catalog read before: a guard of built-in functions alone.
    Guard,
    /// Prepared and looked at.
    Look,
    /// Executed if nothing speaks against it.
    Ask,
}

/// What the session is, without reading a catalog: equal before and after a statement.
const STATE: &str = "SELECT pg_catalog.current_setting('transaction_read_only'), pg_catalog.current_setting('is_superuser'), \
    pg_catalog.pg_current_xact_id_if_assigned()::text, pg_catalog.transaction_timestamp(), pg_catalog.pg_backend_pid(), \
    session_user, current_user, pg_catalog.current_setting('row_security'), pg_catalog.pg_my_temp_schema(), \
    (SELECT pg_catalog.count(*) FROM pg_catalog.pg_lock_status() l WHERE l.locktype = 'advisory' AND l.pid = pg_catalog.pg_backend_pid()), \
    (SELECT pg_catalog.count(*) FROM pg_catalog.pg_listening_channels())";

/// Where a statement that fails is taken back to, so that what it left behind can still be asked.
const SAVED: &str = "rlsgate_statement";

/// Beyond the statement timeout, the server gets this long to answer.
const GRACE: Duration = Duration::from_secs(2);

/// Roles whose members run programs and reach files of the server (PostgreSQL docs, "Predefined Roles").
const POWERS: &str = "SELECT coalesce(pg_catalog.string_agg(r.rolname, ', ' ORDER BY r.rolname), '') FROM pg_catalog.pg_roles r \
    WHERE r.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files') \
      AND pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')";

impl Reader {
    /// Connects, and sends nothing yet. A password that the URL lacks is taken from libpq's `PGPASSWORD` or its password
    /// file.
    ///
    /// # Errors
    /// [`Error::Usage`] for what is no URL, [`Error::Environment`] where nobody is let in. Neither repeats the URL.
    pub(crate) async fn connect(url: &str, limits: Limits) -> Result<Self, Error> {
        let (wire, place, major) = Wire::open(url, limits.statement + GRACE).await?;
        Ok(Self { wire, limits, place, major })
    }

    /// The answer to a guard of built-in functions alone, for which no catalog is read.
    ///
    /// # Errors
    /// The connection is lost, or is a superuser's that is not meant.
    pub(super) async fn guard(&mut self, statement: &LiveStatement) -> Result<StatementOutcome, ConnectionLost> {
        self.send(statement, StatementReach::Guard).await
    }

    /// The answer to `statement` if nothing speaks against it.
    ///
    /// # Errors
    /// The connection is lost.
    pub(super) async fn asked(&mut self, statement: &LiveStatement) -> Result<StatementOutcome, ConnectionLost> {
        self.send(statement, StatementReach::Ask).await
    }

    /// Whether `statement` may be sent, without executing it.
    ///
    /// # Errors
    /// The connection is lost.
    pub(super) async fn look(&mut self, statement: &LiveStatement) -> Result<StatementOutcome, ConnectionLost> {
        self.send(statement, StatementReach::Look).await
    }

    /// The answer to a query of the suite.
    ///
    /// # Errors
    /// The connection is lost; or the query, or what it runs, is not one that may be sent, which planning has ruled out.
    pub(crate) async fn ask(&mut self, sql: &str) -> Result<Result<ResultSet, ServerError>, ConnectionLost> {
        let statement = super::statement::read(sql).map_err(|refused| ConnectionLost(refused.to_string()))?;
        match self.asked(&statement).await? {
            StatementOutcome::Tried(tried) => Ok(tried),
            StatementOutcome::Barred(what) => Err(ConnectionLost(format!("not sent: it runs {}", what.join("; ")))),
            StatementOutcome::Clear => Err(ConnectionLost("not executed".to_owned())),
        }
    }

    /// Who the session is, for evidence.
    #[must_use]
    pub(crate) fn who(&self) -> String {
        format!("as the session's own role, read only: {}", self.place)
    }

    /// The roles with programs and files that the session's user is a member of; empty where it is of none.
    pub(super) async fn powers(&mut self) -> Result<String, ConnectionLost> {
        self.begin(Path::Own).await?;
        let mut reply = answered(self.wire.batch(POWERS).await?)?;
        self.wire.batch("ROLLBACK").await?;
        Ok(reply.rows.pop().and_then(|mut row| row.pop()).flatten().unwrap_or_default())
    }

    /// Calls `read` with the connection, in a transaction as any other: `read` sends text of the harness's own, and of the
    /// suite what was looked at.
    ///
    /// # Errors
    /// Those of `read`; [`Error::Environment`] where the connection is lost, or the transaction was left other than it was.
    pub(super) async fn reading<T>(
        &mut self,
        path: Path,
        read: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let lost = |ConnectionLost(why): ConnectionLost| Error::environment(why, "look at the server's log");
        let before = self.begin(path).await.map_err(lost)?;
        let conn = self.wire.conn().map_err(lost)?;
        let all = read(conn).await;
        // What the driver prepared would stay behind with a pooler's session.
        let forgotten = conn.clear_cached_statements().await.map_err(|error| lost(ConnectionLost(error.to_string())));
        self.unchanged(&before, all.is_err()).await.map_err(lost)?;
        self.wire.batch("ROLLBACK").await.map_err(lost)?;
        forgotten.and(all)
    }

    async fn send(
        &mut self,
        statement: &LiveStatement,
        reach: StatementReach,
    ) -> Result<StatementOutcome, ConnectionLost> {
        let before = self.begin(Path::Own).await?;
        let asked = barred::asked(&self.limits.schemas, &self.limits.may_call);
        if reach != StatementReach::Guard {
            let barred = self.barred(&calls::of_words(statement, asked.clone())).await?;
            if !barred.is_empty() {
                self.wire.batch("ROLLBACK").await?;
                return Ok(StatementOutcome::Barred(barred));
            }
        }
        if let Err(error) = self.wire.prepare(&statement.sql).await? {
            self.unchanged(&before, true).await?;
            self.wire.batch("ROLLBACK").await?;
            return Ok(StatementOutcome::Tried(Err(self.shown(error))));
        }
        let barred =
            if reach == StatementReach::Guard { Vec::new() } else { self.barred(&calls::of_relations(&asked)).await? };
        let answer = match reach {
            _ if !barred.is_empty() => StatementOutcome::Barred(barred),
            StatementReach::Look => StatementOutcome::Clear,
            StatementReach::Guard | StatementReach::Ask => StatementOutcome::Tried(self.execute(&before).await?),
        };
        // One message: behind a pooler the session is ours until its end.
        self.wire.batch("ROLLBACK; DEALLOCATE rlsgate_query").await?;
        Ok(answer)
    }

    /// The answer to a question about a statement, after which names are looked for where the suite has them.
    async fn barred(&mut self, question: &str) -> Result<Vec<String>, ConnectionLost> {
        let (own, suite) = (self.search(Path::Own), self.search(Path::Suite));
        let mut list = self.wire.batch(&format!("{own}; {question}; {suite}")).await?;
        // The question is the second of three.
        list.results.truncate(2);
        let text = answered(list)?.rows.into_iter().flatten().flatten().next().unwrap_or_default();
        serde_json::from_str(&text)
            .map_err(|error| ConnectionLost(format!("unexpected answer of the catalogs: {error}")))
    }

    async fn execute(&mut self, before: &ResultSet) -> Result<Result<ResultSet, ServerError>, ConnectionLost> {
        let reply = self.wire.batch("EXECUTE rlsgate_query").await?;
        self.unchanged(before, reply.error.is_some()).await?;
        Ok(match reply.error {
            Some(error) => Err(self.shown(error)),
            None => Ok(reply.results.into_iter().next_back().unwrap_or_default()),
        })
    }

    /// Gives the session up unless it is what it was; where a statement failed, what it left behind outlived that.
    async fn unchanged(&mut self, before: &ResultSet, failed: bool) -> Result<(), ConnectionLost> {
        let back = if failed { format!("ROLLBACK TO {SAVED}; ") } else { String::new() };
        let after = answered(self.wire.batch(&format!("{back}{STATE}")).await?)?;
        if after.rows == before.rows {
            return Ok(());
        }
        // Behind a pooler the server's session lives on.
        self.wire.batch("ROLLBACK; SELECT pg_catalog.pg_advisory_unlock_all(); UNLISTEN *").await?;
        self.leave("the statement left the transaction or the session other than it found them").await
    }

    /// Begins the transaction of one statement, and says what it is.
    async fn begin(&mut self, path: Path) -> Result<ResultSet, ConnectionLost> {
        let search = self.search(path);
        let (statement, lock) = (self.limits.statement.as_millis(), self.limits.lock.as_millis());
        let idle = (self.limits.statement + GRACE).as_millis();
        // Without JIT: to compile the questions about a statement would take seconds, and to answer them takes none.
        let state = answered(
            self.wire
                .batch(&format!(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {statement}; \
                 SET LOCAL lock_timeout = {lock}; SET LOCAL idle_in_transaction_session_timeout = {idle}; \
                 {search}; SET LOCAL row_security = off; \
                 SET LOCAL standard_conforming_strings = on; SET LOCAL constraint_exclusion = off; \
                 SET LOCAL client_min_messages = error; SET LOCAL jit = off; SAVEPOINT {SAVED}; {STATE}"
                ))
                .await?,
        )?;
        let at = |n: usize| state.rows.first().and_then(|row| row.get(n)).and_then(Option::as_deref);
        if at(0) != Some("on") {
            self.leave("the transaction is not read only").await?;
        }
        if at(1) != Some("off") && !self.limits.as_superuser {
            self.leave(SUPERUSER).await?;
        }
        Ok(state)
    }

    /// The setting by which names are looked for, among temporary tables last.
    fn search(&self, path: Path) -> String {
        let schemas = self.limits.schemas.iter().filter(|_| path == Path::Suite);
        let schemas: String = schemas.map(|schema| format!("{}, ", ident(schema))).collect();
        format!("SET LOCAL search_path = pg_catalog, {schemas}pg_temp")
    }

    fn shown(&self, error: ServerError) -> ServerError {
        if self.limits.values { error } else { error.without_values() }
    }

    /// Ends the session at once: nothing is sent on it again.
    async fn leave(&mut self, why: &str) -> Result<(), ConnectionLost> {
        self.wire.batch("ROLLBACK").await?;
        self.wire.close().await;
        Err(ConnectionLost(why.to_owned()))
    }

    /// Takes the leave that the protocol asks for; locks of the session end with it.
    pub(crate) async fn close(&mut self) {
        self.wire.close().await;
    }
}

/// Why a superuser's session is given up.
pub(super) const SUPERUSER: &str = "the session is a superuser's, whom nothing holds";

/// The last result of a batch of our own, which must not fail.
fn answered(reply: Reply) -> Result<ResultSet, ConnectionLost> {
    match reply.error {
        Some(error) => Err(ConnectionLost(format!("a query of the harness's own failed: {}", error.line()))),
        None => Ok(reply.results.into_iter().next_back().unwrap_or_default()),
    }
}
