//! Running a plan: workers, the scheduler, and the record that comes of it.

mod kept_blocks;
mod load;
mod result_batcher;
mod scheduler;
mod suite;
mod untested;

pub use crate::check::filter::Filter;
pub use crate::check::{Options, SuiteRun};
pub use crate::instance::{Provider, Request};
pub use load::{load_suite, suite_schema, suite_schema_for};
pub use suite::{PreparedSuite, Purpose, run};
pub use untested::untested;
