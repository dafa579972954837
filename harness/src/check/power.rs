//! An actor that succeeds at nothing proves nothing: its claims may be wrong.

use super::outcome::Outcome;
use super::select::Select;
use super::unit::{Running, Task};
use crate::report::record::{Evidence, Status};
use crate::run::worker::Worker;

/// Tries what is granted until something is allowed.
#[derive(Debug)]
pub struct Power {
    /// How the actor is become.
    pub identity: crate::actor::Identity,
    /// Reads that are granted.
    pub reads: Vec<Select>,
    /// Other tasks of granted checks, tried where no read is allowed.
    pub others: Vec<Box<dyn Task>>,
}

impl Task for Power {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move {
            let reads = self.reads.iter().map(|read| read as &dyn Task);
            for task in reads.chain(self.others.iter().map(|task| &**task as &dyn Task)) {
                let allowed = task.run(worker).await.into_iter().find(|outcome| outcome.status == Status::Passed);
                if let Some(outcome) = allowed {
                    return vec![Outcome::passed("something that is granted to it is allowed", outcome.evidence)];
                }
            }
            let evidence = Evidence { context: self.identity.describe(), ..Evidence::default() };
            vec![Outcome::error(
                "nothing that is granted to it is allowed: its claims may be wrong, so its refusals prove nothing; \
                 say `powerless = \"why\"` if nothing is meant to be",
                evidence,
            )]
        })
    }
}
