//! The project's own Alembic, as it was found.

use std::collections::BTreeMap;

use crate::chain::manifest::Value;
use crate::chain::program::Program;

/// The project's own Alembic, and the history that it tells.
#[derive(Debug)]
pub struct Project {
    pub(in crate::chain) program: Program,
    pub(in crate::chain) env: BTreeMap<String, Value>,
    /// Parents by revision; none for a base.
    pub(in crate::chain) parents: BTreeMap<String, Vec<String>>,
    /// Messages by revision.
    pub(in crate::chain) titles: BTreeMap<String, String>,
    /// What decides what the revisions do beside their own files, for digests: those of the folder, the program's version.
    pub(in crate::chain) source: String,
    /// The code that runs with every revision, `env.py`, helpers, SQL that they read: SHA-256 by the path from the folder.
    pub(crate) code: BTreeMap<String, String>,
}
