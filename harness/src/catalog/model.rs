//! What the catalogs say, typed. Names are as stored: unquoted and exact.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

use crate::sql::quote;

/// A schema-qualified name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub struct QName {
    /// The schema.
    pub schema: String,
    /// The name within it.
    pub name: String,
}

impl QName {
    /// A qualified name from its parts.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: schema.into(), name: name.into() }
    }

    /// Quoted, for SQL.
    #[must_use]
    pub fn sql(&self) -> String {
        format!("{}.{}", quote::ident(&self.schema), quote::ident(&self.name))
    }
}

impl fmt::Display for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// Everything that planning and judging ask of the catalogs.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Relations outside the system schemas, by name.
    pub relations: BTreeMap<QName, Relation>,
    /// Their names by oid.
    pub(super) names: BTreeMap<u32, QName>,
    /// Functions and procedures outside the system schemas.
    pub functions: Vec<Function>,
    /// All roles of the cluster, by name.
    pub roles: BTreeMap<String, Role>,
    /// Extension = version.
    pub extensions: BTreeMap<String, String>,
    /// Roles that ALTER DEFAULT PRIVILEGES names, with the schema (none is every schema).
    pub default_grantees: BTreeSet<(Option<String>, String)>,
}

impl Catalog {
    /// The relation with this oid.
    #[must_use]
    pub fn by_oid(&self, oid: u32) -> Option<&Relation> {
        self.relations.get(self.names.get(&oid)?)
    }

    /// Whether `view` shows rows of `relation`, itself or through other views.
    #[must_use]
    pub fn is_under(&self, relation: u32, view: &Relation) -> bool {
        view.selects_from.contains(&relation)
            || view.selects_from.iter().filter_map(|oid| self.by_oid(*oid)).any(|one| self.is_under(relation, one))
    }

    /// The foreign key constraint of this name on this table.
    #[must_use]
    pub fn constraint(&self, table: &QName, name: &str) -> Option<&Constraint> {
        self.relations.get(table)?.constraints.iter().find(|constraint| constraint.name == name)
    }

    /// Whether `member` reaches `group` by memberships whose privileges it inherits, or is it.
    #[must_use]
    pub fn inherits(&self, member: &str, group: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut todo = vec![member];
        while let Some(at) = todo.pop() {
            if at == group {
                return true;
            }
            if seen.insert(at)
                && let Some(role) = self.roles.get(at)
            {
                todo.extend(role.member_of.iter().filter(|m| m.inherit).map(|m| m.role.as_str()));
            }
        }
        false
    }
}

/// The sort of a relation, as `pg_class.relkind` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[expect(missing_docs, reason = "the names are SQL's")]
pub enum RelationKind {
    #[serde(rename = "r")]
    Table,
    #[serde(rename = "p")]
    Partitioned,
    #[serde(rename = "v")]
    View,
    #[serde(rename = "m")]
    MaterializedView,
    #[serde(rename = "f")]
    ForeignTable,
    #[serde(rename = "S")]
    Sequence,
}

impl RelationKind {
    /// Whether row security can be enabled on it.
    #[must_use]
    pub const fn is_table(self) -> bool {
        matches!(self, Self::Table | Self::Partitioned)
    }
}

/// A table, view, materialized view, foreign table, partition or sequence.
#[derive(Debug, Clone, Deserialize)]
pub struct Relation {
    /// `pg_class.oid`.
    pub oid: u32,
    /// Its name.
    pub name: QName,
    /// Its sort.
    pub kind: RelationKind,
    /// Its owner.
    pub owner: String,
    /// ENABLE ROW LEVEL SECURITY.
    pub rls: bool,
    /// FORCE ROW LEVEL SECURITY.
    pub forced: bool,
    /// The parent, for a partition or an inheritance child.
    pub parent: Option<u32>,
    /// The table that owns this sequence by a column of type serial or identity.
    pub owned_by: Option<u32>,
    /// `pg_relation_is_updatable`: bits 2 UPDATE, 3 INSERT, 4 DELETE.
    pub updatable: i32,
    /// Whether an extension made it.
    pub of_extension: bool,
    /// Names in its ACL or that of a column; `public` for everyone.
    pub grantees: BTreeSet<String>,
    /// Columns in order.
    #[serde(default)]
    pub columns: Vec<Column>,
    /// Unique indexes without predicate and expressions, the primary key first.
    #[serde(default)]
    pub unique: Vec<UniqueKey>,
    /// Unique indexes over expressions or over a part of the rows, with every column that they read.
    #[serde(default)]
    pub partial_unique: Vec<UniqueKey>,
    /// The relations that a view selects from.
    #[serde(default)]
    pub selects_from: BTreeSet<u32>,
    /// Whether a rule rewrites INSERT or UPDATE, so that ON CONFLICT is refused.
    #[serde(default)]
    pub ruled: bool,
    /// Constraints.
    #[serde(default)]
    pub constraints: Vec<Constraint>,
    /// Names of its indexes.
    #[serde(default)]
    pub indexes: Vec<String>,
    /// Triggers that are not internal.
    #[serde(default)]
    pub triggers: Vec<Trigger>,
    /// Policies.
    #[serde(default)]
    pub policies: Vec<Policy>,
}

impl Relation {
    /// The column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns that identify a row: the primary key, else the first unique key without nullable columns.
    #[must_use]
    pub fn key(&self) -> Option<&[String]> {
        let total =
            |key: &&UniqueKey| key.columns.iter().all(|name| self.column(name).is_some_and(|column| !column.nullable));
        self.unique.iter().find(total).map(|key| key.columns.as_slice())
    }
}

/// A column.
#[derive(Debug, Clone, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// As `format_type` writes it.
    pub r#type: String,
    /// Category of the type (`pg_type.typcategory`): `N` numeric, `S` string, `B` boolean, …
    pub category: String,
    /// Whether NULL is accepted.
    pub nullable: bool,
    /// The default's expression.
    pub default: Option<String>,
    /// GENERATED ALWAYS AS (…) STORED or VIRTUAL: cannot be written.
    pub generated: bool,
    /// Identity: `a` always, `d` by default, empty none.
    pub identity: String,
}

/// A unique index.
#[derive(Debug, Clone, Deserialize)]
pub struct UniqueKey {
    /// Name of the index.
    pub name: String,
    /// Whether it is checked at once: not of a DEFERRABLE constraint, which ON CONFLICT cannot name.
    pub immediate: bool,
    /// Its columns in order.
    pub columns: Vec<String>,
}

/// The sort of a constraint, as `pg_constraint.contype` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "the names are SQL's")]
pub enum ConstraintKind {
    #[serde(rename = "c")]
    Check,
    #[serde(rename = "f")]
    ForeignKey,
    #[serde(rename = "p")]
    PrimaryKey,
    #[serde(rename = "u")]
    Unique,
    #[serde(rename = "t")]
    Trigger,
    #[serde(rename = "x")]
    Exclusion,
    #[serde(rename = "n")]
    NotNull,
}

/// A constraint.
#[derive(Debug, Clone, Deserialize)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// Its sort.
    pub kind: ConstraintKind,
    /// As `pg_get_constraintdef` writes it.
    pub definition: String,
    /// Whether existing rows were checked.
    pub validated: bool,
    /// Its columns in order.
    pub columns: Vec<String>,
    /// The referenced table, for a foreign key.
    pub references: Option<u32>,
    /// The referenced columns in order.
    pub referenced_columns: Vec<String>,
}

/// A trigger.
#[derive(Debug, Clone, Deserialize)]
pub struct Trigger {
    /// Its name.
    pub name: String,
    /// Whether it fires at all: not DISABLE TRIGGER.
    pub enabled: bool,
    /// BEFORE INSERT … FOR EACH ROW: may change a row before the policy sees it (bits of `pg_trigger.tgtype`).
    pub before_insert: bool,
}

/// A policy.
#[derive(Debug, Clone, Deserialize)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// `select`, `insert`, `update`, `delete` or `all`.
    pub command: String,
    /// AS PERMISSIVE.
    pub permissive: bool,
    /// The roles it is for; `public` for everyone.
    pub roles: Vec<String>,
    /// USING, as the server writes it.
    pub using: Option<String>,
    /// WITH CHECK, as the server writes it.
    pub check: Option<String>,
}

/// A function's name and argument types, which together identify it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct FunctionName {
    /// Schema and name.
    pub name: QName,
    /// As `pg_get_function_identity_arguments` has them, types only.
    pub types: Vec<String>,
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.name, self.types.join(","))
    }
}

/// A function or procedure.
#[derive(Debug, Clone, Deserialize)]
pub struct Function {
    /// `pg_proc.oid`.
    pub oid: u32,
    /// Its name and argument types.
    #[serde(flatten)]
    pub id: FunctionName,
    /// Names of the input arguments; empty where they have none.
    pub arguments: Vec<String>,
    /// `f` function, `p` procedure, `a` aggregate, `w` window function.
    pub kind: String,
    /// Its owner.
    pub owner: String,
    /// SECURITY DEFINER.
    pub security_definer: bool,
    /// `i` immutable, `s` stable, `v` volatile.
    pub volatility: String,
    /// SET clauses, `name=value`.
    pub settings: Vec<String>,
    /// Returns `trigger` or `event_trigger`.
    pub is_trigger: bool,
    /// Whether an extension made it.
    pub of_extension: bool,
    /// Roles in its ACL; `public` for everyone, also where the ACL is the default.
    pub grantees: BTreeSet<String>,
    /// Type of what it returns is a set or composite.
    pub returns_rows: bool,
    /// The relation whose rows it returns, where that is their type.
    pub returns: Option<u32>,
}

/// A role.
#[derive(Debug, Clone, Deserialize)]
pub struct Role {
    /// SUPERUSER.
    pub superuser: bool,
    /// BYPASSRLS.
    pub bypass_rls: bool,
    /// LOGIN.
    pub login: bool,
    /// What it is a member of, directly.
    pub member_of: Vec<Membership>,
}

/// A membership.
#[derive(Debug, Clone, Deserialize)]
pub struct Membership {
    /// The group role.
    pub role: String,
    /// Whether its privileges are inherited.
    pub inherit: bool,
}

/// What one role holds on one relation, by `has_table_privilege` and `has_column_privilege`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PrivilegeSet {
    /// USAGE on the schema.
    pub schema_usage: bool,
    /// Commands held on the whole relation.
    pub table: BTreeSet<String>,
    /// Columns by command, where held on the column or on the whole relation.
    pub columns: BTreeMap<String, BTreeSet<String>>,
}

impl PrivilegeSet {
    /// Whether the command is held on the relation or on any column of it.
    #[must_use]
    pub fn holds(&self, command: &str) -> bool {
        self.schema_usage
            && (self.table.contains(command) || self.columns.get(command).is_some_and(|set| !set.is_empty()))
    }

    /// Whether the command is held on this column.
    #[must_use]
    pub fn holds_column(&self, command: &str, column: &str) -> bool {
        self.schema_usage
            && (self.table.contains(command) || self.columns.get(command).is_some_and(|set| set.contains(column)))
    }
}
