//! What is decided by reading alone, by whoever may read: the witness role on a clone, or the session on a live database.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use super::task::OutcomesFuture;
use crate::pg::error::ServerError;
use crate::pg::session::ResultSet;
use crate::session::{AttemptError, Worker};

/// The answer to one query: its rows or the server's error, or why there is neither.
pub(crate) type Answering<'a> =
    Pin<Box<dyn Future<Output = Result<Result<ResultSet, ServerError>, AttemptError>> + Send + 'a>>;

/// Somebody who answers queries, in a transaction that only reads.
pub(crate) trait QuerySource: Send {
    /// Who it is, for evidence.
    fn who(&self) -> String;

    /// What `sql` returns.
    fn query<'a>(&'a mut self, sql: &'a str) -> Answering<'a>;
}

/// Something that decides checks by reading alone.
pub(crate) trait Reading: Debug + Send + Sync {
    /// The statements that it sends.
    fn statements(&self) -> Vec<&str> {
        Vec::new()
    }

    /// One outcome for each check of its unit, in order.
    fn decide<'a>(&'a self, answers: &'a mut dyn QuerySource) -> OutcomesFuture<'a>;
}

/// The witness role on a worker's clone.
#[derive(Debug)]
pub(crate) struct Witness<'w>(pub(crate) &'w mut Worker);

impl QuerySource for Witness<'_> {
    fn who(&self) -> String {
        "as the witness role".to_owned()
    }

    fn query<'a>(&'a mut self, sql: &'a str) -> Answering<'a> {
        Box::pin(async move { self.0.as_harness(&["SET TRANSACTION READ ONLY".to_owned(), sql.to_owned()]).await })
    }
}
