//! Files that hold both directions of a revision, told apart by markers in comments.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::descriptor::{Directions, FoundRevision};
use super::folder::Folder;
use crate::Error;
use crate::chain::{RevisionStep, Script};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::sql::read_file;

/// One line of a file, without its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// Its text.
    pub(super) text: &'a str,
    /// Byte offset of its first byte.
    pub(super) start: usize,
}

impl Line<'_> {
    /// Its bytes in the file.
    pub(super) const fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

/// The lines of `source`.
pub(super) fn lines(source: &str) -> impl Iterator<Item = Line<'_>> {
    let mut at = 0;
    source.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        Line { text: line.trim_end_matches(['\n', '\r']), start }
    })
}

/// A file under the eyes of a reader of markers.
#[derive(Debug, Clone, Copy)]
pub(super) struct MarkedSource<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a Arc<str>,
}

impl MarkedSource<'_> {
    /// What is wrong at a place of the file.
    pub(super) fn wrong(&self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Diagnostics {
        let (path, source) = (self.path.to_owned(), Arc::clone(self.text));
        Diagnostics::from(Diagnostic {
            message: message.into(),
            path,
            source,
            span,
            label: String::new(),
            help: help.into(),
        })
    }

    /// The script that these bytes of the file are.
    pub(super) fn part(&self, part: Range<usize>) -> Result<Script, Diagnostics> {
        Script::part(self.path, Arc::clone(self.text), part)
    }
}

/// Both directions of a file, or what is wrong with it.
pub(super) type MarkedScripts = Result<(Script, Option<Script>), Diagnostics>;

/// Both directions of a file, as `parse` tells them apart. A down that the manifest names replaces the file's own.
pub(super) fn read(found: &FoundRevision, parse: fn(MarkedSource<'_>) -> MarkedScripts) -> Result<Directions, Error> {
    let text = read_file(&found.path)?;
    let (up, own) = parse(MarkedSource { path: &found.path, text: &text })?;
    let down = match &found.down {
        Some(named) => Some(Script::read(named)?),
        None => own,
    };
    Ok(Directions { up: RevisionStep::Sql(up), down: down.map(RevisionStep::Sql) })
}

/// Whether a line of any SQL file of the folder is a marker.
pub(super) fn any(folder: &Folder<'_>, is_marker: fn(&str) -> bool) -> bool {
    let migrations = folder.migrations();
    let names = folder.sql_files(&migrations).unwrap_or_default();
    let marked = |name: &String| {
        read_file(&migrations.join(name)).is_ok_and(|text| lines(&text).any(|line| is_marker(line.text)))
    };
    names.iter().any(marked)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::{MarkedSource, lines};
    use crate::chain::layout::{dbmate, goose};

    /// What is hard to tell apart: markers at their place and out of it, quotes around them, and ends of lines.
    const PIECES: &[&str] = &[
        "-- migrate:up",
        "-- migrate:down transaction:false",
        "-- +goose Up",
        "-- +goose Down",
        "-- +goose StatementBegin",
        "-- +goose StatementEnd",
        "-- +goose NO TRANSACTION",
        "\n",
        "\r\n",
        " ",
        ";",
        "$$",
        "'",
        "select 1",
        "begin",
        "commit",
        "ü",
        "\u{feff}",
        "/*",
        "*/",
    ];

    proptest! {
        #[test]
        fn any_text_is_read_and_every_statement_lies_in_it(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24)) {
            let text: Arc<str> = pieces.concat().into();
            let source = MarkedSource { path: Path::new("x.sql"), text: &text };
            for (up, down) in [dbmate::parse(source), goose::parse(source)].into_iter().flatten() {
                let mut last = 0;
                for statement in up.statements.iter().chain(down.iter().flat_map(|down| &down.statements)) {
                    let range = statement.text.clone();
                    prop_assert!(last <= range.start && range.start < range.end, "{text:?}");
                    let sql = text.get(range.clone());
                    prop_assert!(sql.is_some_and(|sql| !sql.trim().is_empty()), "{text:?}");
                    let line = 1 + text.get(..range.start).unwrap().matches('\n').count();
                    prop_assert_eq!(line, statement.line as usize, "{:?}", text);
                    last = range.end;
                }
            }
        }
    }

    #[test]
    fn lines_keep_their_places() {
        let found: Vec<_> = lines("a\r\n\nü\n b").map(|line| (line.text, line.start)).collect();
        assert_eq!(found, [("a", 0), ("", 3), ("ü", 4), (" b", 7)]);
        assert_eq!(lines("").count(), 0);
    }
}
