//! Known exceptions and targets as written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{At, Table};
use crate::suite::resolved_case::Scalar;

/// A failure that is known: covers failed checks only, never errors.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Known {
    /// Check id; `*` matches within and across parts.
    #[schemars(example = &"connectors/fact/query/policies-in-all")]
    pub(crate) check: At<String>,
    /// Why.
    #[schemars(example = &"the document contradicts itself")]
    pub(crate) reason: At<String>,
    /// Last day that it holds; leave it out where nothing will change.
    #[schemars(with = "Option<String>", example = &"2026-12-31")]
    pub(crate) until: Option<At<Scalar>>,
}

/// A live database that `verify` may read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Target {
    /// All must hold before any other query; at least one `is`.
    pub(crate) guards: Table<Guard>,
    /// Per statement.
    #[schemars(example = &"5s")]
    pub(crate) statement_timeout: Option<At<String>>,
    /// Per lock.
    #[schemars(example = &"500ms")]
    pub(crate) lock_timeout: Option<At<String>>,
    /// Functions of the database that queries may run, because somebody has looked at them.
    #[serde(default)]
    #[schemars(example = &["app.slug"])]
    pub(crate) may_call: Vec<At<String>>,
}

/// A query whose answer says which database it is: `is` or `is_not`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Guard {
    /// Read-only; one row, one column.
    #[schemars(example = &"select current_database()")]
    pub(crate) sql: At<String>,
    /// What it must be.
    #[schemars(example = &"shop_prod")]
    pub(crate) is: Option<Scalar>,
    /// What it must not be.
    #[schemars(example = &"shop_staging")]
    pub(crate) is_not: Option<Scalar>,
}
