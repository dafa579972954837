//! Writes judged by their effect: the rows of a relation before and after, compared by the witness role.
//!
//! A row version is told by `tableoid` and `ctid`, which change with every UPDATE and with nothing else while no
//! VACUUM FULL runs (PostgreSQL docs, "System Columns"); so an UPDATE that assigns the same value shows as well.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::Relation;
use crate::pg::session::ResultSet;
use crate::sql::quote;

/// The values of a row's key columns.
pub(crate) type RowKey = Arc<[String]>;

/// A row of the seed, as the witness role sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedRow {
    /// Which version of the row it is.
    pub version: String,
    /// All columns, in the order of [`Baseline::columns`].
    pub values: Vec<Option<String>>,
}

/// All rows of a relation on the seed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Names of the key columns; a relation without key is told by `tableoid` and `ctid`, a view by all columns.
    pub key: Vec<String>,
    /// Whether the relation has no key: what tells its rows is row data then, or no more than their place.
    pub unkeyed: bool,
    /// Names of all columns.
    pub columns: Vec<String>,
    /// The rows by key.
    pub rows: BTreeMap<RowKey, SeedRow>,
}

impl Baseline {
    /// The value of `column` in the row of `key`; `None` where there is no such row or column.
    #[must_use]
    pub fn value(&self, key: &RowKey, column: &str) -> Option<&Option<String>> {
        let n = self.columns.iter().position(|name| name == column)?;
        self.rows.get(key)?.values.get(n)
    }
}

/// The SQL expressions that tell a row of `relation`, and names for them.
#[must_use]
pub(crate) fn key_of(relation: &Relation) -> (Vec<String>, Vec<String>) {
    match relation.key() {
        Some(columns) => (columns.to_vec(), columns.iter().map(|name| quote::ident(name)).collect()),
        None if relation.kind.is_table() => {
            (vec!["tableoid".into(), "ctid".into()], vec!["tableoid::text".into(), "ctid::text".into()])
        }
        None => {
            let names: Vec<String> = relation.columns.iter().map(|column| column.name.clone()).collect();
            let exprs = names.iter().map(|name| format!("{}::text", quote::ident(name))).collect();
            (names, exprs)
        }
    }
}

/// A query for key, version, the given predicates as booleans and, if wanted, all columns.
#[must_use]
pub(crate) fn snapshot_sql(relation: &Relation, predicates: &[&str], with_columns: bool) -> String {
    let (_, key) = key_of(relation);
    let version = if relation.kind.is_table() { "tableoid::text || ctid::text" } else { "''" };
    let mut list: Vec<String> = vec![version.to_owned()];
    list.extend(key);
    list.extend(predicates.iter().map(|predicate| format!("({predicate}) IS TRUE")));
    if with_columns {
        list.extend(relation.columns.iter().map(|column| quote::ident(&column.name)));
    }
    format!("SELECT {} FROM {}", list.join(", "), relation.name.sql())
}

/// A row as a snapshot shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SnapshotRow {
    /// Its version.
    pub version: String,
    /// The predicates, in the order asked.
    pub holds: Vec<bool>,
    /// All columns, where asked for.
    pub values: Vec<Option<String>>,
}

/// Reads what [`snapshot_sql`] answered.
#[must_use]
pub(crate) fn read_snapshot(
    relation: &Relation,
    predicates: usize,
    result: &ResultSet,
) -> BTreeMap<RowKey, SnapshotRow> {
    let keys = key_of(relation).0.len();
    result
        .rows
        .iter()
        .map(|row| {
            let mut cells = row.iter().cloned();
            let version = cells.next().flatten().unwrap_or_default();
            let key: RowKey = cells.by_ref().take(keys).map(Option::unwrap_or_default).collect();
            let holds = cells.by_ref().take(predicates).map(|cell| cell.as_deref() == Some("t")).collect();
            (key, SnapshotRow { version, holds, values: cells.collect() })
        })
        .collect()
}

/// Adds what another look at the same rows showed.
pub(crate) fn merge(rows: &mut BTreeMap<RowKey, SnapshotRow>, seen: BTreeMap<RowKey, SnapshotRow>) {
    for (key, seen) in seen {
        match rows.get_mut(&key) {
            Some(there) => there.holds.iter_mut().zip(seen.holds).for_each(|(there, holds)| *there |= holds),
            None => drop(rows.insert(key, seen)),
        }
    }
}

/// What a statement did to a relation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Effect {
    /// Keys that were not there before, with the predicates on the new row.
    pub inserted: BTreeMap<RowKey, Vec<bool>>,
    /// Keys whose row has another version, with the predicates on the new row.
    pub updated: BTreeMap<RowKey, Vec<bool>>,
    /// Keys that are gone.
    pub deleted: BTreeSet<RowKey>,
}

impl Effect {
    /// Whether nothing was written.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.inserted.is_empty() && self.updated.is_empty() && self.deleted.is_empty()
    }

    /// The rows of the seed that were changed or are gone.
    pub(crate) fn touched(&self) -> impl Iterator<Item = &RowKey> {
        self.updated.keys().chain(&self.deleted)
    }
}

/// The difference of a relation's rows after a statement to its rows on the seed.
#[must_use]
pub(crate) fn effect(before: &Baseline, after: BTreeMap<RowKey, SnapshotRow>) -> Effect {
    let mut effect = Effect {
        deleted: before.rows.keys().filter(|key| !after.contains_key(*key)).cloned().collect(),
        ..Effect::default()
    };
    for (key, seen) in after {
        match before.rows.get(&key) {
            None => {
                effect.inserted.insert(key, seen.holds);
            }
            Some(row) if row.version != seen.version => {
                effect.updated.insert(key, seen.holds);
            }
            Some(_) => {}
        }
    }
    effect
}

/// Keys for people: `id=1, id=2 and 3 more`. Keys are shown in reports even where row values are not.
#[must_use]
pub(crate) fn show_keys<'a>(baseline: &Baseline, keys: impl IntoIterator<Item = &'a RowKey>) -> String {
    const SHOWN: usize = 3;
    let keys: Vec<&RowKey> = keys.into_iter().collect();
    if baseline.unkeyed {
        return format!("{} without a key", keys.len());
    }
    let all: Vec<String> = keys
        .into_iter()
        .map(|key| {
            let parts = baseline.key.iter().zip(key.iter()).map(|(name, value)| format!("{name}={value}"));
            parts.collect::<Vec<_>>().join(" ")
        })
        .collect();
    let mut shown = all.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > SHOWN {
        shown.push_str(&format!(" and {} more", all.len() - SHOWN));
    }
    shown
}
