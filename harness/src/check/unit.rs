//! What is scheduled: a task, and the checks that it decides.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use super::outcome::Outcome;
use crate::report::record::Evidence;
use crate::run::worker::Worker;
use crate::suite::resolved::{Kind, Location};
use crate::verify::reader::Reader;

/// One check: a name, what it is about, and where it is declared.
#[derive(Debug, Clone)]
pub struct Check {
    /// Made of names only; unique in the run.
    pub id: String,
    /// Its kind.
    pub kind: Kind,
    /// For people, one line.
    pub title: String,
    /// The relation, function or document it is about.
    pub object: String,
    /// The command, or the sort of fact.
    pub command: String,
    /// Who acts; empty where nobody does.
    pub actor: String,
    /// Where it is declared.
    pub at: Location,
    /// The controls that it proves.
    pub controls: Vec<String>,
    /// The document it is stated in.
    pub source: Option<String>,
    /// That document's numbering.
    pub step: Option<String>,
    /// What to do when it fails.
    pub remedy: Option<String>,
    /// Why it is not tried.
    pub skip: Option<String>,
}

/// Where a task is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On the worker's clone: everything is rolled back.
    Shared,
    /// There as well, on a connection on which nothing was set before.
    Unset,
    /// There as well, on a connection that it is given alone.
    Pooled,
    /// On a clone of its own, dropped after: it commits.
    Own,
}

/// The future of a task.
pub type Running<'a> = Pin<Box<dyn Future<Output = Vec<Outcome>> + Send + 'a>>;

/// Something that decides checks.
pub trait Task: Debug + Send + Sync {
    /// Tries what there is to try; one outcome for each check of the unit, in order.
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a>;

    /// The statements by which it is decided on a live database.
    fn reads(&self) -> Vec<&str> {
        Vec::new()
    }

    /// Decides by reading alone, on a live database; one outcome for each check of the unit, in order.
    fn verify<'a>(&'a self, _: &'a mut Reader) -> Running<'a> {
        Box::pin(async { vec![Outcome::error("it cannot be decided by reading alone", Evidence::default())] })
    }

    /// Where it must be run.
    fn place(&self) -> Place {
        Place::Shared
    }
}

/// A task and its checks.
#[derive(Debug)]
pub struct Unit {
    /// In the order of the task's outcomes.
    pub checks: Vec<Check>,
    /// Decides them.
    pub task: Box<dyn Task>,
}

impl Unit {
    /// A task that decides one check.
    #[must_use]
    pub fn one(check: Check, task: impl Task + 'static) -> Self {
        Self { checks: vec![check], task: Box::new(task) }
    }
}
