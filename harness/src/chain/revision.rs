//! One step of a chain.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::command::ProgramRevision;
use super::manifest::RevisionTable;
use super::script::{Script, TransactionMode};

/// One revision, and what the manifest says of it.
#[derive(Debug)]
pub struct Revision {
    /// Its id in its layout; for plain SQL files the name without suffix.
    pub id: String,
    /// The file that it stands in, for messages and reports.
    pub file: PathBuf,
    /// What takes the schema on.
    pub up: RevisionStep,
    /// What takes it back.
    pub down: Option<RevisionStep>,
    /// Whether its tool runs it after all others, and again whenever it changed.
    pub repeats: bool,
    /// How long either may run.
    pub timeout: Duration,
    /// What the manifest says of it.
    pub settings: RevisionTable,
}

impl Revision {
    /// Why it cannot be taken back, in words that follow its name; nothing where it can.
    #[must_use]
    pub fn stuck(&self) -> Option<String> {
        let RevisionTable { irreversible, catalog_neutral, .. } = &self.settings;
        match (irreversible, &self.down, catalog_neutral) {
            (Some(reason), ..) => Some(format!("is irreversible: {}", reason.0)),
            (None, None, None) => Some(format!("has no way back: nothing undoes {}", self.file.display())),
            _ => None,
        }
    }

    /// How its way up stands to transactions.
    #[must_use]
    pub fn mode(&self) -> TransactionMode {
        match &self.up {
            RevisionStep::Sql(script) => script.mode(self.settings.transaction.is_some()),
            RevisionStep::Command(_) | RevisionStep::Alembic(_) => TransactionMode::OfProgram,
        }
    }
}

/// One direction of a revision.
#[derive(Debug)]
pub enum RevisionStep {
    /// SQL, sent by the harness as the chain's owner.
    Sql(Script),
    /// A program of the chain's own.
    Command(ProgramRevision),
    /// One move of the project's own Alembic: the way up to a revision, or back from it.
    Alembic(Migration),
}

impl RevisionStep {
    /// The file that it stands in.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Sql(script) => &script.path,
            Self::Command(command) => &command.path,
            Self::Alembic(migration) => &migration.path,
        }
    }

    /// Whether its file asks for no transaction around it, in its text or beside it.
    #[must_use]
    pub const fn one_by_one(&self) -> bool {
        match self {
            Self::Sql(script) => script.one_by_one,
            Self::Command(_) | Self::Alembic(_) => false,
        }
    }

    /// Everything that decides what it does, for digests; where a file is both directions, all of it.
    #[must_use]
    pub fn source(&self) -> &str {
        match self {
            Self::Sql(script) => &script.source,
            Self::Command(command) => &command.source,
            Self::Alembic(migration) => &migration.source,
        }
    }
}

/// One revision of Alembic's, in either direction.
#[derive(Debug)]
pub struct Migration {
    /// Its file.
    pub path: PathBuf,
    /// The file's text.
    pub source: Arc<str>,
}
