//! `rlsgate`: a database conformance and row-level-security test harness for PostgreSQL.
//!
//! Config and suite files become a plan of checks; a disposable server is brought to the state that the
//! suite is about; every check is tried as its actor and judged by what the server did; one run record
//! holds the outcomes, and every report is rendered from it.

pub mod actor;
pub mod catalog;
pub mod chain;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod error;
pub mod exit;
pub mod instance;
pub mod judge;
pub mod plan;
pub mod report;
pub mod run;
pub mod sql;
pub mod stage;
pub mod suite;
pub mod text;

pub use error::Error;
