//! What a layout is, and what it finds: names and files first, then both directions of each revision.

use std::path::PathBuf;

use super::alembic::Project;
use super::folder::Folder;
use crate::Error;
use crate::chain::revision::RevisionStep;
use crate::chain::script::Script;

/// A way to lay out revisions.
#[derive(Debug)]
pub struct Layout {
    /// As `layout` names it.
    pub name: &'static str,
    /// Whether the folder looks like it, for chains that do not say.
    pub fits: fn(&Folder<'_>) -> bool,
    /// The revisions, in the order in which they run.
    pub find: fn(&Folder<'_>) -> Result<Listing, Error>,
    /// One of them, read.
    pub read: fn(&FoundRevision) -> Result<Directions, Error>,
    /// Whether one file is both directions of a revision.
    pub both_in_one: bool,
    /// The tables that the tool keeps its own account in; without a schema, they are in the chain's first.
    pub bookkeeping: &'static [&'static str],
    /// Makes those that are not there as the tool does, in the first schema of the session; empty where there
    /// are none, or the tool itself runs.
    pub bookkeeping_sql: &'static str,
}

/// What a layout finds in a folder.
#[derive(Debug, Default)]
pub struct Listing {
    /// In the order in which they run.
    pub revisions: Vec<FoundRevision>,
    /// Files and folders that the tool passes over, each with the reason.
    pub skipped: Vec<(PathBuf, String)>,
    /// The revisions that no other follows, where the layout knows of parents; else the last is the only one.
    pub heads: Vec<RevisionHead>,
    /// What a reader should know of the order.
    pub remarks: Vec<String>,
    /// The project's own tool, where it runs the revisions itself.
    pub project: Option<Project>,
}

/// A revision that no other follows. A chain with several cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionHead {
    /// Its id.
    pub id: String,
    /// Its file.
    pub path: PathBuf,
}

/// A revision as its layout sees it: names and files, nothing read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRevision {
    /// Its id.
    pub id: String,
    /// Its file.
    pub path: PathBuf,
    /// The file that undoes it.
    pub down: Option<PathBuf>,
    /// Why its tool never takes it back, whatever else it takes back.
    pub kept: Option<NeverReverted>,
}

/// Why a tool never takes a revision back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeverReverted {
    /// It stands for what came before it.
    Baseline,
    /// It is run after all others, and again whenever it changed.
    Repeatable,
}

impl NeverReverted {
    /// The reason, in words.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Baseline => "a baseline of Flyway stands for what came before it",
            Self::Repeatable => "a repeatable revision of Flyway is run again, and never undone",
        }
    }
}

/// Both directions of a revision.
#[derive(Debug)]
pub struct Directions {
    /// What takes the schema on.
    pub up: RevisionStep,
    /// What takes it back.
    pub down: Option<RevisionStep>,
}

impl Directions {
    /// What of them is SQL.
    pub(super) fn scripts(&mut self) -> impl Iterator<Item = &mut Script> {
        let sides = [Some(&mut self.up), self.down.as_mut()];
        sides.into_iter().flatten().filter_map(|step| match step {
            RevisionStep::Sql(script) => Some(script),
            RevisionStep::Command(_) | RevisionStep::Alembic(_) => None,
        })
    }
}
