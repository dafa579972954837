//! One check that several statements decide: it passes if each of them does.

use crate::check::outcome::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::report::record::{Evidence, Status};
use crate::session::Worker;

/// Several tasks of one outcome each.
#[derive(Debug)]
pub(crate) struct All(pub Vec<Box<dyn Task>>);

impl Task for All {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let mut passed: Option<Outcome> = None;
            for task in &self.0 {
                for outcome in task.run(worker).await {
                    if outcome.status != Status::Passed {
                        return vec![outcome];
                    }
                    match &mut passed {
                        None => passed = Some(outcome),
                        Some(first) => first.evidence.sql.extend(outcome.evidence.sql),
                    }
                }
            }
            vec![passed.unwrap_or_else(|| Outcome::error("nothing was tried", Evidence::default()))]
        })
    }
}
