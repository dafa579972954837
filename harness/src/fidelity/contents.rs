//! What stands in the tables, column by column, and what of it every run of a revision comes to.
//!
//! A column that two clean runs fill alike follows from the rows that were there. One that they do not (a time, a random
//! id, a number from a sequence) tells nothing of a third run.

use std::collections::BTreeMap;

use serde::Deserialize;
use sqlx::postgres::PgConnection;

use super::compare::json;
use crate::Error;
use crate::catalog::QName;
use crate::fidelity::fixture::refused;
use crate::sql::quote::{ident, literal};

/// The rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TableContents {
    /// How many.
    pub rows: u64,
    /// Of each column, the sum of a hash of each value's text.
    pub columns: BTreeMap<String, String>,
}

/// The rows of each table.
pub type Contents = BTreeMap<QName, TableContents>;

/// Reads `tables`, each once.
///
/// # Errors
/// [`Error::Environment`] with what the server said.
pub async fn read(conn: &mut PgConnection, tables: &[QName]) -> Result<Contents, Error> {
    let mut found = Contents::new();
    for table in tables {
        let columns: Vec<String> = sqlx::query_scalar(
            "SELECT attname::text FROM pg_catalog.pg_attribute \
             WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        )
        .bind(table.sql())
        .fetch_all(&mut *conn)
        .await
        .map_err(|error| refused(&error))?;
        let names = columns.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ");
        let sum = |name: &String| {
            format!(
                "coalesce(pg_catalog.sum(pg_catalog.hashtextextended({}::text COLLATE \"C\", 0)::numeric), 0)::text",
                ident(name)
            )
        };
        let sums = columns.iter().map(sum).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT pg_catalog.jsonb_build_object('rows', pg_catalog.count(*), \
             'columns', pg_catalog.jsonb_object(ARRAY[{names}]::text[], ARRAY[{sums}]::text[]))::text FROM ONLY {}",
            table.sql()
        );
        found.insert(table.clone(), json(conn, &sql).await?);
    }
    Ok(found)
}

/// Leaves of `first` what `second`, another clean run, has as well.
///
/// # Errors
/// The table whose rows are not even as many.
pub fn common(mut first: Contents, second: &Contents) -> Result<Contents, String> {
    for (name, table) in &mut first {
        let again = second.get(name).filter(|again| again.rows == table.rows);
        let again = again.ok_or_else(|| {
            let rows = second.get(name).map_or(0, |again| again.rows);
            format!("two clean runs of the revision leave {} and {rows} rows in {name}", table.rows)
        })?;
        table.columns.retain(|column, sum| again.columns.get(column) == Some(sum));
    }
    Ok(first)
}

/// Where `got` is not as `wanted`, in words.
#[must_use]
pub fn differences(wanted: &Contents, got: &Contents) -> Vec<String> {
    let mut found = Vec::new();
    for name in wanted.keys().chain(got.keys().filter(|name| !wanted.contains_key(*name))) {
        let (wanted, got) = (wanted.get(name), got.get(name));
        let [want, have] = [wanted, got].map(|table| table.map_or(0, |table| table.rows));
        if want != have {
            found.push(format!("{have} rows in {name} instead of {want}"));
            continue;
        }
        let (Some(wanted), Some(got)) = (wanted, got) else { continue };
        let differs = wanted.columns.iter().filter(|(column, sum)| got.columns.get(*column) != Some(sum));
        let differs: Vec<&str> = differs.map(|(column, _)| column.as_str()).collect();
        if !differs.is_empty() {
            found.push(format!("other values in {} of {name}", differs.join(", ")));
        }
    }
    found
}

/// Takes a few numbers of every sequence in `schemas`, as a run that was killed does: what follows from them is no part of
/// what every run comes to.
///
/// # Errors
/// As [`read`].
pub async fn advance_sequences(conn: &mut PgConnection, schemas: &[String]) -> Result<(), Error> {
    let taken = sqlx::query(
        "SELECT pg_catalog.nextval(c.oid::regclass) FROM pg_catalog.pg_sequences s \
         JOIN pg_catalog.pg_namespace n ON n.nspname = s.schemaname \
         JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = s.sequencename \
         CROSS JOIN pg_catalog.generate_series(1, 7) \
         WHERE s.schemaname = ANY($1) AND (coalesce(s.last_value, s.start_value)::numeric + 8 * s.increment_by::numeric) \
           BETWEEN s.min_value AND s.max_value",
    );
    taken.bind(schemas).fetch_all(conn).await.map_err(|error| refused(&error))?;
    Ok(())
}
