//! Cases after resolution.

use std::collections::BTreeMap;

use super::location::Location;
use super::versions::VersionBounds;

/// What a table of cells cannot say.
#[derive(Debug, Clone)]
pub struct Case {
    /// Part of the check id.
    pub name: String,
    /// For people.
    pub title: String,
    /// Where it is declared.
    pub at: Location,
    /// What is done.
    pub body: Body,
    /// SQL that must return a row, run as the witness role with the actor's ids.
    pub witness: Option<String>,
    /// Control ids.
    pub controls: Vec<String>,
    /// The document it is stated in.
    pub source: Option<String>,
    /// That document's numbering.
    pub step: Option<String>,
    /// What to do when it fails.
    pub remedy: Option<String>,
    /// Why it is not tried.
    pub skip: Option<String>,
    /// Major versions it holds for.
    pub versions: VersionBounds,
}

/// What a case does.
#[derive(Debug, Clone)]
pub enum Body {
    /// One transaction, rolled back; one check per actor and variant.
    Single(Box<Single>),
    /// Several committed transactions in a clone; one check in all.
    Steps {
        /// In order.
        steps: Vec<Step>,
        /// Whether all run on one pooled connection.
        one_session: bool,
    },
}

/// A case of one transaction.
#[derive(Debug, Clone)]
pub struct Single {
    /// Actor names, groups expanded, or [`HARNESS`].
    pub actors: Vec<String>,
    /// Run as the actor; the last statement is judged.
    pub sql: String,
    /// Run before, as the witness role, in the same transaction.
    pub setup: Option<String>,
    /// Run before, as the actor; must succeed.
    pub before: Vec<String>,
    /// What must come of it.
    pub expect: Expect,
    /// Who must be allowed the same statement: an actor or [`HARNESS`].
    pub control: Option<String>,
    /// Name = parameters; empty is one check without variant.
    pub variants: BTreeMap<String, BTreeMap<String, String>>,
}

/// The witness role's name in suites.
pub const HARNESS: &str = "@harness";

/// One step: its own committed transaction.
#[derive(Debug, Clone)]
pub struct Step {
    /// Actor name, or [`HARNESS`].
    pub actor: String,
    /// What it runs.
    pub sql: String,
    /// What must come of it.
    pub expect: Expect,
}

/// What must come of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Expect {
    /// No error.
    Allowed,
    /// Refused or filtered.
    Denied,
    /// 42501 of either sort.
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
    /// Stopped by that constraint.
    Constraint(String),
    /// Any other error, by SQLSTATE.
    Sqlstate(String),
}

/// A value that a suite names, compared with its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// `{ null = true }`.
    Null,
    /// A TOML integer.
    Integer(i64),
    /// A TOML boolean.
    Boolean(bool),
    /// A TOML float.
    Float(f64),
    /// A TOML date or date-time, as written.
    Date(String),
    /// Text; also the text form of every other type.
    Text(String),
}
