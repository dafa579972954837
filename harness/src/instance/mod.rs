//! One disposable PostgreSQL server: started, found again by address, and gone when the run is over.
//!
//! A server comes from installed binaries, from the Docker engine, or is one that a URL names. What was made here
//! is recorded in a home folder whose lock the run holds, so that the next run can tell what a dead one left behind.

mod account;
mod auto;
mod binaries;
mod blocking;
mod cache;
mod copy;
#[cfg(feature = "docker")]
mod docker;
mod home;
mod host;
mod key;
mod local;
mod lock;
mod log;
mod manifest;
mod place;
mod query_cache;
mod random;
mod reap;
mod remove;
mod request;
mod result_cache;
mod server;
mod server_lease;
mod settings;
mod shm;
mod sweep;
mod url;
mod watchdog;

pub use crate::instance::query_cache::QueryCache;
pub use crate::instance::result_cache::{EarlierResult, ResultCache};
pub(crate) use crate::instance::server_lease::SharedSession;
pub use auto::look_ahead;
pub use key::StateKey;
pub use request::{Provider, Request};
pub use server::{Instance, ServerFacts, start};
pub use sweep::sweep;
