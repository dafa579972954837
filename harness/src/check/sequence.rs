//! What no rollback takes back is tried in a clone of its own.

use super::unit::{Place, Running, Task};
use crate::run::worker::Worker;

/// The same task, elsewhere.
#[derive(Debug)]
pub struct OwnClone<T>(pub T);

impl<T: Task> Task for OwnClone<T> {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        self.0.run(worker)
    }

    fn place(&self) -> Place {
        Place::Own
    }
}
