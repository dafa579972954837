//! An SQL file, cut into statements, and how it stands to transactions.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Error;
use crate::diagnostic::Diagnostics;
use crate::sql::{Statement, StatementKind, read_file, split_part};

/// A file of SQL, or the part of one that is one direction of a revision, cut into statements.
#[derive(Debug)]
pub struct Script {
    /// The file as the user named it.
    pub path: PathBuf,
    /// Its whole text, whatever part of it the script is: places in messages are those of the file.
    pub source: Arc<str>,
    /// In order; none if it is empty or only comments.
    pub statements: Vec<Statement>,
    /// Whether the file, in the way of its tool, asks for no transaction around it.
    pub one_by_one: bool,
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
    /// [`Error::Input`] if it cannot be cut into statements, or is for psql; see [`split`](fn@crate::sql::split).
    pub fn parse(path: &Path, source: Arc<str>) -> Result<Self, Error> {
        let whole = 0..source.len();
        Ok(Self::part(path, source, whole)?)
    }

    /// The script that the bytes `part` of `source` are.
    ///
    /// # Errors
    /// As [`Script::parse`].
    pub fn part(path: &Path, source: Arc<str>, part: Range<usize>) -> Result<Self, Diagnostics> {
        match split_part(&source, part) {
            Ok(statements) => Ok(Self { path: path.to_owned(), source, statements, one_by_one: false }),
            Err(error) => Err(error.in_file(path, source).into()),
        }
    }

    /// The text of one of its statements.
    #[must_use]
    pub fn text(&self, statement: &Statement) -> &str {
        self.source.get(statement.text.clone()).unwrap_or_default()
    }

    pub(super) fn mode(&self, one_by_one: bool) -> TransactionMode {
        let any = |is: fn(StatementKind) -> bool| self.statements.iter().any(|statement| is(statement.kind));
        if one_by_one || self.one_by_one || any(|kind| kind == StatementKind::Unblocked) {
            TransactionMode::OneByOne
        } else if any(StatementKind::rules_its_own_transaction) {
            TransactionMode::OwnTransactions
        } else {
            TransactionMode::OneTransaction
        }
    }
}

/// How a script stood to transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionMode {
    /// All of it is one transaction.
    OneTransaction,
    /// It has its own BEGIN and COMMIT; what stands outside commits by itself.
    OwnTransactions,
    /// Each statement commits by itself: one cannot run in a transaction, or the manifest says so.
    OneByOne,
    /// A program decides, and is not looked into.
    OfProgram,
}

impl fmt::Display for TransactionMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneTransaction => "one transaction",
            Self::OwnTransactions => "its own transactions",
            Self::OneByOne => "statement by statement",
            Self::OfProgram => "as its program decides",
        })
    }
}
