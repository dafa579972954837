//! Scripts, sent statement by statement over the simple protocol, so that the statement that fails is known.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use tokio::time::Instant;

use super::failure::{Cause, Failure, sqlstate};
use super::privileged::Exempt;
use super::script::{Script, TransactionMode};
use super::watch::{Sent, Watch};
use crate::sql::StatementKind;

/// What came of a script that ran to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptRun {
    /// How it stood to transactions.
    pub mode: TransactionMode,
    /// Statements that a superuser session ran in the owner's place, in words.
    pub exempted: Vec<String>,
}

/// How scripts are run.
#[derive(Debug)]
pub struct Runner<'a> {
    /// For the whole script.
    pub timeout: Duration,
    /// Never within a transaction of the runner's.
    pub one_by_one: bool,
    /// Who stands in where the session's role may not; see [`super::privileged`].
    pub exempt: Option<Exempt<'a>>,
}

impl Runner<'_> {
    /// Runs `script` on `connection`, to its end or to the first error.
    ///
    /// # Errors
    /// The statement that failed, shown in its file. The connection may then be in the middle of a transaction, or of a
    /// statement: close it.
    pub async fn run(&self, connection: &mut PgConnection, script: &Script) -> Result<ScriptRun, Failure> {
        self.run_watched(connection, script, None).await
    }

    /// The same, with `watch` told of every statement.
    ///
    /// # Errors
    /// As [`Runner::run`].
    pub async fn run_watched(
        &self,
        connection: &mut PgConnection,
        script: &Script,
        watch: Option<&mut dyn Watch>,
    ) -> Result<ScriptRun, Failure> {
        let mode = script.mode(self.one_by_one);
        let deadline = Instant::now() + self.timeout;
        let pid = match watch {
            Some(_) => pid(connection).await.map_err(|error| Failure::of(script, 0, Cause::Server(error)))?,
            None => 0,
        };
        let mut running =
            RunningScript { runner: self, connection, script, watch, pid, deadline, exempted: Vec::new() };
        let at_end = script.statements.len().saturating_sub(1);
        let mut in_block = mode == TransactionMode::OneTransaction;
        if in_block {
            running.send(0, "BEGIN").await?;
        }
        for (n, statement) in script.statements.iter().enumerate() {
            running.look(n, in_block, None).await;
            let started = Instant::now();
            running.statement(n, script.text(statement), in_block).await?;
            match statement.kind {
                StatementKind::Begin => in_block = true,
                StatementKind::End => in_block = false,
                StatementKind::Ordinary | StatementKind::Savepoint | StatementKind::Unblocked => {}
            }
            running.look(n, in_block, Some(started.elapsed())).await;
        }
        if mode == TransactionMode::OneTransaction {
            running.send(at_end, "COMMIT").await?;
        } else {
            running.expect_no_open_block(at_end).await?;
        }
        Ok(ScriptRun { mode, exempted: running.exempted })
    }
}

struct RunningScript<'a, 'w> {
    runner: &'a Runner<'a>,
    connection: &'a mut PgConnection,
    script: &'a Script,
    watch: Option<&'a mut (dyn Watch + 'w)>,
    pid: i32,
    deadline: Instant,
    exempted: Vec<String>,
}

impl RunningScript<'_, '_> {
    /// Tells the watch of statement `n`, which took `elapsed` or is still to be sent.
    async fn look(&mut self, n: usize, open: bool, elapsed: Option<Duration>) {
        let Some(watch) = &mut self.watch else { return };
        let started = Instant::now();
        let statement = Sent { script: self.script, index: n, open, pid: self.pid };
        match elapsed {
            None => watch.before(statement).await,
            Some(elapsed) => watch.after(statement, elapsed).await,
        }
        self.deadline += started.elapsed();
    }

    /// Sends the script's statement `n`, or has it done where the role may not and an exemption stands.
    async fn statement(&mut self, n: usize, text: &str, in_block: bool) -> Result<(), Failure> {
        // What a session listens for ends with it. A notification that came in between would be taken for a broken answer.
        if listens(text) {
            return self.send(n, &format!("{}; UNLISTEN *", text.trim_end().trim_end_matches(';'))).await;
        }
        let exemption = self.runner.exempt.as_ref().and_then(|exempt| exempt.of(text).map(|what| (exempt, what)));
        let Some((exempt, what)) = exemption else {
            return self.send(n, text).await;
        };
        // The refusal must not end the transaction that the statement stands in.
        if in_block {
            self.send(n, "SAVEPOINT rlsgate_exempt").await?;
        }
        let refused = match self.send(n, text).await {
            Ok(()) if in_block => return self.send(n, "RELEASE rlsgate_exempt").await,
            Ok(()) => return Ok(()),
            Err(failure) if failure.code.as_deref() == Some(sqlstate::INSUFFICIENT_PRIVILEGE) => failure,
            Err(failure) => return Err(failure),
        };
        if in_block {
            self.send(n, "ROLLBACK TO rlsgate_exempt").await?;
        }
        if exempt.run(&what).await.is_err() {
            return Err(refused);
        }
        self.exempted.push(what.words);
        Ok(())
    }

    async fn send(&mut self, n: usize, text: &str) -> Result<(), Failure> {
        let sent = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut *self.connection);
        let cause = match tokio::time::timeout_at(self.deadline, sent).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => Cause::Server(error),
            Err(_) => Cause::Timeout(self.runner.timeout),
        };
        Err(Failure::of(self.script, n, cause))
    }

    /// A block that a script leaves open would be rolled back with the session, unnoticed.
    async fn expect_no_open_block(&mut self, n: usize) -> Result<(), Failure> {
        match self.send(n, "SAVEPOINT rlsgate_end").await {
            Err(failure) if failure.code.as_deref() == Some(sqlstate::NO_ACTIVE_TRANSACTION) => Ok(()),
            Ok(()) => Err(Failure::of(self.script, n, Cause::OpenBlock)),
            Err(failure) => Err(failure),
        }
    }
}

/// Whether the statement is a LISTEN; comments before it are not part of its text.
fn listens(text: &str) -> bool {
    let (word, rest) = text.split_at(text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len()));
    word.eq_ignore_ascii_case("listen") && !rest.is_empty()
}

async fn pid(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    // Not a prepared statement: the session's are discarded between two files.
    connection.fetch_one(sqlx::raw_sql("SELECT pg_catalog.pg_backend_pid()")).await?.try_get(0)
}
