//! What is tried on a live database, and the checks that it decides.

use std::fmt::Debug;

use super::reader::Reader;
use crate::check::Check;
use crate::check::reading::{Answering, QuerySource, Reading};
use crate::check::task::OutcomesFuture;

/// Something that decides checks on a live database.
pub(super) trait Live: Debug + Send + Sync {
    /// The statements of the suite that it sends.
    fn statements(&self) -> Vec<&str> {
        Vec::new()
    }

    /// One outcome for each check of its unit, in order.
    fn decide<'a>(&'a self, reader: &'a mut Reader) -> OutcomesFuture<'a>;
}

/// A task and its checks.
#[derive(Debug)]
pub(super) struct LiveUnit {
    /// In the order of the task's outcomes.
    pub(super) checks: Vec<Check>,
    /// Decides them.
    pub(super) task: Box<dyn Live>,
}

/// What is decided by reading alone, whoever reads.
#[derive(Debug)]
pub(super) struct ByReading(pub(super) Box<dyn Reading>);

impl Live for ByReading {
    fn statements(&self) -> Vec<&str> {
        self.0.statements()
    }

    fn decide<'a>(&'a self, reader: &'a mut Reader) -> OutcomesFuture<'a> {
        self.0.decide(reader)
    }
}

impl QuerySource for Reader {
    fn who(&self) -> String {
        Self::who(self)
    }

    fn query<'a>(&'a mut self, sql: &'a str) -> Answering<'a> {
        Box::pin(async move { Ok(self.ask(sql).await?) })
    }
}
