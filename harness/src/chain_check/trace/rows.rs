//! Row versions: whether anything was written, without reading a value.
//!
//! Only `ctid` and `xmin` are read, of each table alone (`ONLY`): no code of the chain runs for that, neither a view's
//! nor a type's (PostgreSQL docs, "System Columns").

use std::collections::{BTreeMap, BTreeSet};

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};

use super::failed;
use crate::Error;
use crate::catalog::QName;
use crate::chain_check::seen::Rewritten;

/// Tables and filled materialized views with rows of their own, wherever the chain may write.
const STORED: &str = "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE (c.relkind = 'r' OR (c.relkind = 'm' AND c.relispopulated)) AND c.relpersistence <> 't' \
    AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'";

/// How many rows a table has, and a digest of their versions that no order changes.
pub(in crate::chain_check) type Versions = BTreeMap<QName, (u64, String)>;

/// The row versions of every table. `session` is a superuser's with `search_path = pg_catalog`.
///
/// # Errors
/// A table cannot be read.
pub(in crate::chain_check) async fn versions(session: &mut PgConnection) -> Result<Versions, Error> {
    let tables = stored(session).await?;
    let each = |(n, table): (usize, &QName)| {
        format!(
            "SELECT {n}, count(*), \
             coalesce(sum(hashtextextended(ctid::text || ' ' || xmin::text, 0)::numeric), 0)::text FROM ONLY {}",
            table.sql()
        )
    };
    let mut versions = Versions::new();
    for row in asked(session, &tables, each).await? {
        let read = |error| failed("reading row versions")(error);
        let (n, rows): (i32, i64) = (row.try_get(0).map_err(read)?, row.try_get(1).map_err(read)?);
        let digest: String = row.try_get(2).map_err(read)?;
        if let Some(table) = usize::try_from(n).ok().and_then(|n| tables.get(n)) {
            versions.insert(table.clone(), (u64::try_from(rows).unwrap_or_default(), digest));
        }
    }
    Ok(versions)
}

/// The tables that hold any row, and those that a row of a partition or an heir is seen through.
///
/// # Errors
/// A table cannot be read.
pub(in crate::chain_check) async fn holding(session: &mut PgConnection) -> Result<BTreeSet<QName>, Error> {
    let tables = stored(session).await?;
    let each = |(n, table): (usize, &QName)| format!("SELECT {n} WHERE EXISTS (SELECT FROM ONLY {})", table.sql());
    let mut holding = BTreeSet::new();
    for row in asked(session, &tables, each).await? {
        let n: i32 = row.try_get(0).map_err(failed("looking for rows"))?;
        holding.extend(usize::try_from(n).ok().and_then(|n| tables.get(n)).cloned());
    }
    let own: Vec<String> = holding.iter().map(QName::sql).collect();
    let above: Vec<(String, String)> = sqlx::query_as(
        "WITH RECURSIVE above (oid) AS (SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = ANY($1::regclass[]::oid[]) \
             UNION SELECT i.inhparent FROM pg_inherits i JOIN above a ON i.inhrelid = a.oid) \
         SELECT n.nspname::text, c.relname::text FROM above a JOIN pg_class c ON c.oid = a.oid \
         JOIN pg_namespace n ON n.oid = c.relnamespace",
    )
    .bind(own)
    .fetch_all(session)
    .await
    .map_err(failed("looking for rows"))?;
    holding.extend(above.into_iter().map(|(schema, name)| QName::new(schema, name)));
    Ok(holding)
}

/// The tables whose row versions differ, and those that came or went.
pub(in crate::chain_check) fn rewritten(before: &Versions, after: &Versions) -> Vec<Rewritten> {
    let tables: BTreeSet<&QName> = before.keys().chain(after.keys()).collect();
    let rows = |versions: &Versions, table| versions.get(table).map_or(0, |(rows, _)| *rows);
    tables
        .into_iter()
        .filter(|table| before.get(table) != after.get(table))
        // An empty table that came or went is the catalog's.
        .filter(|table| rows(before, table) + rows(after, table) > 0)
        .map(|table| Rewritten { table: table.to_string(), before: rows(before, table), after: rows(after, table) })
        .collect()
}

async fn stored(session: &mut PgConnection) -> Result<Vec<QName>, Error> {
    let rows: Vec<(String, String)> =
        sqlx::query_as(STORED).fetch_all(session).await.map_err(failed("looking for tables"))?;
    Ok(rows.into_iter().map(|(schema, name)| QName::new(schema, name)).collect())
}

/// One query of all tables, which each have their part of.
async fn asked<'a>(
    session: &mut PgConnection,
    tables: &'a [QName],
    each: impl Fn((usize, &'a QName)) -> String,
) -> Result<Vec<sqlx::postgres::PgRow>, Error> {
    let parts: Vec<String> = tables.iter().enumerate().map(each).collect();
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let sql = parts.join(" UNION ALL ");
    sqlx::query(AssertSqlSafe(sql)).fetch_all(session).await.map_err(failed("reading rows"))
}
