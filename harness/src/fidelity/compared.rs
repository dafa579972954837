//! What a comparison tells: classes of rows with exact counts, and a few rows of each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::columns::Columns;

/// Keys as text, in the order of [`super::Mapping::key`]; a part that is NULL is `None`.
pub type ComparedKey = Vec<Option<String>>;

/// What one pass over both sides tells.
#[derive(Debug, Clone)]
pub struct Compared {
    /// What the server says of the columns.
    pub columns: Columns,
    /// Rows of the source: those that are identical, modified or missing.
    pub source: u64,
    /// Rows of the target.
    pub target: u64,
    /// Rows of the source that are on the target with equal values.
    pub identical: u64,
    /// Rows of the source that are on the target with a value that differs, in one row of their key where it has several.
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
    pub told: Vec<GroupCount>,
    /// Keys that are not unique, or NULL, on the source and on the target.
    pub doubled: [Doubled; 2],
    /// A few rows of each class.
    pub samples: Samples,
}

/// A group of the distribution.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GroupCount {
    /// Its values, as text.
    pub names: ComparedKey,
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
    pub told: Vec<ComparedKey>,
    /// Rows with NULL in their key, which match nothing.
    #[serde(default)]
    pub nulls: u64,
    /// A few of their keys.
    #[serde(default)]
    pub null_keys: Vec<ComparedKey>,
}

/// A row that is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Its key.
    pub key: ComparedKey,
    /// What it holds, as text that may be cut: on the source, and on the target where that is another value.
    pub values: Vec<Option<String>>,
}

/// Rows with a fault, by column; those without one have no entry.
pub type ByColumn = BTreeMap<String, FaultyRows>;

/// Rows with a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultyRows {
    /// How many rows of the join.
    pub rows: u64,
    /// A few of them.
    pub told: Vec<Sample>,
}

/// A few rows of each class; empty where the class is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the classes")]
pub struct Samples {
    pub modified: ByColumn,
    pub unmapped: BTreeMap<String, Vec<Sample>>,
    pub missing: Vec<ComparedKey>,
    pub extra: Vec<ComparedKey>,
    pub crossed: Vec<ComparedKey>,
}
