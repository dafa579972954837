//! One connection, spoken to in batches of the simple query protocol: one round trip for many statements, every
//! value as text, and the server's error with its fields.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Either, Row, ValueRef};
use tokio::time::timeout;

use crate::pg::error::ServerError;

/// What one statement of a batch gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ResultSet {
    /// Names of the columns; empty where no row came.
    pub columns: Vec<String>,
    /// Names of their types, as the driver has them: `INT8`, `BOOL`, …
    pub types: Vec<String>,
    /// The rows; NULL is `None`.
    pub rows: Vec<Vec<Option<String>>>,
    /// Rows that came after as much as was to be kept.
    pub beyond: u64,
    /// Rows returned or changed, as the command tag says.
    pub affected: u64,
}

impl ResultSet {
    /// How many rows came, kept or not.
    #[must_use]
    pub(crate) const fn count(&self) -> u64 {
        self.rows.len() as u64 + self.beyond
    }
}

/// What a batch gave: a result for every statement that completed, and the error that stopped it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    /// In the order of the statements.
    pub results: Vec<ResultSet>,
    /// Of the statement after the last result.
    pub error: Option<ServerError>,
}

/// The connection is gone, or did not answer in time: infrastructure, never a verdict.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct ConnectionLost(pub String);

/// A connection.
#[derive(Debug)]
pub(crate) struct Session {
    conn: Option<PgConnection>,
    /// How to connect, and what to begin with, until something is sent.
    later: Option<Box<PgConnectOptions>>,
    /// What it begins with.
    preparation: String,
    /// What a statement may take.
    time: Duration,
    values: bool,
    /// Whether a transaction may stand open.
    begun: bool,
}

/// Beyond the statement timeout, the server gets this long to answer before the connection is given up: code of the
/// schema may have switched the timeout off.
const GRACE: Duration = Duration::from_secs(2);

impl Session {
    /// Connects and runs `preparation`. A statement may take `statement_timeout`.
    pub(crate) async fn connect(
        options: &PgConnectOptions,
        statement_timeout: Duration,
        preparation: &str,
    ) -> Result<Self, ConnectionLost> {
        let mut session = Self::later(options, statement_timeout, preparation);
        session.open().await?;
        Ok(session)
    }

    /// A session that connects when something is first sent: for who may need none.
    #[must_use]
    pub(crate) fn later(options: &PgConnectOptions, statement_timeout: Duration, preparation: &str) -> Self {
        let milliseconds = statement_timeout.as_millis();
        Self {
            conn: None,
            later: Some(Box::new(options.clone().disable_statement_logging())),
            preparation: format!(
                "SET statement_timeout = {milliseconds}; SET client_min_messages = error; {preparation}"
            ),
            time: statement_timeout,
            values: false,
            begun: false,
        }
    }

    /// Connects, where it has not yet.
    pub(crate) async fn open(&mut self) -> Result<(), ConnectionLost> {
        let Some(options) = self.later.take() else { return Ok(()) };
        let limit = self.time + GRACE;
        let conn = timeout(limit, options.connect())
            .await
            .map_err(|_| ConnectionLost(format!("no connection within {} s", limit.as_secs())))?
            .map_err(|error| ConnectionLost(format!("cannot connect: {error}")))?;
        tracing::debug!(role = options.get_username(), database = options.get_database(), "connected");
        self.conn = Some(conn);
        self.prepare().await
    }

    async fn prepare(&mut self) -> Result<(), ConnectionLost> {
        match self.send(&self.preparation.clone()).await?.error {
            None => Ok(()),
            Some(error) => {
                self.conn = None;
                Err(ConnectionLost(format!("the session could not be prepared: {}", error.line())))
            }
        }
    }

    /// Takes away what was left on the session (PostgreSQL docs, DISCARD), and prepares it again.
    pub(crate) async fn discard(&mut self) -> Result<(), ConnectionLost> {
        self.roll_back().await?;
        match self.send("DISCARD ALL").await?.error {
            None => self.prepare().await,
            Some(error) => Err(ConnectionLost(format!("the session could not be cleared: {}", error.line()))),
        }
    }

    /// Whether errors may hold row values in their messages; they do not unless this says so.
    pub(crate) const fn show_values(&mut self, values: bool) {
        self.values = values;
    }

    /// Sends `sql` as one message. An error of the server is part of the reply; only the loss of the connection is an
    /// error here, and the session stays lost after it.
    pub(crate) async fn batch(&mut self, sql: &str) -> Result<Reply, ConnectionLost> {
        self.batch_of(1, sql).await
    }

    /// The same with so many statements that may each take the time of one.
    pub(crate) async fn batch_of(&mut self, statements: u32, sql: &str) -> Result<Reply, ConnectionLost> {
        self.open().await?;
        self.begun = true;
        self.send_within(self.time * statements.max(1), sql).await
    }

    /// Ends the transaction that the last message may have left open.
    pub(crate) async fn roll_back(&mut self) -> Result<(), ConnectionLost> {
        if self.begun {
            self.send("ROLLBACK").await?;
            self.begun = false;
        }
        Ok(())
    }

    async fn send(&mut self, sql: &str) -> Result<Reply, ConnectionLost> {
        self.send_within(self.time, sql).await
    }

    async fn send_within(&mut self, time: Duration, sql: &str) -> Result<Reply, ConnectionLost> {
        let limit = time + GRACE;
        let Some(mut conn) = self.conn.take() else {
            return Err(ConnectionLost("the connection was lost before".into()));
        };
        let reply = timeout(limit, drive(&mut conn, sql, usize::MAX))
            .await
            .map_err(|_| ConnectionLost(format!("no answer within {} s", limit.as_secs())))??;
        self.conn = Some(conn);
        let error = if self.values { reply.error } else { reply.error.map(ServerError::without_values) };
        Ok(Reply { error, ..reply })
    }

    /// Whether the connection is still there.
    #[must_use]
    pub(crate) const fn is_open(&self) -> bool {
        self.conn.is_some() || self.later.is_some()
    }

    /// Whether it has connected already.
    #[must_use]
    pub(crate) const fn is_connected(&self) -> bool {
        self.conn.is_some()
    }

    /// Takes the leave that the protocol asks for.
    pub(crate) async fn close(mut self) {
        if let Some(conn) = self.conn.take() {
            // A server that is gone by now is what the caller wants anyway.
            let _gone = timeout(GRACE, conn.close()).await;
        }
    }
}

/// Sends `sql` as one message of the simple query protocol. Once the rows of a statement hold `kept` bytes, its others are
/// counted only.
pub(crate) async fn drive(conn: &mut PgConnection, sql: &str, kept: usize) -> Result<Reply, ConnectionLost> {
    use futures_util::TryStreamExt as _;

    let mut reply = Reply::default();
    let mut current = ResultSet::default();
    let mut held = 0;
    let mut stream = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_many(conn);
    loop {
        match stream.try_next().await {
            Ok(None) => return Ok(reply),
            Ok(Some(Either::Left(done))) => {
                current.affected = done.rows_affected();
                reply.results.push(std::mem::take(&mut current));
                held = 0;
            }
            Ok(Some(Either::Right(_))) if held >= kept => current.beyond += 1,
            Ok(Some(Either::Right(row))) => {
                take_row(&mut current, &row)?;
                let row = current.rows.last().into_iter().flatten();
                held += row.map(|value| size_of_val(value) + value.as_ref().map_or(0, String::len)).sum::<usize>();
            }
            Err(sqlx::Error::Database(error)) => {
                let error = error.downcast_ref::<sqlx::postgres::PgDatabaseError>();
                let error = ServerError::from_driver(error);
                if error.ends_the_connection() {
                    return Err(ConnectionLost(error.without_values().line()));
                }
                reply.error = Some(error);
                return Ok(reply);
            }
            Err(error) => return Err(ConnectionLost(format!("the connection was lost: {error}"))),
        }
    }
}

fn take_row(current: &mut ResultSet, row: &PgRow) -> Result<(), ConnectionLost> {
    use sqlx::{Column as _, TypeInfo as _};

    if current.rows.is_empty() {
        current.columns = row.columns().iter().map(|column| column.name().to_owned()).collect();
        current.types = row.columns().iter().map(|column| column.type_info().name().to_owned()).collect();
    }
    let mut values = Vec::with_capacity(row.len());
    for n in 0..row.len() {
        let value = row.try_get_raw(n).map_err(|error| ConnectionLost(error.to_string()))?;
        values.push(if value.is_null() {
            None
        } else {
            let text = value.as_str().map_err(|error| ConnectionLost(format!("a value is not text: {error}")))?;
            Some(text.to_owned())
        });
    }
    current.rows.push(values);
    Ok(())
}
