//! Row versions: whether anything was written, without reading a value.
//!
//! Only `ctid` and `xmin` are read, of each table alone (`ONLY`): no code of the chain runs for that, neither a view's
//! nor a type's (PostgreSQL docs, "System Columns"). Of a sequence, where it stands: it is no row version, and it is written.
//! The tool's own account is left out.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};

use super::{Scope, failed};
use crate::Error;
use crate::catalog::QName;
use crate::chain_check::observations::Rewritten;

/// Tables and filled materialized views with rows of their own, wherever the chain may write.
const STORED: &str = "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE (c.relkind = 'r' OR (c.relkind = 'm' AND c.relispopulated)) AND c.relpersistence <> 't' \
    AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'";

const SEQUENCES: &str = "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'";

/// How many rows a table has (nothing for a sequence), and a digest of their versions that no order changes.
pub(in crate::chain_check) type RowVersions = BTreeMap<QName, (Option<u64>, String)>;

/// The row versions of every table, and where every sequence stands. `session` is a superuser's with `search_path = pg_catalog`.
///
/// # Errors
/// A table cannot be read.
pub(in crate::chain_check) async fn versions(session: &mut PgConnection, scope: &Scope) -> Result<RowVersions, Error> {
    let table = |(n, table): (usize, &QName)| {
        format!(
            "SELECT {n}, count(*), \
             coalesce(sum(hashtextextended(ctid::text || ' ' || xmin::text, 0)::numeric), 0)::text FROM ONLY {}",
            table.sql()
        )
    };
    let sequence = |(n, sequence): (usize, &QName)| {
        format!("SELECT {n}, NULL::bigint, concat(last_value, ' ', is_called) FROM {}", sequence.sql())
    };
    let tables = relations(session, scope, STORED).await?;
    let mut rows = asked(session, &tables, table).await?;
    let sequences = relations(session, scope, SEQUENCES).await?;
    let numbered = |(n, name)| sequence((tables.len() + n, name));
    rows.extend(asked(session, &sequences, numbered).await?);
    let mut versions = RowVersions::new();
    for row in rows {
        let read = |error| failed("reading row versions")(error);
        let (n, rows): (i32, Option<i64>) = (row.try_get(0).map_err(read)?, row.try_get(1).map_err(read)?);
        let digest: String = row.try_get(2).map_err(read)?;
        if let Some(table) = usize::try_from(n).ok().and_then(|n| tables.iter().chain(&sequences).nth(n)) {
            versions.insert(table.clone(), (rows.map(|rows| u64::try_from(rows).unwrap_or_default()), digest));
        }
    }
    Ok(versions)
}

/// How many rows there are in all.
pub(in crate::chain_check) fn count(versions: &RowVersions) -> u64 {
    versions.values().filter_map(|(rows, _)| *rows).sum()
}

/// Whether any table of `after` has more rows than it had.
pub(in crate::chain_check) fn grew(before: &RowVersions, after: &RowVersions) -> bool {
    let rows = |of: &RowVersions, table| of.get(table).and_then(|(rows, _)| *rows).unwrap_or_default();
    after.keys().any(|table| rows(after, table) > rows(before, table))
}

/// The tables that hold any row, and those that a row of a partition or an heir is seen through.
///
/// # Errors
/// A table cannot be read.
pub(in crate::chain_check) async fn holding(
    session: &mut PgConnection,
    scope: &Scope,
) -> Result<BTreeSet<QName>, Error> {
    let tables = relations(session, scope, STORED).await?;
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

/// The tables whose row versions differ, the sequences that stand elsewhere, and tables with rows that came or went.
pub(in crate::chain_check) fn rewritten(before: &RowVersions, after: &RowVersions) -> Vec<Rewritten> {
    let tables: BTreeSet<&QName> = before.keys().chain(after.keys()).collect();
    let found = tables.into_iter().filter(|table| before.get(table) != after.get(table)).filter_map(|table| {
        let rows = match (before.get(table), after.get(table)) {
            (Some((None, _)), Some((None, _))) => None,
            (then, now) => {
                let rows = |of: Option<&(Option<u64>, String)>| of.and_then(|(rows, _)| *rows).unwrap_or_default();
                // What came or went without a row is the catalog's.
                Some((rows(then), rows(now))).filter(|(then, now)| then + now > 0).map(Some)?
            }
        };
        Some(Rewritten { table: table.to_string(), rows })
    });
    found.collect()
}

/// The relations that the query names, without the tool's own.
async fn relations(session: &mut PgConnection, scope: &Scope, query: &'static str) -> Result<Vec<QName>, Error> {
    let rows: Vec<(String, String)> =
        sqlx::query_as(query).fetch_all(&mut *session).await.map_err(failed("looking for tables"))?;
    let kept = scope.bookkeeping(session).await?;
    let named = rows.into_iter().map(|(schema, name)| QName::new(schema, name));
    Ok(named.filter(|table| !kept.contains_key(table)).collect())
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
