//! Checks: the one unit that is planned, run and reported.

pub(crate) mod filter;
pub(crate) mod id;
pub(crate) mod known;
mod options;
pub(crate) mod outcome;
pub(crate) mod reading;
pub(crate) mod record;
mod suite_run;
pub(crate) mod task;
pub(crate) mod unit;

pub use options::Options;
pub(crate) use outcome::Outcome;
pub use suite_run::SuiteRun;
pub(crate) use task::{Isolation, Task};
pub(crate) use unit::{Check, Unit};
