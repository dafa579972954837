//! One step of a chain.

use std::path::PathBuf;
use std::time::Duration;

use super::manifest::RevisionTable;
use super::script::Script;

/// One revision: an SQL file, and what the manifest says of it.
#[derive(Debug)]
pub struct Revision {
    /// Its id in its layout; for plain SQL files the name without suffix.
    pub id: String,
    /// What runs.
    pub script: Script,
    /// The file that undoes it.
    pub down: Option<PathBuf>,
    /// How long it may run.
    pub timeout: Duration,
    /// What the manifest says of it.
    pub settings: RevisionTable,
}
