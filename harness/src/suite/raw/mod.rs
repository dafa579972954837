//! A suite file as written: one struct per table, unknown keys refused, places kept.
//!
//! No `flatten` and no `untagged`: both lose places and the names of unknown keys. Doc comments and examples here are
//! the descriptions of the JSON Schema.

mod actors;
mod at;
mod cases;
mod contract;
mod facts;
mod fidelity;
mod known;
mod or;
mod scalar;
mod table;
mod words;

use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) use actors::{Actor, Context};
pub(crate) use at::At;
pub(crate) use cases::{Case, Expect, Session, Step};
pub(crate) use contract::{ActsOn, Cell, Dml, Execute, Grants, PassThrough, Relation, TenantColumns};
pub(crate) use facts::{
    Column, Constraint, Facts, Function as FunctionFacts, Policy, PolicyCommand, Query, Relation as RelationFacts,
    Volatility,
};
pub(crate) use fidelity::{Behaviour, Fidelity, Side, Visibility, When};
pub(crate) use known::{Known, Target};
pub(crate) use or::{Long, Or, RowSets, Who};
pub(crate) use scalar::Plain;
pub(crate) use table::Table;

use words::{FunctionName, KindName, RelationName, RevisionName};

/// A suite: who may do what, and what else must hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Suite {
    /// Version of this format.
    #[schemars(example = 1)]
    #[expect(dead_code, reason = "looked at before the rest is read; here for the schema")]
    pub(crate) format: Option<u32>,
    /// First part of every check id; unique in a run.
    #[schemars(example = &"connectors")]
    pub(crate) name: At<String>,
    /// For people; the name where none is given.
    #[schemars(example = &"Connectors: workspace isolation")]
    pub(crate) title: Option<String>,
    /// Folder with the migrations and `chain.toml`.
    #[schemars(example = &"../../schemas/connectors")]
    pub(crate) chain: At<String>,
    /// The schema that this file is about: `"head"`, from empty up to a revision, or up to head, seeded, and down again.
    #[schemars(example = &"head", example = serde_json::json!({ "down_to": "000_before" }))]
    pub(crate) state: Option<State>,
    /// SQL that is run when `state` is reached.
    #[schemars(example = &"seed.sql")]
    pub(crate) seed: Option<At<String>>,
    /// Revision = SQL that is run right after it, so that later revisions meet data.
    #[serde(default)]
    #[schemars(example = serde_json::json!({ "639-baseline": "legacy.sql" }))]
    pub(crate) seed_at: Table<At<String>, RevisionName>,
    /// Major versions; the first that is here is used.
    #[serde(default)]
    #[schemars(example = [17, 15])]
    pub(crate) postgres: Vec<At<u32>>,
    /// Where the closed world holds; those of the chain where none are given.
    #[schemars(example = ["public"])]
    pub(crate) schemas: Option<At<Vec<At<String>>>>,
    /// Files that hold only `contexts`, `actors`, `profiles`, `controls`.
    #[serde(default)]
    #[schemars(example = ["actors.toml"])]
    pub(crate) include: Vec<At<String>>,
    /// Per statement.
    #[schemars(example = &"5s")]
    pub(crate) timeout: Option<At<String>>,
    /// What every check of a kind stands for.
    #[serde(default)]
    pub(crate) controls: Controls,
    /// What reports may hold.
    #[serde(default)]
    pub(crate) report: Report,
    /// What mutation must reach.
    #[serde(default)]
    pub(crate) mutate: Mutate,
    /// How the application becomes somebody.
    #[serde(default)]
    pub(crate) contexts: Table<Context>,
    /// Who acts.
    #[serde(default)]
    pub(crate) actors: Table<Actor>,
    /// What relations start from.
    #[serde(default)]
    pub(crate) profiles: Table<Relation>,
    /// Who may do what; everything else is tried and must be refused.
    #[serde(default)]
    pub(crate) contract: Table<Relation, RelationName>,
    /// Who may call what: function with argument types = groups, or a table.
    #[serde(default)]
    #[schemars(example = serde_json::json!({ "touch(uuid)": ["member"] }))]
    pub(crate) execute: Table<At<Or<Execute>>, FunctionName>,
    /// What a table of cells cannot say.
    #[serde(default)]
    pub(crate) cases: Table<Case>,
    /// What the schema must be.
    #[serde(default)]
    pub(crate) facts: Facts,
    /// What a data migration must keep.
    #[serde(default)]
    pub(crate) fidelity: Table<Fidelity>,
    /// Failures that are known.
    #[serde(default)]
    pub(crate) known: Vec<Known>,
    /// Live databases that `verify` may read.
    #[serde(default)]
    pub(crate) targets: Table<Target>,
}

/// What several suites share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Include {
    #[serde(default)]
    pub(crate) contexts: Table<Context>,
    #[serde(default)]
    pub(crate) actors: Table<Actor>,
    #[serde(default)]
    pub(crate) profiles: Table<Relation>,
    #[serde(default)]
    pub(crate) controls: Controls,
}

/// The schema that a suite is about.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// All revisions.
    Head,
    /// From empty up to this revision.
    At(#[schemars(with = "RevisionName")] At<String>),
    /// Up to head, seeded, then down until this revision is the last applied.
    DownTo(#[schemars(with = "RevisionName")] At<String>),
}

/// Control ids by kind of check.
pub(crate) type Controls = Table<At<Vec<At<String>>>, KindName>;

/// What reports may hold.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Report {
    /// Row values in reports; else keys only.
    #[serde(default)]
    #[schemars(example = false)]
    pub(crate) values: bool,
}

/// What mutation must reach.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Mutate {
    /// Lowest mutation score that passes, in percent.
    #[schemars(example = 90)]
    pub(crate) minimum: Option<At<f64>>,
}
