//! An SQL file, cut into statements, and how it stands to transactions.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Error;
use crate::diagnostic::Diagnostics;
use crate::sql::{Kind, Statement, read_file, split};

/// A file of SQL, cut into statements.
#[derive(Debug)]
pub struct Script {
    /// The file as the user named it.
    pub path: PathBuf,
    /// Its whole text.
    pub source: Arc<str>,
    /// In order; none if it is empty or only comments.
    pub statements: Vec<Statement>,
}

impl Script {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// As [`read_file`] and [`Script::parse`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(path, read_file(path)?)
    }

    /// The script that `source` is; `path` is what messages call it.
    ///
    /// # Errors
    /// [`Error::Input`] if it cannot be cut into statements, or is for psql; see [`split`](fn@split).
    pub fn parse(path: &Path, source: Arc<str>) -> Result<Self, Error> {
        match split(&source) {
            Ok(statements) => Ok(Self { path: path.to_owned(), source, statements }),
            Err(error) => Err(Diagnostics::from(error.in_file(path, source)).into()),
        }
    }

    /// The text of one of its statements.
    #[must_use]
    pub fn text(&self, statement: &Statement) -> &str {
        self.source.get(statement.text.clone()).unwrap_or_default()
    }

    pub(super) fn mode(&self, one_by_one: bool) -> Mode {
        let any = |is: fn(Kind) -> bool| self.statements.iter().any(|statement| is(statement.kind));
        if one_by_one || any(|kind| kind == Kind::Unblocked) {
            Mode::OneByOne
        } else if any(Kind::rules_its_own_transaction) {
            Mode::OwnTransactions
        } else {
            Mode::OneTransaction
        }
    }
}

/// How a script stood to transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// All of it is one transaction.
    OneTransaction,
    /// It has its own BEGIN and COMMIT; what stands outside commits by itself.
    OwnTransactions,
    /// Each statement commits by itself: one cannot run in a transaction, or the manifest says so.
    OneByOne,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneTransaction => "one transaction",
            Self::OwnTransactions => "its own transactions",
            Self::OneByOne => "statement by statement",
        })
    }
}
