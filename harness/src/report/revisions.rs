//! The revisions of a chain as a table of text: a line each, columns as wide as they must be.

use super::record::{RunRecord, Status, SuiteRecord};
use crate::text::{one_line, printable};

const HEAD: [&str; 7] = ["revision", "tried", "transaction", "time", "locks on rows", "access", "result"];
/// Characters of one cell; what is longer is in the run record.
const WIDTH: usize = 60;

/// The table of `suite`, line by line, safe to show; none where it is no chain.
pub(super) fn table(record: &RunRecord, suite: &SuiteRecord) -> Vec<String> {
    let Some(chain) = &suite.chain else { return Vec::new() };
    let seconds = record.timing.revisions.get(&suite.name);
    let mut rows = vec![HEAD.map(str::to_owned)];
    for revision in &chain.revisions {
        let up = seconds.and_then(|all| all.get(&revision.id)).and_then(|own| own.get("up"));
        rows.push([
            cell(&revision.id),
            cell(&revision.tried),
            cell(&revision.transaction),
            up.map(|up| format!("{up:.3} s")).unwrap_or_default(),
            cell(&revision.locks.join("; ")),
            cell(&revision.access),
            word(revision.status).to_owned(),
        ]);
    }
    let shown: Vec<usize> = (0..HEAD.len())
        // A column with a heading alone tells nothing.
        .filter(|column| rows.iter().skip(1).any(|row| row.get(*column).is_some_and(|cell| !cell.is_empty())))
        .collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<(usize, usize)> =
        shown.into_iter().map(|column| (column, width(column).unwrap_or_default())).collect();
    let line = |row: &[String; 7]| {
        let cells = widths.iter().map(|(column, width)| {
            let cell = row.get(*column).map_or("", String::as_str);
            format!("{cell:<width$}")
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Failed => "FAILED",
        Status::Error => "ERROR",
        Status::Skipped => "not tested",
    }
}

fn cell(text: &str) -> String {
    let text = one_line(&printable(text)).into_owned();
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
