//! What the two queries of a comparison return: the same columns of the same types, or they cannot be compared.

use sqlx::postgres::PgConnection;
use sqlx::postgres::types::Oid;
use sqlx::{AssertSqlSafe, Column as _, Executor, SqlSafeStr as _, Statement as _, TypeInfo as _};

use super::compare::Mapping;
use crate::Error;

/// One of the two queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Where the rows were.
    Source,
    /// Where the rows are.
    Target,
}

/// The columns of a comparison, once the server has said what both queries return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Every column that is no key, in the order of the source.
    pub values: Vec<String>,
    /// Columns whose types differ, with both names of the type: they cannot be compared.
    pub mistyped: Vec<(String, String, String)>,
}

/// A column as the server describes it.
struct Described {
    name: String,
    r#type: Option<Oid>,
    shown: String,
}

/// Asks the server what the two queries of `mapping` return. Nothing of them is run.
///
/// # Errors
/// [`Error::Untested`] where a query is refused, a name stands twice, or a column that the mapping names is not on both sides.
pub async fn describe(conn: &mut PgConnection, mapping: &Mapping) -> Result<Columns, Error> {
    let source = one(conn, &mapping.source, Side::Source).await?;
    let target = one(conn, &mapping.target, Side::Target).await?;
    let named = mapping.key.iter().chain(mapping.values.iter().flatten());
    let named = named.chain(mapping.map.keys()).chain(&mapping.tenant).chain(&mapping.group_by);
    for name in named {
        for (side, columns) in [("source", &source), ("target", &target)] {
            if !columns.iter().any(|column| column.name == *name) {
                let there = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
                return Err(Error::untested(
                    format!("the {side} has no column `{name}`; it has {there}"),
                    "give it that name with `as`: the column map is the queries' own",
                ));
            }
        }
    }
    let rest = source.iter().map(|column| &column.name).filter(|name| !mapping.key.contains(name));
    let values: Vec<String> = match &mapping.values {
        Some(values) => values.clone(),
        None => rest.cloned().collect(),
    };
    let mut mistyped = Vec::new();
    for name in mapping.key.iter().chain(&values) {
        let of = |columns: &'_ [Described]| {
            columns.iter().find(|column| column.name == *name).map(|column| (column.r#type, column.shown.clone()))
        };
        match (of(&source), of(&target)) {
            (Some(a), Some(b)) if a == b => {}
            (Some((_, a)), Some((_, b))) => mistyped.push((name.clone(), a, b)),
            (a, _) => {
                let side = if a.is_some() { "target" } else { "source" };
                return Err(Error::untested(
                    format!("the {side} has no column `{name}`"),
                    "both queries return the same columns, or `values` names those that are compared",
                ));
            }
        }
    }
    let extra = target.iter().find(|column| !source.iter().any(|other| other.name == column.name));
    if let (None, Some(extra)) = (&mapping.values, extra) {
        return Err(Error::untested(
            format!("the source has no column `{}`, which the target returns", extra.name),
            "both queries return the same columns, or `values` names those that are compared",
        ));
    }
    Ok(Columns { values, mistyped })
}

/// The names of the columns that a query returns.
///
/// # Errors
/// [`Error::Untested`] where it is refused, or a name stands twice.
pub async fn names(conn: &mut PgConnection, sql: &str) -> Result<Vec<String>, Error> {
    Ok(one(conn, sql, Side::Source).await?.into_iter().map(|column| column.name).collect())
}

async fn one(conn: &mut PgConnection, sql: &str, side: Side) -> Result<Vec<Described>, Error> {
    let word = if side == Side::Source { "source" } else { "target" };
    let described = conn.prepare(AssertSqlSafe(sql.to_owned()).into_sql_str()).await.map_err(|error| {
        Error::untested(format!("the {word} of the comparison is refused: {error}"), "correct the query")
    })?;
    let columns: Vec<Described> = described
        .columns()
        .iter()
        .map(|column| Described {
            name: column.name().to_owned(),
            r#type: column.type_info().oid(),
            shown: column.type_info().name().to_owned(),
        })
        .collect();
    for (n, column) in columns.iter().enumerate() {
        if columns.iter().take(n).any(|other| other.name == column.name) {
            return Err(Error::untested(
                format!("the {word} returns two columns `{}`", column.name),
                "give one of them another name with `as`",
            ));
        }
    }
    Ok(columns)
}
