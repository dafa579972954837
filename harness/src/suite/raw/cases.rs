//! What a table of cells cannot say: cases as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::words::ActorName;
use super::{At, Plain, Table, Who};
use crate::suite::resolved_case::Scalar;

/// One case: a statement, or steps.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Case {
    /// For people; the name, with blanks, where none is given.
    #[schemars(example = &"a member reads only the own workspace")]
    pub(crate) title: Option<String>,
    /// Actor or group, or a list; one check per actor.
    #[serde(rename = "as")]
    #[schemars(example = &"ann", example = ["ann", "member"])]
    pub(crate) actors: Option<Who>,
    /// Run as the actor; the last statement is judged. This or `steps`.
    #[schemars(example = &"select id from orders where id = 7")]
    pub(crate) sql: Option<At<String>>,
    /// SQL run before, as `@harness`, in the same transaction.
    #[schemars(example = &"delete from orders where id = 7")]
    pub(crate) setup: Option<At<String>>,
    /// SQL run before, as the actor; must succeed.
    #[schemars(example = ["select increment(7)"])]
    pub(crate) before: Option<At<Vec<At<String>>>>,
    /// What must come of it.
    #[schemars(example = &"refused-by-policy", example = serde_json::json!({ "affected": 1 }))]
    pub(crate) expect: Option<At<Expect>>,
    /// The actor, or `@harness`, who must be allowed the same statement.
    #[schemars(with = "Option<ActorName>", example = &"admin")]
    pub(crate) control: Option<At<String>>,
    /// SQL that must return a row, as `@harness` with the actor's ids.
    #[schemars(example = &"select 1 from orders where id = 7")]
    pub(crate) witness: Option<At<String>>,
    /// One check per variant; its parameters are `:name` in all SQL of the case.
    #[serde(default)]
    #[schemars(example = serde_json::json!({ "empty": { "path": "" } }))]
    pub(crate) variants: Table<Table<At<Plain>>>,
    /// Each its own committed transaction, in a clone; one check in all.
    pub(crate) steps: Option<At<Vec<Step>>>,
    /// `"one"`: all steps on one pooled connection.
    #[schemars(example = &"one")]
    pub(crate) session: Option<At<Session>>,
    /// The document that it is stated in.
    #[schemars(example = &"runbook.md, smoke tests")]
    pub(crate) source: Option<String>,
    /// That document's numbering; reports sort by it.
    #[schemars(example = &"5.3")]
    pub(crate) step: Option<String>,
    /// What to do when it fails.
    #[schemars(example = &"execute the rollback")]
    pub(crate) remedy: Option<At<String>>,
    /// Why it is not tried; reported as skipped, never as passed.
    #[schemars(example = &"needs the mail server")]
    pub(crate) skip: Option<At<String>>,
    /// Lowest major version that it holds for.
    #[schemars(example = 15)]
    pub(crate) min_postgres: Option<At<u32>>,
    /// Highest major version that it holds for.
    #[schemars(example = 17)]
    pub(crate) max_postgres: Option<At<u32>>,
    /// Controls that it stands for.
    #[serde(default)]
    #[schemars(example = ["CWE-269"])]
    pub(crate) controls: Vec<At<String>>,
}

/// One step.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Step {
    /// An actor, or `@harness`.
    #[serde(rename = "as")]
    #[schemars(with = "ActorName", example = &"ann")]
    pub(crate) actor: At<String>,
    /// What it runs; the last statement is judged.
    #[schemars(example = &"select count(*) from orders")]
    pub(crate) sql: At<String>,
    /// What must come of it.
    #[schemars(example = serde_json::json!({ "value": 0 }))]
    pub(crate) expect: At<Expect>,
}

/// How steps share connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Session {
    /// A connection per step.
    Each,
    /// All on one pooled connection; the actors must share `login`.
    One,
}

/// What must come of a statement.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Expect {
    /// No error.
    Allowed,
    /// Refused or filtered.
    Denied,
    /// 42501, by policy or by privilege.
    Refused,
    /// 42501 of a policy's WITH CHECK.
    RefusedByPolicy,
    /// 42501 of a privilege.
    RefusedByPrivilege,
    /// No row, and a witness.
    Filtered,
    /// That many rows returned.
    Rows(u64),
    /// That many rows changed.
    Affected(u64),
    /// First column of the only row.
    Value(Scalar),
    /// Exactly these rows, in any order unless the SQL has a top-level ORDER BY.
    Returns(Vec<BTreeMap<String, Scalar>>),
    /// Stopped by that constraint: the policy let it through.
    Constraint(String),
    /// Any other error, by SQLSTATE.
    Sqlstate(String),
}
