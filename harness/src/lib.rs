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
//! use rlsgate::report::record::Status;
//! use rlsgate::run::{Filter, Options, Request, run};
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
//! [`run`](mod@run) loads and runs suites, [`suite`] is what a team writes, [`report`] is what comes of a run. ARCHITECTURE.md shows
//! how the other modules stand to each other; they may change with any version.

mod actor;
#[doc(hidden)]
pub mod catalog;
#[doc(hidden)]
pub mod chain;
#[doc(hidden)]
pub mod chain_check;
mod check;
mod checks;
#[doc(hidden)]
pub mod cli;
mod defect;
#[doc(hidden)]
pub mod diagnostic;
mod error;
#[doc(hidden)]
pub mod exit;
#[doc(hidden)]
pub mod fidelity;
#[doc(hidden)]
pub mod instance;
mod judge;
mod pg;
#[doc(hidden)]
pub mod provision;
pub mod report;
pub mod run;
mod session;
mod sql;
pub mod suite;
mod text;
mod verify;
mod world;

pub use error::Error;
