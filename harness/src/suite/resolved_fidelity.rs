//! What a data migration must keep, after resolution.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::resolved::{Location, Name};

/// Two queries with the same column names, across the revision that moves the rows.
#[derive(Debug, Clone)]
pub struct Fidelity {
    /// Part of the check ids.
    pub name: String,
    /// For people.
    pub title: String,
    /// Where it is declared.
    pub at: Location,
    /// The revision that moves the rows.
    pub across: String,
    /// Where the rows were.
    pub source: Side,
    /// Where the rows are.
    pub target: Side,
    /// Columns that are unique on both sides.
    pub key: Vec<String>,
    /// Columns that are compared; all others where none are given.
    pub values: Option<Vec<String>>,
    /// Per column old = new; a column that is not named stays as it is.
    pub map: BTreeMap<String, BTreeMap<String, String>>,
    /// A column that must be the same on both sides, row by row.
    pub tenant: Option<String>,
    /// Columns of the distribution: the tenant where none are given.
    pub group_by: Vec<String>,
    /// Relations whose digest stays the same.
    pub untouched: Vec<Name>,
    /// Texts that must occur in what a command revision printed.
    pub output: Vec<String>,
    /// Differences that are meant.
    pub tolerate: Option<Tolerate>,
    /// What each actor sees of both sides.
    pub visibility: Option<Visibility>,
    /// How the revision behaves.
    pub behaviour: Behaviour,
    /// The document's numbering.
    pub step: Option<String>,
    /// Control ids.
    pub controls: Vec<String>,
}

impl Fidelity {
    /// Whether both sides can be read after the revision.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        !self.source.before && !self.target.before
    }
}

/// A query and when it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Whether its rows are kept aside before the revision; else it is read afterwards.
    pub before: bool,
    /// The query.
    pub sql: String,
}

/// Exact numbers of differences that are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tolerate {
    /// Rows whose values differ.
    pub modified: u64,
    /// Rows of the source that the target lacks.
    pub missing: u64,
    /// Rows of the target that the source lacks.
    pub extra: u64,
    /// Why.
    pub reason: String,
}

/// Keys that each actor sees: those of before = those of after.
#[derive(Debug, Clone)]
pub struct Visibility {
    /// Actor names, groups expanded.
    pub actors: BTreeSet<String>,
    /// The query before; the source where none is given.
    pub before: Option<String>,
    /// The query after; the target where none is given.
    pub after: Option<String>,
}

/// How the revision behaves when it is run otherwise than once, alone, to its end.
#[derive(Debug, Clone, Default)]
pub struct Behaviour {
    /// Run again, no row version changes; the revision's `idempotent` where none is given.
    pub rerun: Option<bool>,
    /// That many at once.
    pub copies: Vec<u32>,
    /// Killed after that many rows.
    pub kill_after_rows: Vec<u64>,
    /// Killed at that many random moments.
    pub kill_random: u32,
    /// Old-version writers during the run.
    pub writers: Option<Writers>,
    /// What is there after the down.
    pub rollback: Option<Rollback>,
}

/// Old-version writers.
#[derive(Debug, Clone)]
pub struct Writers {
    /// What each session runs.
    pub sql: PathBuf,
    /// How many sessions.
    pub sessions: u32,
    /// Why writes may be lost; none may where nothing is given.
    pub lost: Option<String>,
}

/// What must be there after the down.
#[derive(Debug, Clone)]
pub struct Rollback {
    /// Relations whose rows stay.
    pub keeps: Vec<Name>,
    /// Whether only rows of the migration itself go.
    pub removes_only_own_rows: bool,
}
