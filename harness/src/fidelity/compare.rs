//! A comparison: two queries, a key and a map in; what came of it out.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, Row};

use super::columns;
use super::compared::{Compared, ComparedKey, Doubled, GroupCount, Samples};
use super::mapping::Mapping;
use super::statement::{SAMPLES, StatementParts};
use crate::Error;
use crate::fidelity::fixture::driver_error_text;

/// The answer of [`StatementParts::groups`].
#[derive(Deserialize)]
struct Groups {
    groups: u64,
    uneven: u64,
    told: Vec<GroupCount>,
}

/// The answer of [`StatementParts::counts`].
#[derive(Deserialize)]
struct Counts {
    source: u64,
    target: u64,
    groups: u64,
    uneven: u64,
    told: Vec<GroupCount>,
    #[serde(flatten)]
    named: BTreeMap<String, u64>,
}

impl Counts {
    fn of(&self, name: &str) -> u64 {
        self.named.get(name).copied().unwrap_or_default()
    }
}

/// The answer of [`StatementParts::moved`].
#[derive(Default, Deserialize)]
struct Moved {
    rows: u64,
    keys: Vec<ComparedKey>,
}

/// Compares both sides of `mapping` on `conn`. One statement where they agree; where they do not, one more for each class that
/// is told with rows. Memory here does not grow with the rows.
///
/// # Errors
/// [`Error::Environment`] where the queries are refused, their columns do not fit together, or the server gives up.
pub async fn compare(conn: &mut PgConnection, mapping: &Mapping) -> Result<Compared, Error> {
    let columns = columns::describe(conn, mapping).await?;
    if let Some((name, why)) = columns.unlike.iter().find(|(name, _)| mapping.key.contains(name)) {
        return Err(Error::environment(format!("the key column `{name}` is {why}"), why.help()));
    }
    let parts = StatementParts::new(mapping, &columns);
    let mut counts: Counts = json(conn, &parts.counts()).await?;
    let (pairs, missing, extra) = (counts.of("pairs"), counts.of("missing"), counts.of("extra"));
    let mut doubled = [Doubled::default(), Doubled::default()];
    // Each row of the source stands in the join once if the target's keys are unique, and the other way round.
    if pairs + missing != counts.source || pairs + extra != counts.target || missing + extra > 0 {
        for (one, source) in doubled.iter_mut().zip([true, false]) {
            *one = json(conn, &parts.doubled(source)).await?;
        }
    }
    for ((one, name), source) in doubled.iter_mut().zip(["source_nulls", "target_nulls"]).zip([true, false]) {
        one.nulls = counts.of(name);
        if one.nulls > 0 {
            one.null_keys = json(conn, &parts.null_keys(source)).await?;
        }
    }
    let mut distribution = Groups { groups: counts.groups, uneven: counts.uneven, told: counts.told.clone() };
    if doubled.iter().any(|side| side.keys > 0) {
        // In the join, a row whose key is doubled on the other side stands more than once.
        counts.named.extend(json::<BTreeMap<String, u64>>(conn, &parts.counts_of_rows()).await?);
        if !mapping.group_by.is_empty() {
            distribution = json(conn, &parts.groups()).await?;
        }
    }
    let modified = counts.of("modified");
    let mut samples = Samples::default();
    if missing > 0 {
        samples.missing = json(conn, &parts.sample("t.here IS NULL")).await?;
    }
    if extra > 0 {
        samples.extra = json(conn, &parts.sample("s.here IS NULL")).await?;
    }
    if modified > 0 {
        samples.modified = json(conn, &parts.modified_rows()).await?;
    }
    for (n, column) in mapping.map.keys().enumerate().filter(|(n, _)| counts.of(&format!("u{n}")) > 0) {
        samples.unmapped.insert(column.clone(), json(conn, &parts.unmapped_rows(n)).await?);
    }
    let mut crossed = parts.tenant.map(|_| counts.of("crossed"));
    if crossed.is_some_and(|crossed| crossed > 0) {
        samples.crossed = json(conn, &parts.sample("s.here AND t.here AND s.tenant IS DISTINCT FROM t.tenant")).await?;
    }
    if missing > 0
        && extra > 0
        && let (Some(crossed), Some(moved)) = (&mut crossed, parts.moved())
    {
        let moved: Moved = json(conn, &moved).await?;
        *crossed += moved.rows;
        samples.crossed.extend(moved.keys);
        samples.crossed.truncate(SAMPLES);
    }
    let by_number = |letter: char, names: &mut dyn Iterator<Item = &str>| -> BTreeMap<String, u64> {
        names.enumerate().map(|(n, name)| (name.to_owned(), counts.of(&format!("{letter}{n}")))).collect()
    };
    let by_column = by_number('c', &mut parts.values.iter().copied());
    let unmapped = by_number('u', &mut mapping.map.keys().map(String::as_str));
    Ok(Compared {
        source: counts.source,
        target: counts.target,
        identical: counts.of("pairs") - modified,
        modified,
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
        Error::environment(format!("the comparison was not finished: {}", driver_error_text(&error)), help)
    };
    let row = conn.fetch_one(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.map_err(gave_up)?;
    // EXPLAIN answers with json, the others with text: either is text on the wire.
    let text: String = row.try_get_unchecked(0).map_err(gave_up)?;
    serde_json::from_str(&text)
        .map_err(|error| Error::defect(format!("the comparison answered with something unexpected: {error}")))
}
