//! One step of a chain.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::manifest::RevisionTable;
use super::script::Script;

/// One revision, and what the manifest says of it.
#[derive(Debug)]
pub struct Revision {
    /// Its id in its layout; for plain SQL files the name without suffix.
    pub id: String,
    /// The file that it stands in, for messages and reports.
    pub file: PathBuf,
    /// What takes the schema on.
    pub up: Step,
    /// What takes it back.
    pub down: Option<Step>,
    /// How long either may run.
    pub timeout: Duration,
    /// What the manifest says of it.
    pub settings: RevisionTable,
}

/// One direction of a revision.
#[derive(Debug)]
pub enum Step {
    /// SQL, sent by the harness as the chain's owner.
    Sql(Script),
}

impl Step {
    /// The file that it stands in.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Sql(script) => &script.path,
        }
    }

    /// Whether its file asks for no transaction around it, in its text or beside it.
    #[must_use]
    pub const fn one_by_one(&self) -> bool {
        match self {
            Self::Sql(script) => script.one_by_one,
        }
    }

    /// Everything that decides what it does, for digests; where a file is both directions, all of it.
    #[must_use]
    pub fn source(&self) -> &str {
        match self {
            Self::Sql(script) => &script.source,
        }
    }
}
