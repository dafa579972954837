//! Who may do what: relations, profiles and functions as written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::words::{GroupName, RelationName, RowSetName};
use super::{At, Long, Or, RowSets, Table};
use crate::suite::resolved::Command;

/// One relation, or a profile that relations start from.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Relation {
    /// The profile to start from; a key here replaces the profile's, `rows` and `allow` name by name.
    #[schemars(example = &"tenant")]
    pub(crate) profile: Option<At<String>>,
    /// Whose row it is: a column, compared with the id `tenant`, or id = column; all must match.
    #[schemars(example = &"workspace_id", example = serde_json::json!({ "user": "owner_id" }))]
    pub(crate) tenant_key: Option<At<Or<TenantColumns>>>,
    /// The tenant key is that of the row that this foreign key column points at.
    #[schemars(example = &"installed_extension_id")]
    pub(crate) tenant_via: Option<At<String>>,
    /// Row sets: SQL predicates over the relation's columns and `:ids`, written like a policy.
    #[serde(default)]
    #[schemars(example = serde_json::json!({ "public": "is_public" }))]
    pub(crate) rows: Table<At<String>>,
    /// What each group may do: a cell for the four DML commands, or a table by command.
    #[serde(default)]
    #[schemars(example = serde_json::json!({ "member": "own", "visitor": { "select": "public" } }))]
    pub(crate) allow: Table<At<Or<Grants>>, GroupName>,
    /// What any session may still do when this id is absent.
    pub(crate) pass_through: Option<Table<PassThrough>>,
    /// Column = SQL expression: makes a copied row insertable where unique keys are in the way.
    #[schemars(example = serde_json::json!({ "name": "'probe ' || gen_random_uuid()" }))]
    pub(crate) insert_with: Option<Table<At<String>>>,
    /// Why it is not tried; reported as skipped, never as passed.
    #[schemars(example = &"a partition of events, which is tried")]
    pub(crate) skip: Option<At<String>>,
    /// Lowest major version that it holds for.
    #[schemars(example = 15)]
    pub(crate) min_postgres: Option<At<u32>>,
    /// Highest major version that it holds for.
    #[schemars(example = 17)]
    pub(crate) max_postgres: Option<At<u32>>,
    /// Controls that its checks stand for.
    #[serde(default)]
    #[schemars(example = ["ASVS-8.4.1", "CWE-639"])]
    pub(crate) controls: Vec<At<String>>,
}

/// Id = column.
pub(crate) type TenantColumns = Table<At<String>>;

impl Long for TenantColumns {
    type Word = String;
    const TEXT: bool = true;
    const LIST: bool = false;
    const EXPECTING: &'static str = "a column, or a table `{ id = \"column\" }`";
}

/// What a group may do, by command.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Grants {
    /// Stands for select, insert, update and delete where they are not named.
    #[schemars(example = &"own")]
    pub(crate) dml: Option<At<Or<Cell>>>,
    /// Rows that can be read.
    #[schemars(example = &"own")]
    pub(crate) select: Option<At<Or<Cell>>>,
    /// Rows that can be written anew.
    #[schemars(example = &"own")]
    pub(crate) insert: Option<At<Or<Cell>>>,
    /// Rows that can be changed.
    #[schemars(example = serde_json::json!({ "rows": "own", "columns": ["display_name"] }))]
    pub(crate) update: Option<At<Or<Cell>>>,
    /// Rows that can be removed.
    #[schemars(example = &"own")]
    pub(crate) delete: Option<At<Or<Cell>>>,
    /// `"all"` or `"none"`.
    #[schemars(example = &"none")]
    pub(crate) truncate: Option<At<Or<Cell>>>,
    /// `"all"` or `"none"`.
    #[schemars(example = &"none")]
    pub(crate) references: Option<At<Or<Cell>>>,
    /// `"all"` or `"none"`.
    #[schemars(example = &"none")]
    pub(crate) trigger: Option<At<Or<Cell>>>,
    /// Of sequences: `"all"` or `"none"`.
    #[schemars(example = &"all")]
    pub(crate) usage: Option<At<Or<Cell>>>,
}

impl Long for Grants {
    type Word = RowSetName;
    const TEXT: bool = true;
    const LIST: bool = true;
    const EXPECTING: &'static str = "a row set, a list of row sets, or a table by command";
}

impl Grants {
    /// The cells by command; true where the cell is written for that very command.
    pub(crate) fn cells(&self) -> Vec<(Command, bool, &At<Or<Cell>>)> {
        let dml = self.dml.as_ref();
        [
            (Command::Select, &self.select, dml),
            (Command::Insert, &self.insert, dml),
            (Command::Update, &self.update, dml),
            (Command::Delete, &self.delete, dml),
            (Command::Truncate, &self.truncate, None),
            (Command::References, &self.references, None),
            (Command::Trigger, &self.trigger, None),
            (Command::Usage, &self.usage, None),
        ]
        .into_iter()
        .filter_map(|(command, own, dml)| Some((command, own.is_some(), own.as_ref().or(dml)?)))
        .collect()
    }
}

/// The long form of a cell.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Cell {
    /// On which rows.
    #[schemars(example = &"own", example = ["public", "own"])]
    pub(crate) rows: RowSets,
    /// Where an UPDATE may take the row; `rows` where none is given.
    #[schemars(example = &"all")]
    pub(crate) to: Option<RowSets>,
    /// The only columns; each of the others is tried and must be refused by privilege.
    #[schemars(example = ["display_name", "email"])]
    pub(crate) columns: Option<At<Vec<At<String>>>>,
}

impl Long for Cell {
    type Word = RowSetName;
    const TEXT: bool = true;
    const LIST: bool = true;
    const EXPECTING: &'static str = "a row set, a list of row sets, or a table with `rows`";
}

/// What any session may still do when an id is absent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct PassThrough {
    /// Rows that can be read.
    #[schemars(example = &"all")]
    pub(crate) select: Option<RowSets>,
    /// Rows that can be written anew.
    #[schemars(example = &"installation")]
    pub(crate) insert: Option<RowSets>,
    /// Rows that can be changed.
    #[schemars(example = &"installation")]
    pub(crate) update: Option<RowSets>,
    /// Rows that can be removed.
    #[schemars(example = &"installation")]
    pub(crate) delete: Option<RowSets>,
    /// Why.
    #[schemars(example = &"workers resolve reviewers before any user is known")]
    pub(crate) reason: At<String>,
}

impl PassThrough {
    /// The commands that are passed through.
    pub(crate) fn commands(&self) -> Vec<(Command, &RowSets)> {
        [
            (Command::Select, &self.select),
            (Command::Insert, &self.insert),
            (Command::Update, &self.update),
            (Command::Delete, &self.delete),
        ]
        .into_iter()
        .filter_map(|(command, names)| Some((command, names.as_ref()?)))
        .collect()
    }
}

/// The long form of who may call a function.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Execute {
    /// Who may call it.
    #[serde(default)]
    #[schemars(with = "Vec<GroupName>", example = ["member"])]
    pub(crate) allow: Vec<At<String>>,
    /// Called with each key of a relation: may change or return only rows in the caller's cell for that command.
    pub(crate) acts_on: Option<ActsOn>,
    /// The other arguments, as SQL expressions; NULL where none is given.
    #[serde(default)]
    #[schemars(example = serde_json::json!({ "p_success": "true" }))]
    pub(crate) arguments: Table<At<String>>,
    /// Controls that its checks stand for.
    #[serde(default)]
    #[schemars(example = ["CWE-285"])]
    pub(crate) controls: Vec<At<String>>,
}

impl Long for Execute {
    type Word = GroupName;
    const TEXT: bool = false;
    const LIST: bool = true;
    const EXPECTING: &'static str = "a list of groups, or a table with `allow`";
}

/// A function that takes the key of a relation's row.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct ActsOn {
    /// The argument that takes the key.
    #[schemars(example = &"p_connector_id")]
    pub(crate) argument: At<String>,
    /// A relation of the contract.
    #[schemars(with = "RelationName", example = &"connectors")]
    pub(crate) relation: At<String>,
    /// The command whose cell decides.
    #[schemars(example = &"update")]
    pub(crate) command: Dml,
}

/// Commands that touch rows.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Dml {
    Select,
    Insert,
    Update,
    Delete,
}
