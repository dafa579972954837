//! A file that was read: its path as the user named it, its text, and lines for reports.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::location::Location;
use crate::Error;
use crate::diagnostic::Diagnostic;

/// One file of a suite.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) source: Arc<str>,
}

impl File {
    /// Reads a file as UTF-8.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let source = std::fs::read_to_string(path).map_err(|error| {
            Error::usage(
                format!("cannot read `{}`: {error}", path.display()),
                "a suite is a TOML file in UTF-8; name the file, or the folder that it is in",
            )
        })?;
        Ok(Self { path: path.to_owned(), source: source.into() })
    }

    /// A path that stands in this file.
    pub(crate) fn relative(&self, path: &str) -> PathBuf {
        self.path.parent().unwrap_or_else(|| Path::new("")).join(path)
    }

    /// Where `span` begins, for reports.
    pub(crate) fn location(&self, span: &Range<usize>) -> Location {
        Location::new(self.path.clone(), Arc::clone(&self.source), span.clone())
    }

    /// The place of the reference `text` within `span`, or `span` where it does not stand there as written.
    pub(crate) fn within(&self, span: &Range<usize>, text: &str) -> Range<usize> {
        let slice = self.source.get(span.clone()).unwrap_or_default();
        let ends = |at: usize| {
            !slice.get(at + text.len()..).unwrap_or_default().starts_with(|c: char| c.is_alphanumeric() || c == '_')
        };
        let found = slice.match_indices(text).map(|(at, _)| at).find(|at| ends(*at));
        found.map_or_else(|| span.clone(), |at| span.start + at..span.start + at + text.len())
    }

    /// A message about `span`; `help` may be empty.
    pub(crate) fn diagnostic(&self, span: &Range<usize>, message: String, help: String) -> Diagnostic {
        Diagnostic {
            message,
            path: self.path.clone(),
            source: Arc::clone(&self.source),
            span: span.clone(),
            label: String::new(),
            help,
        }
    }
}
