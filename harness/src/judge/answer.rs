//! What a call answered, so that two answers can be compared: whether one tells what the other does not.

use super::effect::RowKey;
use crate::pg::error::ServerError;
use crate::pg::session::ResultSet;

/// What a call with a key answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    key: RowKey,
    said: Said,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Rows(Vec<Vec<Option<String>>>),
    /// By the fields that the server sends; messages are translated.
    Error {
        code: String,
        routine: String,
        constraint: Option<String>,
    },
}

impl Answer {
    /// What came of a call with `key`.
    #[must_use]
    pub(crate) fn of(result: &Result<ResultSet, ServerError>, key: &RowKey) -> Self {
        let said = match result {
            Ok(result) => Said::Rows(result.rows.clone()),
            Err(error) => Said::Error {
                code: error.code.clone(),
                routine: error.routine.clone(),
                constraint: error.constraint.clone(),
            },
        };
        Self { key: key.clone(), said }
    }

    /// Whether it has a row.
    #[must_use]
    pub(crate) fn has_rows(&self) -> bool {
        matches!(&self.said, Said::Rows(rows) if !rows.is_empty())
    }

    /// Whether the two say the same, each to its own key: an echo of the key tells nothing.
    #[must_use]
    pub(crate) fn says_as(&self, other: &Self) -> bool {
        let echo = |answer: &Self, cell: &Option<String>| cell.as_ref().is_some_and(|cell| answer.key.contains(cell));
        let same = |(one, two): (&Option<String>, &Option<String>)| one == two || (echo(self, one) && echo(other, two));
        match (&self.said, &other.said) {
            (Said::Rows(mine), Said::Rows(theirs)) => {
                mine.len() == theirs.len()
                    && mine.iter().zip(theirs).all(|(one, two)| one.len() == two.len() && one.iter().zip(two).all(same))
            }
            (mine, theirs) => mine == theirs,
        }
    }
}
