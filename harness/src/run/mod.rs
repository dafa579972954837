//! Running a plan: workers, the scheduler, and the record that comes of it.

mod result_batcher;
mod scheduler;
mod suite;
mod untested;

pub use crate::check::{Options, SuiteRun};
pub use suite::{Prepared, run};
pub use untested::untested;
