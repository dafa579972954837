//! What is tried as somebody, and where.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use super::outcome::Outcome;
use crate::session::Worker;

/// Where a task is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// On the worker's clone: everything is rolled back.
    SharedClone,
    /// There as well, on a connection on which nothing was set before.
    PristineSession,
    /// There as well, on a connection that it is given alone.
    ExclusiveSession,
    /// On a clone of its own, dropped after: it commits.
    OwnClone,
}

/// The future of a task.
pub(crate) type OutcomesFuture<'a> = Pin<Box<dyn Future<Output = Vec<Outcome>> + Send + 'a>>;

/// Something that decides checks.
pub(crate) trait Task: Debug + Send + Sync {
    /// Tries what there is to try; one outcome for each check of the unit, in order.
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a>;

    /// Where it must be run.
    fn isolation(&self) -> Isolation {
        Isolation::SharedClone
    }
}
