//! What a data migration must keep: fidelity blocks as written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::words::{RelationName, RevisionName};
use super::{At, Long, Or, Plain, Table, Who};

/// Two queries with the same column names, across the revision that moves the rows.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Fidelity {
    /// For people; the name, with blanks, where none is given.
    #[schemars(example = &"rows of the other kinds are left alone")]
    pub(crate) title: Option<String>,
    /// The revision that moves the rows.
    #[schemars(with = "RevisionName", example = &"641-connector-access-to-polymorphic")]
    pub(crate) across: At<String>,
    /// Where the rows were.
    #[schemars(example = &"select org_id, package_id from old_table")]
    pub(crate) source: At<Or<Side>>,
    /// Where the rows are.
    #[schemars(example = &"select org_id, package_id from new_table")]
    pub(crate) target: At<Or<Side>>,
    /// Columns that are unique on both sides.
    #[schemars(example = ["org_id", "package_id"])]
    pub(crate) key: At<Vec<String>>,
    /// Columns compared by `IS DISTINCT FROM`; all others where none are given.
    #[schemars(example = ["visibility"])]
    pub(crate) values: Option<Vec<String>>,
    /// Per column old = new; a source value that is not named is `unmapped`.
    #[serde(default)]
    #[schemars(example = serde_json::json!({ "visibility": { "workspace": "workspace" } }))]
    pub(crate) map: Table<Table<Plain>>,
    /// A column that must be the same on both sides, row by row.
    #[schemars(example = &"org_id")]
    pub(crate) tenant: Option<String>,
    /// Columns of `distribution`; the tenant where none are given.
    #[schemars(example = ["org_id", "visibility"])]
    pub(crate) group_by: Option<Vec<String>>,
    /// Relations whose digest stays the same.
    #[serde(default)]
    #[schemars(with = "Vec<RelationName>", example = ["old_table"])]
    pub(crate) untouched: Vec<At<String>>,
    /// Texts that must occur in what a command revision printed.
    #[serde(default)]
    #[schemars(example = ["5 row(s) to migrate"])]
    pub(crate) output: Vec<At<String>>,
    /// Differences that are meant, as exact numbers.
    pub(crate) tolerate: Option<Tolerate>,
    /// Per actor: keys seen before = keys seen after.
    pub(crate) visibility: Option<Visibility>,
    /// How the revision behaves when run again, at once, killed, or beside writers.
    pub(crate) behaviour: Option<Behaviour>,
    /// That document's numbering.
    #[schemars(example = &"3")]
    pub(crate) step: Option<String>,
    /// Controls that it stands for.
    #[serde(default)]
    #[schemars(example = ["SOC2-CC8.1"])]
    pub(crate) controls: Vec<At<String>>,
}

/// The long form of a query side.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Side {
    /// `"before"` is kept aside first; needed where the revision drops the source.
    #[serde(default)]
    #[schemars(example = &"before")]
    pub(crate) at: When,
    /// The query.
    #[schemars(example = &"select id from old_table")]
    pub(crate) sql: At<String>,
}

impl Long for Side {
    type Word = String;
    const TEXT: bool = true;
    const LIST: bool = false;
    const EXPECTING: &'static str = "SQL, or a table with `at` and `sql`";
}

/// When a side is read.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    Before,
    #[default]
    After,
}

/// Differences that are meant.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Tolerate {
    /// Rows whose values differ.
    #[serde(default)]
    #[schemars(example = 2)]
    pub(crate) modified: u64,
    /// Rows of the source that the target lacks.
    #[serde(default)]
    #[schemars(example = 1)]
    pub(crate) missing: u64,
    /// Rows of the target that the source lacks.
    #[serde(default)]
    #[schemars(example = 1)]
    pub(crate) extra: u64,
    /// Why.
    #[schemars(example = &"two rows were repaired by hand")]
    pub(crate) reason: At<String>,
}

/// What each actor sees of both sides.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Visibility {
    /// Actor or group, or a list.
    #[serde(rename = "as")]
    #[schemars(example = ["member", "admin"])]
    pub(crate) actors: Who,
    /// The query before; `source` where none is given.
    #[schemars(example = &"select id from old_table")]
    pub(crate) before: Option<At<String>>,
    /// The query after; `target` where none is given.
    #[schemars(example = &"select id from new_view")]
    pub(crate) after: Option<At<String>>,
}

/// How the revision behaves.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Behaviour {
    /// Run again: no row version changes. The revision's `idempotent` where none is given.
    #[schemars(example = true)]
    pub(crate) rerun: Option<bool>,
    /// That many at once: result of one, no error, no deadlock.
    #[serde(default)]
    #[schemars(example = [2, 8])]
    pub(crate) copies: Vec<At<u32>>,
    /// Killed and run again: same result.
    pub(crate) kill: Option<Kill>,
    /// Old-version writers during the run.
    pub(crate) writers: Option<Writers>,
    /// After the down.
    pub(crate) rollback: Option<Rollback>,
}

/// When the revision is killed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Kill {
    /// After that many rows.
    #[serde(default)]
    #[schemars(example = [1, 3])]
    pub(crate) after_rows: Vec<u64>,
    /// At that many random moments.
    #[serde(default)]
    #[schemars(example = 5)]
    pub(crate) random: u32,
}

/// Old-version writers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Writers {
    /// A file with what each session runs.
    #[schemars(example = &"old-writers.sql")]
    pub(crate) sql: At<String>,
    /// How many sessions.
    #[schemars(example = 2)]
    pub(crate) sessions: At<u32>,
    /// `"none"`, or why writes may be lost.
    #[schemars(example = &"none")]
    pub(crate) lost: At<String>,
}

/// What must be there after the down.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Rollback {
    /// Relations whose rows stay.
    #[serde(default)]
    #[schemars(with = "Vec<RelationName>", example = ["old_table"])]
    pub(crate) keeps: Vec<At<String>>,
    /// Whether only rows of the migration itself go.
    #[serde(default)]
    #[schemars(example = true)]
    pub(crate) removes_only_own_rows: bool,
}
