//! Everything that is wrong with a suite, collected, so that one look names all of it.

use std::ops::Range;

use super::file::File;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::text::nearest::unknown;

/// What was found so far; the same message about the same place is kept once.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Diagnostic>);

impl Problems {
    /// Something wrong at `span`; `help` says what to do next, and may be empty where the message does.
    pub(crate) fn add(
        &mut self,
        file: &File,
        span: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (message, help) = (message.into(), help.into());
        let same = |one: &Diagnostic| one.path == file.path && one.span == *span && one.message == message;
        if !self.0.iter().any(same) {
            self.0.push(file.diagnostic(span, message, help));
        }
    }

    /// A name that stands for nothing, with the nearest of those that do.
    pub(crate) fn unknown<'a>(
        &mut self,
        file: &File,
        span: &Range<usize>,
        kind: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let (message, help) = unknown(kind, name, known);
        self.add(file, span, message, help);
    }

    /// Takes over what another look found.
    pub(crate) fn extend(&mut self, found: Vec<Diagnostic>) {
        self.0.extend(found);
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of it, by file and place.
    pub(crate) fn into_diagnostics(mut self) -> Diagnostics {
        self.0.sort_by(|a, b| a.path.cmp(&b.path).then(a.span.start.cmp(&b.span.start)));
        Diagnostics(self.0)
    }
}
