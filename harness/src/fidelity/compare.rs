//! A comparison: two queries, a key and a map in; classes of rows with exact counts out.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, Row};

use super::columns::{self, Columns};
use super::statement::Parts;
use crate::Error;
use crate::suite::resolved_fidelity::Fidelity;

/// What is compared with what.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// The query of where the rows were.
    pub source: String,
    /// The query of where the rows are.
    pub target: String,
    /// Columns that are unique on both sides.
    pub key: Vec<String>,
    /// Columns that are compared; all others where none are given.
    pub values: Option<Vec<String>>,
    /// Per column old = new; columns that are not named stay as they are.
    pub map: BTreeMap<String, BTreeMap<String, String>>,
    /// A column that must be the same on both sides, row by row.
    pub tenant: Option<String>,
    /// Columns of the distribution.
    pub group_by: Vec<String>,
}

impl Mapping {
    /// What a block compares, both sides read as they are written.
    #[must_use]
    pub fn of(spec: &Fidelity) -> Self {
        let Fidelity { source, target, key, values, map, tenant, group_by, .. } = spec.clone();
        Self { source: source.sql, target: target.sql, key, values, map, tenant, group_by }
    }
}

/// Keys as text, in the order of [`Mapping::key`]; a part that is NULL is `None`.
pub type Key = Vec<Option<String>>;

/// What one pass over both sides tells.
#[derive(Debug, Clone)]
pub struct Compared {
    /// What the server says of the columns.
    pub columns: Columns,
    /// Rows of the source.
    pub source: u64,
    /// Rows of the target.
    pub target: u64,
    /// Rows on both sides with equal values.
    pub identical: u64,
    /// Rows on both sides with a value that differs.
    pub modified: u64,
    /// Rows of the source that the target lacks.
    pub missing: u64,
    /// Rows of the target that the source lacks.
    pub extra: u64,
    /// Rows whose values differ, by column that could be compared.
    pub by_column: BTreeMap<String, u64>,
    /// Rows of the source with a value that the map does not name, by column.
    pub unmapped: BTreeMap<String, u64>,
    /// Rows whose tenant is another one; `None` where no tenant is named.
    pub crossed: Option<u64>,
    /// Groups there are.
    pub groups: u64,
    /// Groups whose counts differ.
    pub uneven: u64,
    /// A few of them.
    pub told: Vec<Group>,
    /// Keys that are not unique, or NULL, on the source and on the target.
    pub doubled: [Doubled; 2],
    /// A few keys of rows that are modified, missing and extra.
    pub samples: Samples,
}

/// A group of the distribution.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Group {
    /// Its values, as text.
    pub names: Key,
    /// Rows of the source.
    pub source: u64,
    /// Rows of the target.
    pub target: u64,
}

/// Keys that stand more than once on one side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Doubled {
    /// How many keys.
    pub keys: u64,
    /// How many rows beyond the first of each.
    pub rows: u64,
    /// A few of the keys.
    pub told: Vec<Key>,
    /// Rows with NULL in their key, which match nothing.
    #[serde(default)]
    pub nulls: u64,
}

/// A few keys of each class; empty where the class is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the classes")]
pub struct Samples {
    pub modified: Vec<Key>,
    pub missing: Vec<Key>,
    pub extra: Vec<Key>,
    pub crossed: Vec<Key>,
}

/// The answer of [`Parts::groups`].
#[derive(Deserialize)]
struct Groups {
    groups: u64,
    uneven: u64,
    told: Vec<Group>,
}

/// The answer of [`Parts::counts`].
#[derive(Deserialize)]
struct Counts {
    source: u64,
    target: u64,
    groups: u64,
    uneven: u64,
    told: Vec<Group>,
    #[serde(flatten)]
    named: BTreeMap<String, u64>,
}

impl Counts {
    fn of(&self, name: &str) -> u64 {
        self.named.get(name).copied().unwrap_or_default()
    }
}

/// Compares both sides of `mapping` on `conn`. One statement where they agree; where they do not, one more for each class that
/// is told with sample keys. Memory here does not grow with the rows.
///
/// # Errors
/// [`Error::Untested`] where the queries are refused, their columns do not fit together, or the server gives up.
pub async fn compare(conn: &mut PgConnection, mapping: &Mapping) -> Result<Compared, Error> {
    let columns = columns::describe(conn, mapping).await?;
    if let Some((name, source, target)) = columns.mistyped.iter().find(|(name, ..)| mapping.key.contains(name)) {
        return Err(Error::untested(
            format!("the key column `{name}` is {source} on the source and {target} on the target"),
            "cast one of them in its query: types are compared exactly",
        ));
    }
    let parts = Parts::new(mapping, &columns);
    let counts: Counts = json(conn, &parts.counts()).await?;
    let (pairs, missing, extra) = (counts.of("pairs"), counts.of("missing"), counts.of("extra"));
    let mut doubled = [Doubled::default(), Doubled::default()];
    // Each row of the source stands in the join once if the target's keys are unique, and the other way round.
    if pairs + missing != counts.source || pairs + extra != counts.target || missing + extra > 0 {
        for (one, source) in doubled.iter_mut().zip([true, false]) {
            *one = json(conn, &parts.doubled(source)).await?;
        }
    }
    let mut distribution = Groups { groups: counts.groups, uneven: counts.uneven, told: counts.told.clone() };
    if !mapping.group_by.is_empty() && doubled.iter().any(|side| side.keys > 0) {
        distribution = json(conn, &parts.groups()).await?;
    }
    for (one, name) in doubled.iter_mut().zip(["source_nulls", "target_nulls"]) {
        one.nulls = counts.of(name);
    }
    let differs = (0..parts.values.len()).map(|n| format!("s.v{n} IS DISTINCT FROM t.v{n}")).collect::<Vec<_>>();
    let modified = format!("s.here AND t.here AND ({})", differs.join(" OR "));
    let mut crossed = mapping.tenant.as_ref().map(|_| counts.of("crossed"));
    if missing > 0
        && extra > 0
        && let (Some(crossed), Some(moved)) = (&mut crossed, parts.moved())
    {
        *crossed += json::<u64>(conn, &moved).await?;
    }
    let mut samples = Samples::default();
    for (count, when, keys) in [
        (counts.of("modified"), modified.as_str(), &mut samples.modified),
        (missing, "t.here IS NULL", &mut samples.missing),
        (extra, "s.here IS NULL", &mut samples.extra),
        (counts.of("crossed"), "s.here AND t.here AND s.tenant IS DISTINCT FROM t.tenant", &mut samples.crossed),
    ] {
        if count > 0 {
            *keys = json(conn, &parts.sample(when)).await?;
        }
    }
    let by_number = |letter: char, names: &mut dyn Iterator<Item = &str>| -> BTreeMap<String, u64> {
        names.enumerate().map(|(n, name)| (name.to_owned(), counts.of(&format!("{letter}{n}")))).collect()
    };
    let by_column = by_number('c', &mut parts.values.iter().copied());
    let unmapped = by_number('u', &mut mapping.map.keys().map(String::as_str));
    Ok(Compared {
        source: counts.source,
        target: counts.target,
        identical: pairs - counts.of("modified"),
        modified: counts.of("modified"),
        missing,
        extra,
        by_column,
        unmapped,
        crossed,
        groups: distribution.groups,
        uneven: distribution.uneven,
        told: distribution.told,
        doubled,
        samples,
        columns,
    })
}

pub(crate) async fn json<T: DeserializeOwned>(conn: &mut PgConnection, sql: &str) -> Result<T, Error> {
    let gave_up = |error: sqlx::Error| {
        // configuration_limit_exceeded of temp_file_limit, and disk_full.
        let full =
            error.as_database_error().and_then(|error| error.code()).is_some_and(|c| c == "53400" || c == "53100");
        let help = if full {
            "make room where the server keeps its data, or compare fewer columns or rows"
        } else {
            "correct the queries, or see the server's log"
        };
        Error::untested(format!("the comparison was not finished: {error}"), help)
    };
    let row = conn.fetch_one(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.map_err(gave_up)?;
    // EXPLAIN answers with json, the others with text: either is text on the wire.
    let text: String = row.try_get_unchecked(0).map_err(gave_up)?;
    serde_json::from_str(&text).map_err(|error| {
        Error::untested(
            format!("the comparison answered with something unexpected: {error}"),
            "report this as a defect",
        )
    })
}
