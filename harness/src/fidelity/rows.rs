//! What stands in the tables: versions of rows, and which are gone.

use std::collections::BTreeMap;

use serde::Deserialize;
use sqlx::postgres::PgConnection;

use super::compare::json;
use super::digest::{Digest, digest};
use crate::Error;
use crate::catalog::QName;
use crate::fidelity::fixture::run;
use crate::fidelity::scratch::SCHEMA;

/// One digest a table, of where each row version stands and which transaction made it: a write changes it, even one that
/// leaves every value as it was.
///
/// # Errors
/// [`Error::Environment`] with what the server said.
pub async fn versions(conn: &mut PgConnection, tables: &[QName]) -> Result<BTreeMap<QName, Digest>, Error> {
    let mut found = BTreeMap::new();
    for table in tables {
        found.insert(table.clone(), digest(conn, &format!("SELECT ctid, xmin FROM ONLY {}", table.sql())).await?);
    }
    Ok(found)
}

/// Rows that a table had, and what of them is still as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Since {
    /// Rows that were there.
    pub before: u64,
    /// Those that are not there any more, or not as they were.
    pub gone: u64,
    /// Rows that are there now, and were not, or not so.
    pub new: u64,
}

/// Notes the rows of each table, as a hash of each; `n` in [`since`] is the place in `tables`.
///
/// # Errors
/// As [`versions`].
pub async fn note(conn: &mut PgConnection, tables: &[QName]) -> Result<(), Error> {
    for (n, table) in tables.iter().enumerate() {
        run(conn, &format!("CREATE UNLOGGED TABLE {SCHEMA}.rows_{n} AS {}", hashes(table))).await?;
    }
    Ok(())
}

/// What became of the rows of `table` since they were noted as number `n`.
///
/// # Errors
/// As [`versions`].
pub async fn since(conn: &mut PgConnection, n: usize, table: &QName) -> Result<Since, Error> {
    let sql = format!(
        "SELECT pg_catalog.jsonb_build_object('before', coalesce(pg_catalog.sum(b.n), 0), \
         'gone', coalesce(pg_catalog.sum(greatest(coalesce(b.n, 0) - coalesce(a.n, 0), 0)), 0), \
         'new', coalesce(pg_catalog.sum(greatest(coalesce(a.n, 0) - coalesce(b.n, 0), 0)), 0))::text \
         FROM {SCHEMA}.rows_{n} b FULL JOIN ({}) a USING (h)",
        hashes(table)
    );
    json(conn, &sql).await
}

fn hashes(table: &QName) -> String {
    format!(
        "SELECT pg_catalog.hashtextextended(r::text, 0) AS h, pg_catalog.count(*) AS n FROM ONLY {} r GROUP BY 1",
        table.sql()
    )
}
