//! Rows that later revisions meet: files that the manifest names, each right after a revision.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::{Chain, Script, nearest};
use crate::Error;
use crate::diagnostic::{Diagnostic, Diagnostics};

impl Chain {
    /// The files of `seed_at`, by the position of the revision that each comes after.
    ///
    /// # Errors
    /// [`Error::Input`] for what is no revision or no file, and for a file that cannot be cut into statements.
    pub fn seeds(&self) -> Result<BTreeMap<usize, Script>, Error> {
        let mut wrong = Vec::new();
        let mut seeds = BTreeMap::new();
        for (id, file) in &self.manifest.seed_at {
            let Some(position) = self.revisions.iter().position(|revision| revision.id == *id.get_ref()) else {
                let nearest = nearest::suffix(id.get_ref(), self.revisions.iter().map(|one| one.id.as_str()));
                let message = format!("no revision `{}`{nearest}", id.get_ref());
                wrong.push(self.in_manifest(id.span(), message, "rows are put in right after a revision of the chain"));
                continue;
            };
            let path = self.dir.join(file.get_ref());
            if path.is_file() {
                seeds.insert(position, Script::read(&path)?);
            } else {
                let message = format!("no file {}", file.get_ref().display());
                wrong.push(self.in_manifest(file.span(), message, "the path is relative to chain.toml"));
            }
        }
        if wrong.is_empty() { Ok(seeds) } else { Err(Diagnostics(wrong).into()) }
    }

    /// Whether every key of `skip` names a check, alone or with a revision: `no-trace`, `no-trace/REV`.
    ///
    /// # Errors
    /// [`Error::Input`] with each that does not, and the nearest name.
    pub fn check_skips<'a>(&self, checks: impl Iterator<Item = &'a str> + Clone) -> Result<(), Error> {
        let mut wrong = Vec::new();
        for key in self.manifest.skip.keys() {
            let (check, revision) = key
                .get_ref()
                .split_once('/')
                .map_or((key.get_ref().as_str(), None), |(check, rest)| (check, Some(rest)));
            if !checks.clone().any(|known| known == check) {
                let message = format!("no chain check `{check}`{}", nearest::suffix(check, checks.clone()));
                wrong.push(self.in_manifest(key.span(), message, "a check, or check/REV; `rlsgate list` shows them"));
            } else if let Some(revision) = revision.filter(|id| !self.revisions.iter().any(|one| one.id == **id)) {
                let nearest = nearest::suffix(revision, self.revisions.iter().map(|one| one.id.as_str()));
                let message = format!("no revision `{revision}`{nearest}");
                wrong.push(self.in_manifest(key.span(), message, "a check, or check/REV; `rlsgate list` shows them"));
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(Diagnostics(wrong).into()) }
    }

    fn in_manifest(&self, span: Range<usize>, message: String, help: &str) -> Diagnostic {
        let (path, source) = (self.dir.join("chain.toml"), Arc::clone(&self.manifest_source));
        Diagnostic { message, path, source, span, label: String::new(), help: help.to_owned() }
    }
}
