//! What the catalogs alone decide: planning has compared it.

use crate::check::outcome::Outcome;
use crate::check::reading::{Answers, Reading};
use crate::check::task::{Running, Task};
use crate::session::Worker;

/// A comparison already made.
#[derive(Debug)]
pub(crate) struct Precomputed(pub(crate) Outcome);

impl Task for Precomputed {
    fn run<'a>(&'a self, _: &'a mut Worker) -> Running<'a> {
        Box::pin(async move { vec![self.0.clone()] })
    }
}

impl Reading for Precomputed {
    fn decide<'a>(&'a self, _: &'a mut dyn Answers) -> Running<'a> {
        Box::pin(async move { vec![self.0.clone()] })
    }
}
