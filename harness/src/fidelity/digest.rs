//! One number for all rows of a query, whatever their order: the same rows, the same number.
//!
//! The sum of a 64-bit hash of each row's text. It tells an accident, not an adversary: whoever may choose rows can make two
//! sets of one digest. Rows are compared one by one as well: what is equal there and not here is written otherwise, as 1.0
//! and 1.00 are.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnection;

use super::columns::Columns;
use super::compare::json;
use super::compared::ByColumn;
use super::mapping::Mapping;
use super::statement::StatementParts;
use crate::Error;

/// How many rows, and the sum of their hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Rows.
    pub rows: u64,
    /// Decimal, since it is wider than 64 bits.
    pub sum: String,
    /// Beside the digest of the other side: of each column, a few rows whose values are equal and written otherwise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rewritten: ByColumn,
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows, {}", self.rows, self.sum)
    }
}

/// Digests of the source, as the map has it, and of the target.
///
/// # Errors
/// [`Error::Environment`] where the server gives up.
pub async fn digests(conn: &mut PgConnection, mapping: &Mapping, columns: &Columns) -> Result<[Digest; 2], Error> {
    let parts = StatementParts::new(mapping, columns);
    let source: Digest = json(conn, &of(&parts.bare(true))).await?;
    let mut target: Digest = json(conn, &of(&parts.bare(false))).await?;
    if source != target {
        target.rewritten = json(conn, &parts.rewritten_rows()).await?;
    }
    Ok([source, target])
}

/// The digest of the target alone.
///
/// # Errors
/// As [`digests`].
pub async fn target_digest(conn: &mut PgConnection, mapping: &Mapping, columns: &Columns) -> Result<Digest, Error> {
    json(conn, &of(&StatementParts::new(mapping, columns).bare(false))).await
}

/// The digest of all rows of `query`.
///
/// # Errors
/// As [`digests`].
pub async fn digest(conn: &mut PgConnection, query: &str) -> Result<Digest, Error> {
    json(conn, &of(query)).await
}

/// Hashes as PostgreSQL's own, which are the same on every platform of one major version.
fn of(query: &str) -> String {
    format!(
        "SELECT pg_catalog.jsonb_build_object('rows', pg_catalog.count(*), 'sum', \
         coalesce(pg_catalog.sum(pg_catalog.hashtextextended(r::text, 0)::numeric), 0)::text)::text FROM ({query}) r"
    )
}
