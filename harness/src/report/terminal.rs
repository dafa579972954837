//! The report on a terminal.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};

use super::block::{self, ReportPart};
use super::record::{CheckRecord, RunRecord, Status, SuiteRecord, Totals};
use super::{order, revisions};
use crate::text::{ends, one_line, printable};

/// Blocks of failures, and of verdicts among errors and skipped checks; the rest is in the files.
const BLOCKS: usize = 20;

/// Ids under one verdict.
const IDS: usize = 5;

/// Bytes of one part of a block.
const PART_LIMIT: usize = 1024;

/// Characters of one cell of a table; what is longer is in the files.
const CELL: usize = 60;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();
const QUIET: Style = Style::new().dimmed();

/// Writes `record` for people to `out`: a line per suite, the revisions where only chains
/// were checked, what failed, what could not be tested, what was skipped and
/// why, the reports in `written`, and the totals last. Colours are ANSI sequences always: a stream of `anstream` takes
/// them out where they are not wanted.
///
/// # Errors
///
/// What `out` says.
pub fn write(record: &RunRecord, written: &[PathBuf], out: &mut dyn Write) -> io::Result<()> {
    for suite in &record.suites {
        // From 0.0: the sum of nothing is -0.0.
        let seconds =
            suite.checks.iter().filter_map(|check| record.timing.checks.get(&check.id)).fold(0.0, |a, b| a + b);
        let totals = Totals::of(&suite.checks);
        let style = style_of(totals);
        writeln!(out, "{style}{}{style:#}: {} in {seconds:.1} s", safe(&suite.name), counts(totals))?;
        let kept = suite.checks.iter().filter(|check| record.timing.kept_since(&check.id).is_some()).count();
        if kept > 0 {
            writeln!(out, "  {QUIET}{kept} of them kept from an earlier run; --no-cache tries them again{QUIET:#}")?;
        }
        if let Some(left_out) = suite.facts.get("left out") {
            writeln!(out, "  {DOUBTFUL}left out{DOUBTFUL:#}: {}", safe(left_out))?;
        }
        // Beside suites, a chain is one of several things.
        if record.suites.iter().all(|suite| suite.chain.is_some()) {
            for line in revisions::table(record, suite, Some(CELL)) {
                writeln!(out, "  {line}")?;
            }
            for fact in ["files that are no revisions", "not traced", "order"] {
                if let Some(told) = suite.facts.get(fact) {
                    writeln!(out, "  {DOUBTFUL}{fact}{DOUBTFUL:#}: {}", safe(told))?;
                }
            }
        }
    }
    let checks: Vec<&CheckRecord> = record.suites.iter().flat_map(order::checks).collect();
    failures(&checks, &rest_is_in(written), out)?;
    groups(
        &checks,
        &ReasonGroup { status: Status::Error, label: "ERROR", style: BAD, heading: "these checks prove nothing" },
        out,
    )?;
    groups(
        &checks,
        &ReasonGroup { status: Status::Skipped, label: "SKIPPED", style: DOUBTFUL, heading: "for a stated reason" },
        out,
    )?;

    writeln!(out)?;
    for path in written {
        writeln!(out, "{QUIET}report: {}{QUIET:#}", safe(&path.to_string_lossy()))?;
    }
    let totals = Totals::of(record.suites.iter().flat_map(|suite: &SuiteRecord| &suite.checks));
    let style = style_of(totals);
    writeln!(out, "{style}{} in {:.1} s{style:#}", counts(totals), record.timing.seconds)
}

fn failures(checks: &[&CheckRecord], rest: &str, out: &mut dyn Write) -> io::Result<()> {
    let failed: Vec<&&CheckRecord> = checks.iter().filter(|check| check.status == Status::Failed).collect();
    for check in failed.iter().take(BLOCKS) {
        writeln!(out, "\n{BAD}FAIL{BAD:#} {}", safe(&check.id))?;
        writeln!(out, "    {}", safe(&check.verdict))?;
        parts(check, "    ", out)?;
    }
    if failed.len() > BLOCKS {
        writeln!(out, "\n{BAD}FAIL{BAD:#} and {} more in {rest}", failed.len() - BLOCKS)?;
    }
    Ok(())
}

/// Checks of one status, told together.
struct ReasonGroup {
    status: Status,
    label: &'static str,
    style: Style,
    heading: &'static str,
}

/// One cause makes many errors alike: each verdict stands once, with the checks that it was given to.
fn groups(checks: &[&CheckRecord], group: &ReasonGroup, out: &mut dyn Write) -> io::Result<()> {
    let mut by_verdict: BTreeMap<&str, Vec<&CheckRecord>> = BTreeMap::new();
    for check in checks.iter().filter(|check| check.status == group.status) {
        by_verdict.entry(&check.verdict).or_default().push(check);
    }
    if by_verdict.is_empty() {
        return Ok(());
    }
    let ReasonGroup { label, style, heading, .. } = group;
    writeln!(out, "\n{style}{label}{style:#} {heading}:")?;
    for (verdict, alike) in by_verdict.iter().take(BLOCKS) {
        writeln!(out, "  {}", safe(verdict))?;
        for (position, check) in alike.iter().take(IDS).enumerate() {
            writeln!(out, "    {}", safe(&check.id))?;
            if position == 0 && group.status == Status::Error {
                parts(check, "      ", out)?;
            }
        }
        if alike.len() > IDS {
            writeln!(out, "    and {} more", alike.len() - IDS)?;
        }
    }
    if by_verdict.len() > BLOCKS {
        let more: usize = by_verdict.values().skip(BLOCKS).map(Vec::len).sum();
        writeln!(out, "  and {more} more checks, for {} other reasons", by_verdict.len() - BLOCKS)?;
    }
    Ok(())
}

fn parts(check: &CheckRecord, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    for ReportPart { label, text } in block::seen(check).into_iter().chain(block::origin(check)) {
        let text = ends(&text, PART_LIMIT);
        for line in printable(&ReportPart { label, text }.lines()).lines() {
            writeln!(out, "{indent}{line}")?;
        }
    }
    Ok(())
}

fn rest_is_in(written: &[PathBuf]) -> String {
    let record = written.iter().find(|path| path.ends_with("run.json"));
    record.map_or_else(|| "the run record".to_owned(), |path| safe(&path.to_string_lossy()))
}

fn counts(totals: Totals) -> String {
    let Totals { passed, failed, error, skipped } = totals;
    format!("{passed} passed, {failed} failed, {error} error{}, {skipped} skipped", if error == 1 { "" } else { "s" })
}

const fn style_of(totals: Totals) -> Style {
    match totals {
        Totals { failed: 0, error: 0, passed: 1.., .. } => GOOD,
        Totals { failed: 0, error: 0, .. } => DOUBTFUL,
        _ => BAD,
    }
}

fn safe(text: &str) -> String {
    one_line(&printable(text)).into_owned()
}
