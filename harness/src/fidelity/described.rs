//! What the server says of the columns of a query that is not run.

use sqlx::postgres::PgConnection;
use sqlx::postgres::types::Oid;
use sqlx::{AssertSqlSafe, Column as _, Executor, SqlSafeStr as _, Statement as _, TypeInfo as _};

use super::own_schema::SCHEMA;
use crate::Error;
use crate::fidelity::fixture::{driver_error_text, refused};

/// One of the two queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ComparedSide {
    /// Where the rows were.
    Source,
    /// Where the rows are.
    Target,
}

/// A column as the server describes it. Of a domain it tells the base type (PostgreSQL docs, "Message Formats", RowDescription).
#[derive(Debug)]
pub(super) struct Described {
    pub name: String,
    pub r#type: Oid,
    /// The type, as SQL names it.
    pub shown: String,
    /// The same for a cast that changes no value: `bpchar` and not `character`, which is of one.
    pub cast: String,
    /// Whether two values of it can be compared.
    pub has_equality: bool,
    /// Whether the type is one that a revision may drop: neither built in nor an extension's.
    pub own: bool,
    /// Whether it was kept aside as text, `shown` being the type that it had.
    pub kept: bool,
}

/// Per type and column: its name, whether every part of it has an equality, whether it is the chain's own, and the comment on
/// the column where it was kept aside. A type without an operator of its own has that of a type that it is silently taken for
/// (varchar: text). Enums, ranges and composite types have one whatever they are named.
const FACTS: &str = "WITH RECURSIVE asked(n, t, rel, att) AS (
      SELECT n, t, rel, att FROM ROWS FROM (pg_catalog.unnest($1::oid[]), pg_catalog.unnest($2::oid[]), pg_catalog.unnest($3::int4[])) WITH ORDINALITY u(t, rel, att, n)),
    parts(n, t) AS (SELECT n, t FROM asked UNION SELECT parts.n, of.t FROM parts JOIN pg_catalog.pg_type p ON p.oid = parts.t
      CROSS JOIN LATERAL (SELECT p.typbasetype WHERE p.typtype = 'd' UNION ALL SELECT p.typelem WHERE p.typcategory = 'A' AND p.typelem <> 0
        UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE p.typtype = 'c' AND a.attrelid = p.typrelid AND a.attnum > 0 AND NOT a.attisdropped) of(t)),
    equal(t) AS (SELECT o.oprleft FROM pg_catalog.pg_operator o WHERE o.oprname = '=' AND o.oprleft = o.oprright)
    SELECT coalesce(pg_catalog.format_type(asked.t, NULL), ''), coalesce(pg_catalog.format_type(asked.t, -1), ''),
      NOT EXISTS (SELECT FROM parts JOIN pg_catalog.pg_type p ON p.oid = parts.t
        WHERE parts.n = asked.n AND p.typtype = 'b' AND p.typcategory <> 'A' AND p.oid NOT IN (SELECT t FROM equal)
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_cast c JOIN equal ON equal.t = c.casttarget
            WHERE c.castsource = p.oid AND c.castmethod = 'b' AND c.castcontext = 'i')),
      asked.t::int8 >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = asked.t AND d.deptype = 'e'),
      (SELECT pg_catalog.col_description(c.oid, asked.att) FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace WHERE c.oid = asked.rel AND s.nspname = $4)
    FROM asked ORDER BY asked.n";

/// Asks the server what a query returns.
///
/// # Errors
/// [`Error::Environment`] where it is refused, or a name stands twice.
pub(super) async fn describe(conn: &mut PgConnection, sql: &str, side: ComparedSide) -> Result<Vec<Described>, Error> {
    let word = if side == ComparedSide::Source { "source" } else { "target" };
    let prepared = (&mut *conn).prepare(AssertSqlSafe(sql.to_owned()).into_sql_str()).await.map_err(|error| {
        Error::environment(
            format!("the {word} of the comparison is refused: {}", driver_error_text(&error)),
            "correct the query",
        )
    })?;
    let columns = prepared.columns();
    for (n, column) in columns.iter().enumerate() {
        if columns.iter().take(n).any(|other| other.name() == column.name()) {
            return Err(Error::environment(
                format!("the {word} returns two columns `{}`", column.name()),
                "give one of them another name with `as`",
            ));
        }
    }
    let none = Oid(0);
    let types: Vec<Oid> = columns.iter().map(|column| column.type_info().oid().unwrap_or(none)).collect();
    let relations: Vec<Oid> = columns.iter().map(|column| column.relation_id().unwrap_or(none)).collect();
    let numbers: Vec<i32> = columns.iter().map(|column| column.relation_attribute_no().unwrap_or(0).into()).collect();
    let facts: Vec<(String, String, bool, bool, Option<String>)> = sqlx::query_as(FACTS)
        .bind(&types)
        .bind(relations)
        .bind(numbers)
        .bind(SCHEMA)
        .fetch_all(conn)
        .await
        .map_err(|error| refused(&error))?;
    let all = columns.iter().zip(types).zip(facts);
    let described = all.map(|((column, r#type), (shown, cast, has_equality, own, comment))| Described {
        name: column.name().to_owned(),
        r#type,
        kept: comment.is_some(),
        shown: comment.unwrap_or(if shown.is_empty() { column.type_info().name().to_owned() } else { shown }),
        cast,
        has_equality,
        own,
    });
    Ok(described.collect())
}
