//! A batch under construction: statements with a mark each, so that an error tells which step it stopped.

use crate::pg::error::ServerError;
use crate::pg::session::{Reply, ResultSet};

/// What a statement of a batch is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Transaction control.
    Frame,
    /// As the witness role, before the actor.
    Setup,
    /// Becoming the actor: SET ROLE and `set_config`.
    Impersonate,
    /// The application's own setter.
    Call,
    /// `current_user` and settings, read back; with counters of written rows, where they are asked for.
    Readback,
    /// The statement that is tried.
    Try,
    /// Deferred constraints, brought forward.
    Constraints,
    /// `current_user` and the transaction, looked at again.
    After,
    /// What the witness role tries beside it.
    Proof,
    /// Becoming the witness role, which looks at what was written.
    Witness,
    /// Counters of written rows, after.
    Written,
    /// The rows of a relation.
    Snapshot,
}

/// Statements to be sent as one message.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batch {
    sql: String,
    marks: Vec<Mark>,
}

impl Batch {
    /// Adds one statement.
    pub(crate) fn push(&mut self, mark: Mark, sql: &str) -> &mut Self {
        // A statement may end in a comment of its line.
        if !self.sql.is_empty() {
            self.sql.push_str("\n;\n");
        }
        self.sql.push_str(sql.trim_end_matches(|c: char| c == ';' || c.is_whitespace()));
        self.marks.push(mark);
        self
    }

    /// How many of its statements are of people or of the schema, and may each take their time.
    #[must_use]
    pub(crate) fn lasting(&self) -> u32 {
        let lasts = |mark: &&Mark| matches!(mark, Mark::Setup | Mark::Call | Mark::Try | Mark::Proof);
        u32::try_from(self.marks.iter().filter(lasts).count()).unwrap_or(u32::MAX)
    }

    /// The message.
    #[must_use]
    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    /// What came back, by mark.
    #[must_use]
    pub(crate) fn outcome(&self, reply: Reply) -> BatchOutcome {
        let stopped =
            reply.error.map(|error| (self.marks.get(reply.results.len()).copied().unwrap_or(Mark::Try), error));
        let results = self.marks.iter().copied().zip(reply.results).collect();
        BatchOutcome { results, stopped }
    }
}

/// What came of a batch.
#[derive(Debug, Clone)]
pub(crate) struct BatchOutcome {
    results: Vec<(Mark, ResultSet)>,
    /// The step that an error stopped, and the error.
    pub stopped: Option<(Mark, ServerError)>,
}

impl BatchOutcome {
    /// The last result of a mark.
    #[must_use]
    pub(crate) fn last(&self, mark: Mark) -> Option<&ResultSet> {
        self.results.iter().rev().find(|(at, _)| *at == mark).map(|(_, result)| result)
    }

    /// Takes the last result of a mark.
    #[must_use]
    pub(crate) fn take(&mut self, mark: Mark) -> Option<ResultSet> {
        let n = self.results.iter().rposition(|(at, _)| *at == mark)?;
        Some(self.results.swap_remove(n).1)
    }

    /// The results of a mark, in order.
    pub(crate) fn all(&self, mark: Mark) -> impl Iterator<Item = &ResultSet> {
        self.results.iter().filter(move |(at, _)| *at == mark).map(|(_, result)| result)
    }
}
