//! What is scheduled: a task, and the checks that it decides.

use super::id::id;
use super::outcome::Outcome;
use super::reading::{Reading, Witness};
use super::task::{Isolation, Task};
use crate::session::Worker;
use crate::suite::resolved::Location;

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
    /// Whether something is tried that is granted, so that it must work.
    pub of_grant: bool,
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
            of_grant: false,
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

    /// Says whether something is tried that is granted.
    #[must_use]
    pub(crate) const fn of_grant(mut self, granted: bool) -> Self {
        self.of_grant = granted;
        self
    }

    /// Why it is not tried, where it is not.
    #[must_use]
    pub(crate) fn skipped(mut self, why: Option<String>) -> Self {
        self.skip = why;
        self
    }
}

/// What decides the checks of a unit.
#[derive(Debug)]
pub(crate) enum Work {
    /// Statements that are tried as somebody, on a worker.
    Trying(Box<dyn Task>),
    /// Reading alone.
    Reading(Box<dyn Reading>),
}

/// What is scheduled, and the checks that it decides.
#[derive(Debug)]
pub(crate) struct Unit {
    /// In the order of the outcomes.
    pub checks: Vec<Check>,
    /// Decides them.
    pub(crate) work: Work,
}

impl Unit {
    /// A task that decides one check.
    #[must_use]
    pub(crate) fn one(check: Check, task: impl Task + 'static) -> Self {
        Self::of(vec![check], Box::new(task))
    }

    /// A task that decides several checks, in their order.
    #[must_use]
    pub(crate) fn of(checks: Vec<Check>, task: Box<dyn Task>) -> Self {
        Self { checks, work: Work::Trying(task) }
    }

    /// One check that is decided by reading alone.
    #[must_use]
    pub(crate) fn reading(check: Check, reading: impl Reading + 'static) -> Self {
        Self { checks: vec![check], work: Work::Reading(Box::new(reading)) }
    }

    /// Where it must be run.
    #[must_use]
    pub(crate) fn isolation(&self) -> Isolation {
        match &self.work {
            Work::Trying(task) => task.isolation(),
            Work::Reading(_) => Isolation::SharedClone,
        }
    }

    /// One outcome for each of its checks, in order.
    pub(crate) async fn run(&self, worker: &mut Worker) -> Vec<Outcome> {
        match &self.work {
            Work::Trying(task) => task.run(worker).await,
            Work::Reading(reading) => reading.decide(&mut Witness(worker)).await,
        }
    }

    /// Its task, where something is tried as somebody.
    #[must_use]
    pub(crate) fn into_task(self) -> Option<Box<dyn Task>> {
        match self.work {
            Work::Trying(task) => Some(task),
            Work::Reading(_) => None,
        }
    }
}
