//! Checks: the one unit that is planned, run and reported.

pub mod filter;
pub(crate) mod id;
pub mod known;
mod options;
pub mod outcome;
pub(crate) mod reading;
pub(crate) mod record;
mod suite_run;
pub(crate) mod task;
pub mod unit;

pub use options::Options;
pub use outcome::Outcome;
pub use suite_run::SuiteRun;
pub use task::{Isolation, Task};
pub use unit::{Check, Unit};
