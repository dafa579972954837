//! The text inside a JUnit case or suite, not yet safe for XML.

use crate::report::block::{self, ReportPart};
use crate::report::record::{CheckRecord, RunRecord, SuiteRecord};
use crate::report::revisions;
use crate::text::one_line;

/// Bytes of one body. GitHub takes 64 KiB for a whole annotation, and GitLab fails on very long text.
pub(super) const LIMIT: usize = 16 * 1024;

/// Bytes of the verdict, where it stands as one line.
const VERDICT_LIMIT: usize = 2 * 1024;

/// Bytes kept for the parts that say where a failure comes from and how to see it again.
const ORIGIN_LIMIT: usize = 4 * 1024;

/// Bytes kept for the sentence about what was cut.
const NOTICE_LIMIT: usize = 128;

/// The message of an outcome: the verdict and where the check is declared, on one line.
pub(super) fn message(check: &CheckRecord) -> String {
    let verdict = verdict(check);
    match block::declared(check) {
        declared if declared.is_empty() => verdict,
        declared => format!("{verdict} [{}]", block::cut(&declared, ORIGIN_LIMIT).0),
    }
}

/// The body of an outcome that is no pass: verdict, what was seen, where it comes from. At most [`LIMIT`] bytes;
/// what is left out is what was seen, and the body says so.
pub(super) fn of_check(check: &CheckRecord) -> String {
    let origin = capped(&block::origin(check), ORIGIN_LIMIT - NOTICE_LIMIT);
    let verdict = verdict(check);
    let frame = frame(check).unwrap_or_default();
    let taken = origin.len() + verdict.len() + frame.len() + 1;
    let seen = capped(&block::seen(check), LIMIT.saturating_sub(taken + NOTICE_LIMIT));
    format!("{verdict}\n{seen}{origin}{frame}")
}

/// What a case says about itself, whatever came of it.
pub(super) fn about(check: &CheckRecord) -> String {
    capped(&block::stated(check), LIMIT - NOTICE_LIMIT)
}

/// The facts of the run that the suite was held against.
pub(super) fn of_suite(record: &RunRecord, suite: &SuiteRecord) -> String {
    let known = [("suite file", &suite.file), ("rlsgate", &record.rlsgate)];
    let facts = suite.facts.iter().map(|(name, value)| (name.as_str(), value));
    let mut out = format!("{}\n", one_line(&suite.title));
    for (name, value) in known.into_iter().chain(facts) {
        out.push_str(&format!("{}: {}\n", one_line(name), one_line(value)));
    }
    for (ids, since) in record.timing.kept.iter().filter(|(ids, _)| is_of(ids, &suite.name)) {
        out.push_str(&format!("kept from an earlier run: {}/* since {}\n", one_line(ids), one_line(since)));
    }
    for line in revisions::table(record, suite, None) {
        out.push_str(&format!("{line}\n"));
    }
    out
}

fn is_of(ids: &str, suite: &str) -> bool {
    ids.strip_prefix(suite).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn verdict(check: &CheckRecord) -> String {
    match block::cut(&one_line(&check.verdict), VERDICT_LIMIT) {
        (all, 0) => all.to_owned(),
        (kept, left_out) => format!("{kept}… ({left_out} more bytes in run.json)"),
    }
}

/// The parts as lines, up to `limit` bytes and the notice.
fn capped(parts: &[ReportPart], limit: usize) -> String {
    let mut out = String::new();
    let mut left_out = 0;
    let mut first = "";
    for part in parts {
        let lines = part.lines();
        let (kept, rest) = block::cut(&lines, limit.saturating_sub(out.len()));
        if rest > 0 && left_out == 0 {
            first = part.label;
        }
        left_out += rest;
        out.push_str(kept);
    }
    if left_out > 0 {
        out.push_str(&format!("\n… cut here: {left_out} more bytes, from `{first}` on, are in run.json\n"));
    }
    out
}

/// The declaration as a Java frame, the only form in which dorny/test-reporter finds a location: `at folder.Name(file:line)`,
/// of folders that it takes for a package.
fn frame(check: &CheckRecord) -> Option<String> {
    let (folder, file) = check.file.rsplit_once('/')?;
    let is_package =
        |part: &str| part.starts_with(|c: char| c.is_ascii_lowercase()) && !part.contains(['.', '\n', '(']);
    let usable = folder.split('/').all(is_package) && !file.contains(['\n', '(', ')']) && check.file.len() < 1024;
    usable.then(|| format!("at {}.Check({file}:{})\n", folder.replace('/', "."), check.line))
}
