//! A chain with all that its checks are planned from: its lock file, and the rows that later revisions meet.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::chain::lock::ChainLock;
use crate::chain::{Chain, Revision, RevisionStep, Script};
use crate::suite::resolved::Location;

/// What there is to do about the chain having no lock file.
const NO_LOCK: &str = "not tested: there is no lock file; `rlsgate chain --update` writes it";

/// A chain to be checked.
#[derive(Debug)]
pub struct Subject {
    /// Its name in ids: that of its folder.
    pub name: String,
    /// The chain.
    pub chain: Arc<Chain>,
    /// What was released; nothing where there is no lock file.
    pub lock: Option<ChainLock>,
    /// Rows, by the position of the revision that they are put in after.
    pub(super) seeds: BTreeMap<usize, Script>,
}

impl Subject {
    /// Every revision, with its position.
    pub(super) fn revisions(&self) -> impl DoubleEndedIterator<Item = (usize, &Revision)> {
        self.chain.revisions.iter().enumerate()
    }

    /// The revision of this id.
    pub(super) fn revision(&self, id: &str) -> Option<(usize, &Revision)> {
        self.revisions().find(|(_, revision)| revision.id == id)
    }

    /// Whether any revision of the chain can be taken back.
    pub(super) fn has_downs(&self) -> bool {
        self.chain.revisions.iter().any(|revision| revision.down.is_some())
    }

    /// Whether rows are there when the revision at `position` is applied.
    pub(super) fn seeded_before(&self, position: usize) -> bool {
        self.seeds.keys().any(|seeded| *seeded < position)
    }

    /// How many revisions there are below those that the tool runs after all others, and never takes back.
    pub(super) fn top(&self) -> usize {
        let below = self.revisions().rev().find(|(_, revision)| !revision.repeats);
        below.map_or(0, |(position, _)| position + 1)
    }

    /// How many revisions stay applied when the chain is taken from its top down as far as it goes.
    pub(super) fn turn(&self) -> usize {
        let stays = self
            .revisions()
            .take(self.top())
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .find(|(_, revision)| !goes_down(revision));
        stays.map_or(0, |(position, _)| position + 1)
    }

    /// Whether the project's own tool applies the revisions, and keeps its own account of them.
    pub(super) fn keeps_account(&self) -> bool {
        self.chain.project.is_some()
    }

    /// The manifest, from its first line.
    pub(super) fn manifest(&self) -> Location {
        Location::of_file(&self.chain.dir.join("chain.toml"))
    }

    /// The lock file, whether it is there or not.
    pub(crate) fn lock_path(&self) -> PathBuf {
        self.chain.dir.join(self.chain.manifest.lock.get_ref())
    }

    /// Why nothing was released so far, where the chain has no lock file and names none.
    pub(super) fn not_locked_yet(&self) -> Option<String> {
        let named = !self.chain.manifest.lock.span().is_empty();
        (self.lock.is_none() && !named).then(|| NO_LOCK.to_owned())
    }

    /// What is wrong where the lock file that the manifest names is not there.
    pub(super) fn lock_is_missing(&self) -> String {
        format!(
            "chain.toml names {}, which is not there; `rlsgate chain --update` writes it",
            self.lock_path().display()
        )
    }

    /// Why the manifest leaves the check out: by its name, or by `name/REV`.
    pub(super) fn skip(&self, check: &str, revision: Option<&str>) -> Option<String> {
        let single = revision.map(|revision| format!("{check}/{revision}"));
        let skips = &self.chain.manifest.skip;
        let found = skips.iter().find(|(key, _)| *key.get_ref() == check || Some(key.get_ref()) == single.as_ref());
        found.map(|(_, reason)| reason.0.clone())
    }
}

/// Whether the revision can be taken back: by a file, or because there is nothing to undo.
pub(super) fn goes_down(revision: &Revision) -> bool {
    revision.stuck().is_none()
}

/// The first line of the revision's file.
pub(super) fn first_line(revision: &Revision) -> Location {
    start(&revision.up)
}

/// Where what takes the revision back begins; its file, where nothing does.
pub(super) fn down_line(revision: &Revision) -> Location {
    revision.down.as_ref().map_or_else(|| first_line(revision), start)
}

/// Where the statements of a step begin; the first line of its file where there are none.
fn start(step: &RevisionStep) -> Location {
    let path = step.path();
    match step {
        RevisionStep::Sql(script) => {
            Location::of_line(path, script.statements.first().map_or(1, |statement| statement.line))
        }
        RevisionStep::Command(_) | RevisionStep::Alembic(_) => Location::of_file(path),
    }
}

/// Where `word` is first named among the statements of the revision.
pub(super) fn mention(revision: &Revision, word: &str) -> Option<Location> {
    let RevisionStep::Sql(script) = &revision.up else { return None };
    let word = word.to_lowercase();
    let names = |text: &str| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        text.to_lowercase().split(|c| !is_part(c)).any(|found| found == word)
    };
    let found = script.statements.iter().find(|statement| names(script.text(statement)))?;
    Some(Location::of_line(&script.path, found.line))
}
