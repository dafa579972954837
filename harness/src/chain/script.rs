//! An SQL file, sent statement by statement over the simple protocol, so that the statement that fails is known.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use tokio::time::Instant;

use super::failure::{Cause, Failure, sqlstate};
use super::privileged::Exempt;
use crate::Error;
use crate::diagnostic::Diagnostics;
use crate::sql::{Kind, Statement, read_file, split_part};

/// A file of SQL, or the part of one that is one direction of a revision, cut into statements.
#[derive(Debug)]
pub struct Script {
    /// The file as the user named it.
    pub path: PathBuf,
    /// Its whole text, whatever part of it the script is: places in messages are those of the file.
    pub source: Arc<str>,
    /// In order; none if it is empty or only comments.
    pub statements: Vec<Statement>,
    /// Whether the file, in the way of its tool, asks for no transaction around it.
    pub one_by_one: bool,
}

impl Script {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// As [`read_file`] and [`Script::parse`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(path, read_file(path)?)
    }

    /// The script that `source` is; `path` is what messages call it.
    ///
    /// # Errors
    /// [`Error::Input`] if it cannot be cut into statements, or is for psql; see [`split`](fn@crate::sql::split).
    pub fn parse(path: &Path, source: Arc<str>) -> Result<Self, Error> {
        let whole = 0..source.len();
        Ok(Self::part(path, source, whole)?)
    }

    /// The script that the bytes `part` of `source` are.
    ///
    /// # Errors
    /// As [`Script::parse`].
    pub fn part(path: &Path, source: Arc<str>, part: Range<usize>) -> Result<Self, Diagnostics> {
        match split_part(&source, part) {
            Ok(statements) => Ok(Self { path: path.to_owned(), source, statements, one_by_one: false }),
            Err(error) => Err(error.in_file(path, source).into()),
        }
    }

    /// The text of one of its statements.
    #[must_use]
    pub fn text(&self, statement: &Statement) -> &str {
        self.source.get(statement.text.clone()).unwrap_or_default()
    }

    fn mode(&self, one_by_one: bool) -> Mode {
        let any = |is: fn(Kind) -> bool| self.statements.iter().any(|statement| is(statement.kind));
        if one_by_one || self.one_by_one || any(|kind| kind == Kind::Unblocked) {
            Mode::OneByOne
        } else if any(Kind::rules_its_own_transaction) {
            Mode::OwnTransactions
        } else {
            Mode::OneTransaction
        }
    }
}

/// How a script stood to transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// All of it is one transaction.
    OneTransaction,
    /// It has its own BEGIN and COMMIT; what stands outside commits by itself.
    OwnTransactions,
    /// Each statement commits by itself: one cannot run in a transaction, or the manifest says so.
    OneByOne,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneTransaction => "one transaction",
            Self::OwnTransactions => "its own transactions",
            Self::OneByOne => "statement by statement",
        })
    }
}

/// What came of a script that ran to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// How it stood to transactions.
    pub mode: Mode,
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
    pub async fn run(&self, connection: &mut PgConnection, script: &Script) -> Result<Ran, Failure> {
        let mode = script.mode(self.one_by_one);
        let mut running =
            Running { runner: self, connection, script, deadline: Instant::now() + self.timeout, exempted: Vec::new() };
        let at_end = script.statements.len().saturating_sub(1);
        let mut in_block = mode == Mode::OneTransaction;
        if in_block {
            running.send(0, "BEGIN").await?;
        }
        for (n, statement) in script.statements.iter().enumerate() {
            running.statement(n, script.text(statement), in_block).await?;
            match statement.kind {
                Kind::Begin => in_block = true,
                Kind::End => in_block = false,
                Kind::Ordinary | Kind::Savepoint | Kind::Unblocked => {}
            }
        }
        if mode == Mode::OneTransaction {
            running.send(at_end, "COMMIT").await?;
        } else {
            running.expect_no_open_block(at_end).await?;
        }
        Ok(Ran { mode, exempted: running.exempted })
    }
}

struct Running<'a> {
    runner: &'a Runner<'a>,
    connection: &'a mut PgConnection,
    script: &'a Script,
    deadline: Instant,
    exempted: Vec<String>,
}

impl Running<'_> {
    /// Sends the script's statement `n`, or has it done where the role may not and an exemption stands.
    async fn statement(&mut self, n: usize, text: &str, in_block: bool) -> Result<(), Failure> {
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
