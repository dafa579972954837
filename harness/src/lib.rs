//! `rlsgate`: a database conformance and row-level-security test harness for PostgreSQL.
//!
//! Config and suite files become a plan of checks; a disposable server is brought to the state that the
//! suite is about; every check is tried as its actor and judged by what the server did; one run record
//! holds the outcomes, and every report is rendered from it.
//!
//! A suite can be run from Rust as well as from the command line:
//!
//! ```no_run
//! use std::path::Path;
//!
//! use rlsgate::instance::Request;
//! use rlsgate::plan::filter::Filter;
//! use rlsgate::report::record::Status;
//! use rlsgate::run::{Options, run};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), rlsgate::Error> {
//! let options = Options {
//!     request: Request::default(), // installed binaries, else Docker
//!     jobs: 2,
//!     filter: Filter::new(&["*/contract/*".to_owned()], &[])?,
//!     today: "2026-01-31".to_owned(), // known exceptions may end
//! };
//! let outcome = run(Path::new("suites/connectors/suite.toml"), &options, |_| ()).await?;
//! for check in outcome.record.checks.iter().filter(|check| check.status != Status::Passed) {
//!     println!("{}: {}", check.id, check.verdict);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The way from file to verdict: [`suite`] reads what a team writes and [`chain`] its migrations; [`instance`] starts a
//! server and [`stage`] brings it to the suite's state; [`catalog`] says what is there; [`checks`] are planned from it all;
//! [`mod@run`] tries each as an [`actor`], [`judge`] decides what came of it, and [`report`] tells.

pub mod actor;
pub mod catalog;
pub mod chain;
pub mod chain_check;
pub mod check;
pub mod checks;
pub mod cli;
mod defect;
pub mod diagnostic;
pub mod error;
pub mod exit;
pub mod fidelity;
pub mod instance;
pub mod judge;
pub mod pg;
pub mod provision;
pub mod report;
pub mod run;
pub mod session;
pub mod sql;
pub mod suite;
pub mod text;
pub mod verify;
pub mod world;

pub use error::Error;
