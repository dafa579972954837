//! What the two queries of a comparison return: the same columns of the same types, or they cannot be compared.
//!
//! A type is the same where it is the same type of the server; its modifier (`varchar(10)`, `numeric(8,2)`) is none: what a
//! narrower one does to a value shows in the value, or in its text, which the digest is of.

use std::collections::BTreeSet;
use std::fmt;

use sqlx::postgres::PgConnection;

use super::described::{ComparedSide, Described, describe as described};
use super::mapping::Mapping;
use crate::Error;

/// The columns of a comparison, once the server has said what both queries return.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// Every column that is no key, in the order of the source.
    pub values: Vec<String>,
    /// Columns that cannot be compared.
    pub unlike: Vec<(String, Why)>,
    /// Columns that are compared as text: one side was kept aside as text, of a type of the same name.
    pub texts: BTreeSet<String>,
}

impl Columns {
    /// Why `column` cannot be compared; `None` where it can.
    #[must_use]
    pub fn why(&self, column: &str) -> Option<&Why> {
        self.unlike.iter().find(|(name, _)| name == column).map(|(_, why)| why)
    }
}

/// Why a column cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It is of one type on the source and of another on the target.
    Types(String, String),
    /// Its type has no equality.
    NoEquality(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Types(source, target) => write!(f, "{source} on the source, {target} on the target"),
            Self::NoEquality(name) => write!(f, "{name}, which has no equality"),
        }
    }
}

impl Why {
    /// What to do.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Types(..) => "types are compared exactly; cast one of them in its query",
            Self::NoEquality(name) if name.starts_with("json") => "cast it to jsonb in both queries",
            Self::NoEquality(_) => "cast it to text in both queries",
        }
    }
}

/// Asks the server what the two queries of `mapping` return. Nothing of them is run.
///
/// # Errors
/// [`Error::Environment`] where a query is refused, a name stands twice, or a column that the mapping names is not on both sides.
pub async fn describe(conn: &mut PgConnection, mapping: &Mapping) -> Result<Columns, Error> {
    let source = described(conn, &mapping.source, ComparedSide::Source).await?;
    let target = described(conn, &mapping.target, ComparedSide::Target).await?;
    let named = mapping.key.iter().chain(mapping.values.iter().flatten());
    let named = named.chain(mapping.map.keys()).chain(&mapping.tenant).chain(&mapping.group_by);
    for name in named {
        for (side, columns) in [("source", &source), ("target", &target)] {
            if of(columns, name).is_none() {
                let there = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
                return Err(Error::environment(
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
    let extra = target.iter().find(|column| of(&source, &column.name).is_none());
    if let (None, Some(extra)) = (&mapping.values, extra) {
        return Err(lacks("source", &extra.name));
    }
    let mut columns = Columns { values, ..Columns::default() };
    let compared: BTreeSet<&String> = mapping.key.iter().chain(&columns.values).chain(&mapping.tenant).collect();
    for name in compared {
        match (of(&source, name), of(&target, name)) {
            (Some(a), Some(b)) => match fit(a, b) {
                // What the map is for is cast to text on both sides.
                _ if mapping.map.contains_key(name) => {}
                Ok(false) => {}
                Ok(true) => drop(columns.texts.insert(name.clone())),
                Err(why) => columns.unlike.push((name.clone(), why)),
            },
            (a, _) => return Err(lacks(if a.is_some() { "target" } else { "source" }, name)),
        }
    }
    Ok(columns)
}

/// Whether two columns are compared as text, or why they are not compared.
fn fit(a: &Described, b: &Described) -> Result<bool, Why> {
    let types = || Why::Types(a.shown.clone(), b.shown.clone());
    match (a.kept, b.kept) {
        (false, false) if a.r#type != b.r#type => Err(types()),
        (false, false) if !a.has_equality => Err(Why::NoEquality(a.shown.clone())),
        (false, false) => Ok(false),
        _ if a.shown == b.shown => Ok(true),
        _ => Err(types()),
    }
}

fn of<'a>(columns: &'a [Described], name: &str) -> Option<&'a Described> {
    columns.iter().find(|column| column.name == name)
}

fn lacks(side: &str, name: &str) -> Error {
    Error::environment(
        format!("the {side} has no column `{name}`"),
        "both queries return the same columns, or `values` names those that are compared",
    )
}

/// The names of the columns that a query returns.
///
/// # Errors
/// [`Error::Environment`] where it is refused, or a name stands twice.
pub async fn names(conn: &mut PgConnection, sql: &str) -> Result<Vec<String>, Error> {
    Ok(described(conn, sql, ComparedSide::Source).await?.into_iter().map(|column| column.name).collect())
}
