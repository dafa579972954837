//! Whether the server has room for what a comparison writes to temporary files, before it is made.

use sqlx::postgres::PgConnection;

use super::compare::json;
use super::mapping::Mapping;
use crate::Error;

/// What a row of a hash join takes beside its columns, in bytes: the header of its tuple and its place in the batch file.
const PER_ROW: u64 = 32;

/// Refuses a comparison of more than fits into `free` bytes, by the planner's estimate of both sides.
///
/// # Errors
/// [`Error::Environment`] saying how much is needed and how much is there.
pub async fn check(conn: &mut PgConnection, mapping: &Mapping, free: u64) -> Result<(), Error> {
    let mut needed = 0_u64;
    for query in [&mapping.source, &mapping.target] {
        let plan: serde_json::Value = json(conn, &format!("EXPLAIN (FORMAT JSON) {query}")).await?;
        let of = |name: &str| plan.pointer(&format!("/0/Plan/{name}")).and_then(serde_json::Value::as_u64).unwrap_or(0);
        needed = needed.saturating_add(of("Plan Rows").saturating_mul(of("Plan Width") + PER_ROW));
    }
    if needed <= free {
        return Ok(());
    }
    Err(Error::environment(
        format!(
            "the comparison needs about {} MiB of temporary files, and {} MiB are free where the server keeps its data",
            needed >> 20,
            free >> 20
        ),
        "make room there, or compare fewer columns or rows",
    ))
}
