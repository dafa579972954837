//! What is kept aside in the server before the revision runs: a schema of the harness's own, in the clone, written by the
//! witness role.
//!
//! Nothing there depends on a type of the chain's, which the revision may drop: such columns are kept as text, and their
//! comment is the name of the type.

use sqlx::postgres::PgConnection;

pub use super::own_schema::SCHEMA;
use crate::Error;
use crate::fidelity::described::{ComparedSide, Described, describe};
use crate::fidelity::fixture::run;
use crate::fidelity::statement::inner;
use crate::sql::quote::{ident, literal};

/// Makes the schema.
///
/// # Errors
/// [`Error::Environment`] with what the server said.
pub async fn begin(conn: &mut PgConnection) -> Result<(), Error> {
    run(conn, &format!("CREATE SCHEMA {SCHEMA}")).await
}

/// Keeps what `query` returns as the table `name`.
///
/// # Errors
/// As [`begin`].
pub async fn keep(conn: &mut PgConnection, name: &str, query: &str) -> Result<(), Error> {
    let columns =
        describe(conn, query, if name == "target" { ComparedSide::Target } else { ComparedSide::Source }).await?;
    let list = columns.iter().map(column_of).collect::<Vec<_>>().join(", ");
    run(conn, &format!("CREATE UNLOGGED TABLE {SCHEMA}.{name} AS SELECT {list} FROM {} q", inner(query))).await?;
    for Described { name: column, shown, .. } in columns.iter().filter(|column| column.own) {
        run(conn, &format!("COMMENT ON COLUMN {SCHEMA}.{name}.{} IS {}", ident(column), literal(shown))).await?;
    }
    // The planner has no idea of a table that was made this moment.
    run(conn, &format!("ANALYZE {SCHEMA}.{name}")).await
}

/// The columns `names` of `query`, as they can be kept: a list for SELECT.
///
/// # Errors
/// [`Error::Environment`] where the query is refused.
pub async fn kept_columns(conn: &mut PgConnection, query: &str, names: &[String]) -> Result<String, Error> {
    let columns = describe(conn, query, ComparedSide::Source).await?;
    let one = |name: &String| {
        columns.iter().find(|column| column.name == *name).map_or_else(|| format!("q.{}", ident(name)), column_of)
    };
    Ok(names.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn column_of(column: &Described) -> String {
    let name = ident(&column.name);
    // The cast takes a domain off.
    let kept = if column.own { "text" } else { column.cast.as_str() };
    format!("q.{name}::{kept} AS {name}")
}

/// The query that reads what was kept.
#[must_use]
pub fn kept(name: &str) -> String {
    format!("SELECT * FROM {SCHEMA}.{name}")
}
