//! Checks: the one unit that is planned, run and reported. One file plans a kind, one runs it.

pub mod acts_on;
pub mod all;
pub mod column;
pub mod context;
pub mod execute;
pub mod fidelity;
pub mod insert;
pub mod named;
pub mod object;
pub mod oracle;
pub mod outcome;
pub mod power;
pub mod query;
pub mod references;
pub mod returning;
pub mod select;
pub mod sequence;
pub mod single;
pub mod stated;
pub mod steps;
pub mod swapped;
pub mod trial;
pub mod unit;
pub mod write;

pub use outcome::Outcome;
pub use unit::{Check, Place, Task, Unit};
