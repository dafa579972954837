//! Which rows of the source old-version writers touched: noted by each of them in the transaction that it writes in, so
//! that a row which came and went again is known as well.

use sqlx::postgres::PgConnection;

use super::mapping::Mapping;
use super::statement::{inner, key};
use crate::Error;
use crate::fidelity::fixture::run;
use crate::fidelity::scratch::SCHEMA;

/// Notes the rows of the source as they are before anybody writes.
///
/// # Errors
/// [`Error::Environment`] with what the server said.
pub async fn begin(conn: &mut PgConnection, mapping: &Mapping) -> Result<(), Error> {
    let made = format!(
        "CREATE UNLOGGED TABLE {SCHEMA}.before_writers AS {}; CREATE UNLOGGED TABLE {SCHEMA}.touched (key text[])",
        rows(mapping)
    );
    run(conn, &made).await
}

/// The statement that notes the keys of rows that are not, or not so, what they were in the beginning. The source is read
/// as it is written.
#[must_use]
pub fn noting(mapping: &Mapping) -> String {
    let (then, now) = (format!("SELECT key, h FROM {SCHEMA}.before_writers"), rows(mapping));
    format!(
        "INSERT INTO {SCHEMA}.touched SELECT key FROM (({now} EXCEPT {then}) UNION ({then} EXCEPT {now})) changed \
         EXCEPT SELECT key FROM {SCHEMA}.touched"
    )
}

/// The mapping without the rows that were touched, on either side.
#[must_use]
pub fn left_alone(mapping: &Mapping) -> Mapping {
    let without = |source: bool| {
        let query = if source { &mapping.source } else { &mapping.target };
        format!(
            "SELECT q.* FROM {} q WHERE NOT EXISTS (SELECT FROM {SCHEMA}.touched t WHERE t.key = {})",
            inner(query),
            key(mapping, source)
        )
    };
    Mapping { source: without(true), target: without(false), ..mapping.clone() }
}

fn rows(mapping: &Mapping) -> String {
    format!(
        "SELECT {} AS key, pg_catalog.hashtextextended(q::text, 0) AS h FROM {} q",
        key(mapping, true),
        inner(&mapping.source)
    )
}
