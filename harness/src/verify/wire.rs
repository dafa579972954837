//! The connection to a live database: one message after the other, each within a time limit, and lost for good once one
//! was not answered.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tokio::time::timeout;

use super::place;
use crate::Error;
use crate::pg::error::ServerError;
use crate::pg::session::{ConnectionLost, Reply, drive};
use crate::text::printable;

/// What is kept of an answer: far more than a suite can want, and far less than a table holds. Rows beyond are counted.
const KEPT_BYTES: usize = 4 << 20;

/// How long a server is given to say that it has heard the end.
const LEAVE: Duration = Duration::from_secs(2);

/// A connection, while it is there.
#[derive(Debug)]
pub(super) struct Wire {
    conn: Option<PgConnection>,
    limit: Duration,
}

impl Wire {
    /// Connects, and sends nothing yet: the connection, `user@host/database`, and the server's major version. Each message
    /// is given up after `limit`.
    ///
    /// # Errors
    /// [`Error::Usage`] for what is no URL, [`Error::Environment`] where nobody is let in. Neither repeats the URL.
    pub(super) async fn open(url: &str, limit: Duration) -> Result<(Self, String, u32), Error> {
        let (options, place) = place::of(url)?;
        let unreachable = |why: String| {
            Error::environment(
                format!("cannot connect as {place}: {}", printable(&why)),
                "check the URL, and the password of the environment",
            )
        };
        let connecting = options.application_name("rlsgate").disable_statement_logging();
        let conn = timeout(limit, connecting.connect())
            .await
            .map_err(|_| unreachable(format!("no answer within {} s", limit.as_secs())))?
            .map_err(|error| unreachable(error.to_string()))?;
        tracing::info!(%place, "connected to the live database");
        let major = conn.server_version_num().unwrap_or_default() / 10000;
        Ok((Self { conn: Some(conn), limit }, place, major))
    }

    /// The connection itself.
    pub(super) fn conn(&mut self) -> Result<&mut PgConnection, ConnectionLost> {
        self.conn.as_mut().ok_or_else(gone)
    }

    /// PREPAREs `sql` as `rlsgate_query` by the extended protocol; the outer error is the connection's.
    pub(super) async fn prepare(&mut self, sql: &str) -> Result<Result<(), ServerError>, ConnectionLost> {
        let Some(mut conn) = self.conn.take() else { return Err(gone()) };
        let text = AssertSqlSafe(format!("PREPARE rlsgate_query AS {sql}"));
        let sent = timeout(self.limit, sqlx::query(text).persistent(false).execute(&mut conn)).await;
        let prepared = match sent.map_err(|_| self.late())? {
            Ok(_) => Ok(()),
            Err(sqlx::Error::Database(error)) => {
                let error = ServerError::from_driver(error.downcast_ref::<sqlx::postgres::PgDatabaseError>());
                if error.ends_the_connection() {
                    return Err(ConnectionLost(error.line()));
                }
                Err(error)
            }
            Err(error) => return Err(ConnectionLost(format!("the connection was lost: {error}"))),
        };
        self.conn = Some(conn);
        Ok(prepared)
    }

    /// Sends `sql` as one message of the simple query protocol.
    pub(super) async fn batch(&mut self, sql: &str) -> Result<Reply, ConnectionLost> {
        let Some(mut conn) = self.conn.take() else { return Err(gone()) };
        let reply = timeout(self.limit, drive(&mut conn, sql, KEPT_BYTES)).await.map_err(|_| self.late())??;
        self.conn = Some(conn);
        Ok(reply)
    }

    /// Takes the leave that the protocol asks for.
    pub(super) async fn close(&mut self) {
        if let Some(conn) = self.conn.take() {
            // A server that is gone by now is what the caller wants anyway.
            let _gone = timeout(LEAVE, conn.close()).await;
        }
    }

    fn late(&self) -> ConnectionLost {
        ConnectionLost(format!("no answer within {} s", self.limit.as_secs()))
    }
}

fn gone() -> ConnectionLost {
    ConnectionLost("the session was given up before".to_owned())
}
