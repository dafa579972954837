//! The revisions of a chain as a table of text: a line each, columns as wide as they must be.

use super::record::{RunRecord, Status, SuiteRecord};
use crate::text::{one_line, printable};

const HEAD: [&str; 8] =
    ["revision", "tried", "transaction", "time", "locks on rows", "readers kept out", "access", "result"];

/// The table of `suite`, line by line, safe to show; none where it is no chain. Cells are cut to `room` characters,
/// where there is not room for more.
pub(super) fn table(record: &RunRecord, suite: &SuiteRecord, room: Option<usize>) -> Vec<String> {
    let cell = |text: &str| cell(text, room);
    let Some(chain) = &suite.chain else { return Vec::new() };
    let seconds = record.timing.revisions.get(&suite.name);
    let mut rows = vec![HEAD.map(str::to_owned)];
    for revision in &chain.revisions {
        let own = seconds.and_then(|all| all.get(&revision.id));
        let time = |name| own.and_then(|own| own.get(name)).map(|time| format!("{time:.3} s")).unwrap_or_default();
        rows.push([
            cell(&revision.id),
            cell(&revision.tried),
            cell(&revision.transaction),
            time("up"),
            cell(&revision.locks.join("; ")),
            time("readers locked out"),
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
    let line = |row: &[String; 8]| {
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

fn cell(text: &str, room: Option<usize>) -> String {
    let text = one_line(&printable(text)).into_owned();
    match room.and_then(|room| text.char_indices().nth(room)) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
