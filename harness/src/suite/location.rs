//! Where something stands in a file that a team wrote.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Error;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::text::nearest::unknown;

/// Where something is declared: for reports, and for messages about it that only the database can give rise to.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Location {
    /// The file as the user named it.
    pub path: PathBuf,
    /// Line, from 1.
    pub line: u32,
    /// Byte range in the file's text.
    span: Range<usize>,
    /// The file's whole text; empty where a file is meant as a whole.
    source: Arc<str>,
}

impl Location {
    /// The place `span` of the file `path` whose text is `source`.
    #[must_use]
    pub fn new(path: PathBuf, source: Arc<str>, span: Range<usize>) -> Self {
        let before = source.get(..span.start).unwrap_or_default();
        let lines = before.bytes().filter(|byte| *byte == b'\n').count();
        Self { path, line: u32::try_from(lines + 1).unwrap_or(u32::MAX), span, source }
    }

    /// A file as a whole.
    #[must_use]
    pub fn of_file(path: &Path) -> Self {
        Self { path: path.to_owned(), line: 1, ..Self::default() }
    }

    /// A line of a file, for reports.
    #[must_use]
    pub fn of_line(path: &Path, line: u32) -> Self {
        Self { path: path.to_owned(), line, ..Self::default() }
    }

    /// What is wrong here, with file, line and caret: exit code 2. `help` says what to do next, and may be empty.
    #[must_use]
    pub fn error(&self, message: impl Into<String>, help: impl Into<String>) -> Error {
        Error::Input(Diagnostics::from(Diagnostic {
            message: message.into(),
            path: self.path.clone(),
            source: Arc::clone(&self.source),
            span: self.span.clone(),
            label: String::new(),
            help: help.into(),
        }))
    }

    /// The error of a name here that stands for nothing, with the nearest of those that do.
    #[must_use]
    pub fn unknown<'a>(&self, kind: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
        let (message, help) = unknown(kind, name, known);
        self.error(message, help)
    }
}

impl fmt::Debug for Location {
    /// Without the file's text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)
    }
}
