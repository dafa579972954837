//! What is scheduled: a task, and the checks that it decides.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use super::id::id;
use super::outcome::Outcome;
use crate::report::record::Evidence;
use crate::session::worker::Worker;
use crate::suite::resolved::Location;
use crate::verify::reader::Reader;

/// One check: a name, what it is about, and where it is declared.
#[derive(Debug, Clone)]
pub struct Check {
    /// Made of names only; unique in the run.
    pub id: String,
    /// Its kind, as records and `[controls]` name it.
    pub kind: &'static str,
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

impl Check {
    /// A check whose id is made of `parts`, declared at `at`: about nothing, by nobody, until more is said.
    #[must_use]
    pub(crate) fn new<'a>(kind: &'static str, parts: impl IntoIterator<Item = &'a str>, at: Location) -> Self {
        Self {
            id: id(parts),
            kind,
            title: String::new(),
            object: String::new(),
            command: String::new(),
            actor: String::new(),
            at,
            controls: Vec::new(),
            source: None,
            step: None,
            remedy: None,
            skip: None,
        }
    }

    /// For people, one line.
    #[must_use]
    pub(crate) fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The relation, function or document it is about, and the command or the sort of fact.
    #[must_use]
    pub(crate) fn about(mut self, object: impl Into<String>, command: impl Into<String>) -> Self {
        self.object = object.into();
        self.command = command.into();
        self
    }

    /// Who acts.
    #[must_use]
    pub(crate) fn by(mut self, actor: impl Into<String>) -> Self {
        self.actor = actor.into();
        self
    }

    /// The controls that it proves.
    #[must_use]
    pub(crate) fn controls(mut self, controls: Vec<String>) -> Self {
        self.controls = controls;
        self
    }

    /// Why it is not tried, where it is not.
    #[must_use]
    pub(crate) fn skipped(mut self, why: Option<String>) -> Self {
        self.skip = why;
        self
    }
}

/// Where a task is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
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
    fn isolation(&self) -> Isolation {
        Isolation::SharedClone
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
