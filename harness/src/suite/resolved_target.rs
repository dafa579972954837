//! Live databases that may be verified, after resolution.

use std::time::Duration;

use super::location::Location;
use super::names::Name;
use super::resolved_case::Scalar;

/// A live database, and how it is known to be the one that is meant.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where it is declared.
    pub at: Location,
    /// All must hold before any other query; at least one says what an answer is.
    pub guards: Vec<Guard>,
    /// Per statement.
    pub statement_timeout: Duration,
    /// Per lock.
    pub lock_timeout: Duration,
    /// Functions of the database that queries may run; without a schema, in one of the suite's.
    pub may_call: Vec<Name>,
}

/// A read-only query whose answer says which database it is.
#[derive(Debug, Clone)]
pub struct Guard {
    /// Its name.
    pub name: String,
    /// One row, one column.
    pub sql: String,
    /// What the answer must be, or must not be.
    pub answer: GuardAnswer,
}

/// What the answer of a guard must be.
#[derive(Debug, Clone, PartialEq)]
pub enum GuardAnswer {
    /// This value.
    Is(Scalar),
    /// Any other value than this.
    IsNot(Scalar),
}
