//! Checks: the one unit that is planned, run and reported.

pub mod filter;
pub(crate) mod id;
pub mod known;
pub mod outcome;
pub(crate) mod record;
pub mod unit;

pub use outcome::Outcome;
pub use unit::{Check, Isolation, Task, Unit};
