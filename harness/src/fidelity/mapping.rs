//! What is compared with what: two queries, a key and a map.

use std::collections::BTreeMap;

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
