//! The statement that stopped a script, shown where it stands in its file.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

use super::script::Script;
use crate::Error;
use crate::diagnostic::Diagnostic;
use crate::sql::Statement;
use crate::sql::lex::lex;

/// SQLSTATEs that decide what happens next (PostgreSQL docs, appendix A).
pub(super) mod sqlstate {
    pub(in crate::chain) const INSUFFICIENT_PRIVILEGE: &str = "42501";
    pub(in crate::chain) const NO_ACTIVE_TRANSACTION: &str = "25P01";
    pub(super) const ACTIVE_TRANSACTION: &str = "25001";
    pub(super) const INVALID_TRANSACTION_TERMINATION: &str = "2D000";
    pub(super) const UNSAFE_NEW_ENUM_VALUE: &str = "55P04";
}

/// Why a script did not run to its end.
#[derive(Debug)]
pub struct Failure {
    /// The statement, with the server's message and a caret at its position.
    pub diagnostic: Diagnostic,
    /// The server's SQLSTATE, if it was the server.
    pub code: Option<String>,
    /// Whether time ran out, and the server is still at it.
    pub timed_out: bool,
}

/// What happened to a statement.
pub(super) enum Cause {
    Server(sqlx::Error),
    Timeout(Duration),
    OpenBlock,
}

impl Failure {
    /// What happened to statement `n` of `script`.
    pub(super) fn of(script: &Script, n: usize, cause: Cause) -> Self {
        let statement = script.statements.get(n);
        let timed_out = matches!(cause, Cause::Timeout(_));
        let mut span = statement.map_or(0..0, |statement| first_line(script, statement));
        let mut code = None;
        let mut help = String::new();
        let message = match &cause {
            Cause::Timeout(limit) => format!("still running after {limit:?}, the limit of this file"),
            Cause::OpenBlock => "the file ends in a transaction that it began and did not commit".to_owned(),
            Cause::Server(error) => match server(error) {
                Some(refusal) => {
                    if let (Some(statement), Some(PgErrorPosition::Original(position))) =
                        (statement, refusal.position())
                    {
                        span = at_position(script, statement, position);
                    }
                    code = Some(refusal.code().to_owned());
                    help = details(refusal);
                    format!("{} (SQLSTATE {})", refusal.message(), refusal.code())
                }
                None => format!("the connection was lost: {error}"),
            },
        };
        let label = statement.map_or_else(String::new, |statement| {
            format!("statement {} of {}, from line {}", n + 1, script.statements.len(), statement.line)
        });
        let (path, source) = (script.path.clone(), Arc::clone(&script.source));
        Self { diagnostic: Diagnostic { message, path, source, span, label, help }, code, timed_out }
    }

    /// The error of a run that cannot go on: `what` did not happen.
    #[must_use]
    pub fn into_error(self, what: &str) -> Error {
        Error::environment(format!("{what}\n{}", self.diagnostic), self.remedy())
    }

    fn remedy(&self) -> &'static str {
        match self.code.as_deref() {
            Some(sqlstate::ACTIVE_TRANSACTION | sqlstate::INVALID_TRANSACTION_TERMINATION) => {
                "`transaction = \"none\"` for this revision in chain.toml runs it statement by statement"
            }
            Some(sqlstate::UNSAFE_NEW_ENUM_VALUE) => {
                "a value that is added to an enum can be used after a commit: `transaction = \"none\"` for this revision \
                 in chain.toml, or a revision of its own"
            }
            Some(sqlstate::INSUFFICIENT_PRIVILEGE) => {
                "it ran as a role that is no superuser; what needs more rights belongs in a prelude"
            }
            _ if self.timed_out => "raise its `timeout`, or look at what it waits for",
            _ => "correct the file; nothing after this statement was run",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.diagnostic.fmt(f)
    }
}

fn server(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error.as_database_error()?.try_downcast_ref()
}

/// What the server adds to its message.
fn details(refusal: &PgDatabaseError) -> String {
    [("detail", refusal.detail()), ("hint", refusal.hint()), ("context", refusal.r#where())]
        .into_iter()
        .filter_map(|(name, text)| text.map(|text| format!("{name}: {text}")))
        .collect::<Vec<_>>()
        .join("\n")
}

fn first_line(script: &Script, statement: &Statement) -> Range<usize> {
    let text = script.text(statement);
    let width = text.find(['\r', '\n']).unwrap_or(text.len());
    statement.text.start..statement.text.start + width
}

/// The token at the server's position, which counts characters of the statement from 1.
fn at_position(script: &Script, statement: &Statement, position: usize) -> Range<usize> {
    let text = script.text(statement);
    let offset = text.char_indices().nth(position.saturating_sub(1)).map_or(text.len(), |(offset, _)| offset);
    let width = text.get(offset..).and_then(|rest| lex(rest).next()).map_or(0, |token| token.text.len());
    let start = statement.text.start + offset;
    start..start + width
}
