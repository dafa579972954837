//! What the checks have in common: one for each revision, or one of the chain; what a walk showed of a revision; verdicts.

use crate::chain::Revision;
use crate::chain_check::check::{Judged, Judging, PlannedSubject, Untried};
use crate::chain_check::observations::{Failed, Repeat, RevisionRun};
use crate::chain_check::subject::{Subject, first_line};
use crate::check::Outcome;
use crate::report::record::Evidence;

/// One check for each revision that `wanted` wants.
pub(super) fn each(
    subject: &Subject,
    wanted: impl Fn(&Revision) -> bool,
    title: impl Fn(&Revision) -> String,
) -> Vec<PlannedSubject> {
    let planned = |revision: &Revision| PlannedSubject {
        revision: Some(revision.id.clone()),
        title: title(revision),
        at: first_line(revision),
        skip: None,
    };
    subject.chain.revisions.iter().filter(|revision| wanted(revision)).map(planned).collect()
}

/// One check for each revision that can be taken back; those that say that they cannot are skipped for their reason.
/// Nothing where no revision of the chain can: that is said once.
pub(super) fn each_down(subject: &Subject, title: impl Fn(&Revision) -> String) -> Vec<PlannedSubject> {
    if !subject.has_downs() {
        return Vec::new();
    }
    let settled = |revision: &Revision| {
        let settings = &revision.settings;
        revision.down.is_some() || settings.irreversible.is_some() || settings.catalog_neutral.is_some()
    };
    let mut planned = each(subject, settled, title);
    for one in &mut planned {
        let revision = one.revision.as_deref().and_then(|id| subject.revision(id));
        one.skip = revision.and_then(|(_, revision)| irreversible(revision));
    }
    planned
}

/// Why the revision is not taken back.
pub(super) fn irreversible(revision: &Revision) -> Option<String> {
    revision.settings.irreversible.as_ref().map(|reason| format!("irreversible: {}", reason.0))
}

/// One check of the chain as a whole.
pub(super) fn whole(subject: &Subject, title: &str) -> PlannedSubject {
    PlannedSubject { revision: None, title: title.to_owned(), at: subject.manifest(), skip: None }
}

impl<'a> Judging<'a> {
    /// The revision that is with its position.
    pub(super) fn revision(&self) -> Result<(usize, &'a Revision), Untried> {
        self.subject.revision(self.revision).ok_or_else(|| error("the chain has no such revision"))
    }

    /// What was seen of it from empty; an error that says why, where it was not reached.
    pub(super) fn rung(&self) -> Result<(&'a Revision, &'a RevisionRun), Untried> {
        let (position, revision) = self.revision()?;
        let rung = self.seen.rung(position).map_err(error)?;
        if rung.up.is_err() {
            return Err(error(format!("not reached: revision {} does not apply", revision.id)));
        }
        Ok((revision, rung))
    }
}

pub(super) fn passed(verdict: impl Into<String>, evidence: Evidence) -> Judged {
    Outcome::passed(verdict, evidence).into()
}

/// Something that could not be tried.
pub(super) fn error(why: impl Into<String>) -> Untried {
    Untried(why.into())
}

/// Something that was tried and did not work; at the statement that failed.
pub(super) fn broken(what: &str, failed: &Failed, mut evidence: Evidence) -> Judged {
    evidence.got.clone_from(&failed.message);
    Judged {
        outcome: Outcome::failed(format!("{what}: {}", first_line_of(&failed.message)), evidence),
        at: failed.at.clone(),
    }
}

/// The sentence of a message that says what happened: of a diagnostic, its title.
pub(super) fn first_line_of(message: &str) -> &str {
    let title = message.lines().find_map(|line| line.strip_prefix("error: "));
    title.or_else(|| message.lines().next()).unwrap_or_default()
}

/// What is wrong with something that should have changed nothing when it was run again; nothing where it held.
pub(super) fn rewrote(repeat: &Repeat, evidence: &mut Evidence) -> Option<String> {
    let mut what = Vec::new();
    if let Some(after) = repeat.catalog.as_ref().filter(|after| **after != repeat.before) {
        evidence.got = repeat.before.diff(after).to_string();
        what.push("changes the catalog".to_owned());
    }
    if !repeat.rewritten.is_empty() {
        let tables: Vec<String> = repeat
            .rewritten
            .iter()
            .map(|one| match one.rows {
                None => format!("{} (a sequence, which stands elsewhere)", one.table),
                Some((before, after)) if before == after => {
                    format!("{} ({before} rows, their versions changed)", one.table)
                }
                Some((before, after)) => format!("{} ({before} rows before, {after} after)", one.table),
            })
            .collect();
        what.push(format!("writes to {}", tables.join(", ")));
    }
    (!what.is_empty()).then(|| what.join(" and "))
}
