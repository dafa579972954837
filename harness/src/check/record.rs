//! From outcomes to the run record.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::check::{Check, Outcome};
use crate::report::record::{CheckRecord, Status};

/// The record of one check; `command` runs it, with more.
pub(crate) fn check(check: &Check, command: &str, files: &mut RelativePaths, outcome: Outcome) -> CheckRecord {
    let failed = matches!(outcome.status, Status::Failed | Status::Error);
    CheckRecord {
        id: check.id.clone(),
        kind: check.kind.to_owned(),
        title: check.title.clone(),
        object: check.object.clone(),
        command: check.command.clone(),
        actor: check.actor.clone(),
        file: files.relative(&check.at.path),
        line: check.at.line,
        status: outcome.status,
        verdict: outcome.verdict,
        controls: check.controls.clone(),
        source: check.source.clone(),
        step: check.step.clone(),
        remedy: check.remedy.clone(),
        evidence: outcome.evidence,
        reproduce: if failed { reproduce(check, command) } else { String::new() },
    }
}

/// Statements that are kept of a check that passed, and bytes of each.
const STATEMENTS: usize = 2;
const BYTES: usize = 200;

/// Removes from the record of a passing check what only repeats the plan: how its actor is impersonated, what was expected, and
/// the rest of long lists of statements and keys. What was observed stays, and so does all of a check that did not pass.
pub(crate) fn shorten(record: &mut CheckRecord) {
    if record.status != Status::Passed {
        return;
    }
    let evidence = &mut record.evidence;
    (evidence.context, evidence.expected) = (Vec::new(), String::new());
    let more = evidence.sql.len().saturating_sub(STATEMENTS);
    evidence.sql.truncate(STATEMENTS);
    for sql in &mut evidence.sql {
        let kept = sql.floor_char_boundary(BYTES);
        let left_out = sql.len() - kept;
        if left_out > 0 {
            sql.truncate(kept);
            sql.push_str(&format!("… and {left_out} more bytes"));
        }
        sql.shrink_to_fit();
    }
    if more > 0 {
        evidence.sql.push(format!("… and {more} more"));
    }
    evidence.sql.shrink_to_fit();
}

/// The command that shows one check again.
fn reproduce(check: &Check, command: &str) -> String {
    format!("{command} --only '{}'", check.id.replace('\'', "%27"))
}

/// Paths of the files that checks are declared in, as [`relative`] has them: a few files for thousands of checks.
#[derive(Debug, Default)]
pub(crate) struct RelativePaths(HashMap<PathBuf, String>);

impl RelativePaths {
    fn relative(&mut self, path: &Path) -> String {
        if let Some(known) = self.0.get(path) {
            return known.clone();
        }
        let text = relative(path);
        self.0.insert(path.to_owned(), text.clone());
        text
    }
}

/// A path below the working folder without it, so that records of two checkouts are equal.
pub(crate) fn relative(path: &Path) -> String {
    let whole = path.canonicalize().unwrap_or_else(|_| PathBuf::from(path));
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let below = here.ok().and_then(|here| whole.strip_prefix(here).map(Path::to_path_buf).ok());
    below.unwrap_or(whole).display().to_string()
}
