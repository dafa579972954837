//! Facts after resolution: only what is written is compared.

use std::collections::BTreeMap;

use super::location::Location;
use super::names::Name;
use super::resolved_case::Scalar;
use super::versions::VersionBounds;

/// What the schema must be.
#[derive(Debug, Clone, Default)]
pub struct StatedFacts {
    /// Of relations.
    pub relations: Vec<RelationFacts>,
    /// Of functions.
    pub functions: Vec<FunctionFacts>,
    /// Extension = version prefix, or `*`.
    pub extensions: Vec<ExtensionFact>,
    /// Read-only queries, run as the witness role.
    pub queries: Vec<QueryFact>,
}

/// Where a fact is stated.
#[derive(Debug, Clone, Default)]
pub struct FactOrigin {
    /// Where it is declared in the suite.
    pub at: Location,
    /// The document.
    pub source: Option<String>,
    /// The document's numbering.
    pub step: Option<String>,
    /// What to do when it fails.
    pub remedy: Option<String>,
    /// Control ids.
    pub controls: Vec<String>,
    /// Why it is not tried.
    pub skip: Option<String>,
    /// Major versions it holds for.
    pub versions: VersionBounds,
}

/// Facts of one relation.
#[derive(Debug, Clone)]
pub struct RelationFacts {
    /// Its name.
    pub name: Name,
    /// Where it is stated.
    pub stated: FactOrigin,
    /// Whether row security is enabled; for tables `Some(true)` where nothing is written.
    pub rls: Option<bool>,
    /// Why row security may be off.
    pub reason: Option<String>,
    /// Whether it is forced.
    pub forced: Option<bool>,
    /// Columns that must be there.
    pub columns: BTreeMap<String, ColumnFact>,
    /// Indexes that must be there.
    pub indexes: Vec<String>,
    /// The complete list of triggers, where given.
    pub triggers: Option<Vec<String>>,
    /// Constraints that must be there.
    pub constraints: BTreeMap<String, ConstraintFact>,
    /// The complete list of policies, where given.
    pub policies: Option<BTreeMap<String, PolicyFact>>,
}

/// What a column must be.
#[derive(Debug, Clone, Default)]
pub struct ColumnFact {
    /// As `format_type` writes it.
    pub r#type: Option<String>,
    /// Whether NULL is accepted.
    pub nullable: Option<bool>,
    /// The default's expression as the server writes it.
    pub default: Option<String>,
}

/// What a constraint must be.
#[derive(Debug, Clone, Default)]
pub struct ConstraintFact {
    /// As `pg_get_constraintdef` writes it.
    pub definition: Option<String>,
    /// Whether it is validated.
    pub validated: Option<bool>,
    /// The columns it is about.
    pub columns: Option<Vec<String>>,
}

/// What a policy must be.
#[derive(Debug, Clone, Default)]
pub struct PolicyFact {
    /// `select`, `insert`, `update`, `delete` or `all`.
    pub command: Option<String>,
    /// The roles it is for; `public` for everyone.
    pub roles: Option<Vec<String>>,
    /// Whether it is permissive.
    pub permissive: Option<bool>,
    /// A text that USING must contain.
    pub using_contains: Option<String>,
    /// A text that WITH CHECK must contain.
    pub check_contains: Option<String>,
}

/// Facts of one function.
#[derive(Debug, Clone)]
pub struct FunctionFacts {
    /// Its name.
    pub name: Name,
    /// Its argument types as written.
    pub arguments: String,
    /// Where it is stated.
    pub stated: FactOrigin,
    /// Its owner.
    pub owner: Option<String>,
    /// SECURITY DEFINER.
    pub security_definer: Option<bool>,
    /// Whether `search_path` is set on it.
    pub search_path_fixed: Option<bool>,
    /// `immutable`, `stable` or `volatile`.
    pub volatility: Option<String>,
}

/// An extension that must be there.
#[derive(Debug, Clone)]
pub struct ExtensionFact {
    /// Its name.
    pub name: String,
    /// Version prefix, or `*`.
    pub version: String,
    /// Where it is declared.
    pub at: Location,
}

/// A query and what it must return.
#[derive(Debug, Clone)]
pub struct QueryFact {
    /// Part of the check id.
    pub name: String,
    /// For people.
    pub title: String,
    /// Where it is stated.
    pub stated: FactOrigin,
    /// Read-only.
    pub sql: String,
    /// Exactly these rows, in any order unless the SQL has a top-level ORDER BY.
    pub returns: Vec<BTreeMap<String, Scalar>>,
    /// Must return a row: for a query whose good answer is none or zero.
    pub witness: Option<String>,
}
