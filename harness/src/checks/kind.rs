//! A kind of check: what it is called, what it tries, and how it is planned.

use crate::Error;
use crate::check::Unit;
use crate::fidelity::planned::PlannedBlock;
use crate::world::World;

/// What checks are planned from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inputs<'a> {
    /// Suite, catalogs, privileges, seed rows.
    pub(crate) world: &'a World,
    /// Data migrations, with what only a server could say of them.
    pub(crate) migrations: &'a [PlannedBlock],
}

/// A kind of check. How it is tried is what its [`crate::check::Task`]s do.
#[derive(Debug)]
pub(crate) struct CheckKind {
    /// As records and `[controls]` name it. Several descriptors may share one.
    pub(crate) kind: &'static str,
    /// What is tried, in one sentence, for the tables of README and docs.
    pub(crate) tries: &'static str,
    /// Every check of the kind.
    pub(crate) plan: fn(&Inputs<'_>) -> Result<Vec<Unit>, Error>,
    /// Whether a live database can be held to it, by reading alone.
    pub(crate) reads_only: bool,
}
