//! What is kept aside in the server before the revision runs: a schema of the harness's own, in the clone, written by the
//! witness role.

use sqlx::postgres::PgConnection;

use super::crossing::run;
use crate::Error;

/// The schema. No name of a chain's begins with the harness's.
pub const SCHEMA: &str = "rlsgate_aside";

/// Makes the schema.
///
/// # Errors
/// [`Error::Untested`] with what the server said.
pub async fn begin(conn: &mut PgConnection) -> Result<(), Error> {
    run(conn, &format!("CREATE SCHEMA {SCHEMA}")).await
}

/// Keeps what `query` returns as the table `name`, with its types.
///
/// # Errors
/// As [`begin`].
pub async fn keep(conn: &mut PgConnection, name: &str, query: &str) -> Result<(), Error> {
    run(conn, &format!("CREATE UNLOGGED TABLE {SCHEMA}.{name} AS SELECT * FROM ({query}) q")).await?;
    // The planner has no idea of a table that was made this moment.
    run(conn, &format!("ANALYZE {SCHEMA}.{name}")).await
}

/// The query that reads what was kept.
#[must_use]
pub fn kept(name: &str) -> String {
    format!("SELECT * FROM {SCHEMA}.{name}")
}
