//! What the schema must be: facts as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::words::{FunctionName, RelationName};
use super::{At, Long, Or, Table};
use crate::suite::resolved_case::Scalar;

/// What the schema must be; only keys that are written are compared.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Facts {
    /// Of relations.
    #[serde(default)]
    pub(crate) relations: Table<Relation, RelationName>,
    /// Of functions, by name and argument types.
    #[serde(default)]
    pub(crate) functions: Table<Function, FunctionName>,
    /// Extension = version prefix, or `"*"`.
    #[serde(default)]
    #[schemars(example = serde_json::json!({ "pgcrypto": "1.3", "citext": "*" }))]
    pub(crate) extensions: Table<At<String>>,
    /// Read-only queries, run as `@harness`.
    #[serde(default)]
    pub(crate) queries: Table<Query>,
}

/// Facts of one relation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Relation {
    /// Whether row security is enabled; true for tables where nothing is written.
    #[schemars(example = true)]
    pub(crate) rls: Option<At<bool>>,
    /// Whether it is forced on the owner too.
    #[schemars(example = true)]
    pub(crate) forced: Option<bool>,
    /// Why row security may be off.
    #[schemars(example = &"the chain's own table; closed by grants")]
    pub(crate) reason: Option<At<String>>,
    /// Columns that must be there.
    #[serde(default)]
    #[schemars(example = serde_json::json!({ "id": { "type": "uuid", "nullable": false } }))]
    pub(crate) columns: BTreeMap<String, Column>,
    /// Indexes that must be there.
    #[serde(default)]
    #[schemars(example = ["orders_tenant_idx"])]
    pub(crate) indexes: Vec<String>,
    /// The complete list of triggers.
    #[schemars(example = ["orders_touch"])]
    pub(crate) triggers: Option<Vec<String>>,
    /// Constraints that must be there: the definition, or a table.
    #[serde(default)]
    #[schemars(example = serde_json::json!({ "orders_name_key": "UNIQUE (name)" }))]
    pub(crate) constraints: Table<Or<Constraint>>,
    /// The complete list of policies.
    #[schemars(example = serde_json::json!({ "orders_select": { "command": "select" } }))]
    pub(crate) policies: Option<BTreeMap<String, Policy>>,
    /// The document that it is stated in.
    #[schemars(example = &"schema.md, table 1")]
    pub(crate) source: Option<String>,
    /// That document's numbering.
    #[schemars(example = &"4.1")]
    pub(crate) step: Option<String>,
    /// What to do when it fails.
    #[schemars(example = &"execute the rollback")]
    pub(crate) remedy: Option<At<String>>,
    /// Why it is not tried.
    #[schemars(example = &"dropped by the next revision")]
    pub(crate) skip: Option<At<String>>,
    /// Lowest major version that it holds for.
    #[schemars(example = 15)]
    pub(crate) min_postgres: Option<At<u32>>,
    /// Highest major version that it holds for.
    #[schemars(example = 17)]
    pub(crate) max_postgres: Option<At<u32>>,
    /// Controls that it stands for.
    #[serde(default)]
    #[schemars(example = ["CWE-284"])]
    pub(crate) controls: Vec<At<String>>,
}

/// What a column must be; `{}` is one that is there, of whatever type.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Column {
    /// As `format_type` writes it.
    #[schemars(example = &"character varying(255)")]
    pub(crate) r#type: Option<String>,
    /// Whether NULL is accepted.
    #[schemars(example = false)]
    pub(crate) nullable: Option<bool>,
    /// The default's expression as the server writes it.
    #[schemars(example = &"now()")]
    pub(crate) default: Option<String>,
}

/// What a constraint must be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Constraint {
    /// As `pg_get_constraintdef` writes it.
    #[schemars(example = &"UNIQUE (name)")]
    pub(crate) definition: Option<String>,
    /// Whether it is validated.
    #[schemars(example = true)]
    pub(crate) validated: Option<bool>,
    /// The columns it is about.
    #[schemars(example = ["kind"])]
    pub(crate) columns: Option<Vec<String>>,
}

impl Long for Constraint {
    type Word = String;
    const TEXT: bool = true;
    const LIST: bool = false;
    const EXPECTING: &'static str = "a definition, or a table with `definition`, `validated`, `columns`";
}

/// What a policy must be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Policy {
    /// The command it is for.
    #[schemars(example = &"select")]
    pub(crate) command: Option<PolicyCommand>,
    /// The roles it is for; `public` for everyone.
    #[schemars(example = ["authenticated"])]
    pub(crate) roles: Option<Vec<String>>,
    /// Whether it is permissive.
    #[schemars(example = true)]
    pub(crate) permissive: Option<bool>,
    /// A text that USING must contain.
    #[schemars(example = &"owner_id")]
    pub(crate) using_contains: Option<String>,
    /// A text that WITH CHECK must contain.
    #[schemars(example = &"owner_id")]
    pub(crate) check_contains: Option<String>,
}

/// Commands of policies (PostgreSQL docs, CREATE POLICY).
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PolicyCommand {
    Select,
    Insert,
    Update,
    Delete,
    All,
}

/// Facts of one function.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Function {
    /// Its owner.
    #[schemars(example = &"migrator")]
    pub(crate) owner: Option<String>,
    /// Whether it is SECURITY DEFINER.
    #[schemars(example = false)]
    pub(crate) security_definer: Option<bool>,
    /// Whether `search_path` is set on it.
    #[schemars(example = true)]
    pub(crate) search_path_fixed: Option<bool>,
    /// Its volatility.
    #[schemars(example = &"stable")]
    pub(crate) volatility: Option<Volatility>,
    /// The document that it is stated in.
    #[schemars(example = &"schema.md, helper functions")]
    pub(crate) source: Option<String>,
    /// That document's numbering.
    #[schemars(example = &"4.1")]
    pub(crate) step: Option<String>,
    /// What to do when it fails.
    #[schemars(example = &"execute the rollback")]
    pub(crate) remedy: Option<At<String>>,
    /// Why it is not tried.
    #[schemars(example = &"dropped by the next revision")]
    pub(crate) skip: Option<At<String>>,
    /// Lowest major version that it holds for.
    #[schemars(example = 15)]
    pub(crate) min_postgres: Option<At<u32>>,
    /// Highest major version that it holds for.
    #[schemars(example = 17)]
    pub(crate) max_postgres: Option<At<u32>>,
    /// Controls that it stands for.
    #[serde(default)]
    #[schemars(example = ["CWE-426"])]
    pub(crate) controls: Vec<At<String>>,
}

/// Volatility of functions (PostgreSQL docs, "Function Volatility Categories").
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Volatility {
    Immutable,
    Stable,
    Volatile,
}

/// A query and what it must return.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Query {
    /// For people; the name, with blanks, where none is given.
    #[schemars(example = &"no policy is always true")]
    pub(crate) title: Option<String>,
    /// Read-only, run as `@harness`.
    #[schemars(example = &"select count(*) from pg_policies")]
    pub(crate) sql: At<String>,
    /// Exactly these rows, in any order unless the SQL has a top-level ORDER BY.
    #[schemars(example = serde_json::json!([{ "count": 14 }]))]
    pub(crate) returns: At<Vec<BTreeMap<String, Scalar>>>,
    /// SQL that must return a row: for a query whose good answer is none or zero.
    #[schemars(example = &"select 1 from orders")]
    pub(crate) witness: Option<At<String>>,
    /// The document that it is stated in.
    #[schemars(example = &"runbook.md, checks")]
    pub(crate) source: Option<String>,
    /// That document's numbering.
    #[schemars(example = &"4.1")]
    pub(crate) step: Option<String>,
    /// What to do when it fails.
    #[schemars(example = &"execute the rollback")]
    pub(crate) remedy: Option<At<String>>,
    /// Why it is not tried.
    #[schemars(example = &"asks for production's settings")]
    pub(crate) skip: Option<At<String>>,
    /// Lowest major version that it holds for.
    #[schemars(example = 15)]
    pub(crate) min_postgres: Option<At<u32>>,
    /// Highest major version that it holds for.
    #[schemars(example = 17)]
    pub(crate) max_postgres: Option<At<u32>>,
    /// Controls that it stands for.
    #[serde(default)]
    #[schemars(example = ["CWE-862"])]
    pub(crate) controls: Vec<At<String>>,
}
