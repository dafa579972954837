//! One disposable PostgreSQL server: started, found again by address, and gone when the run is over.
//!
//! A server comes from installed binaries, from the Docker engine, or is one that a URL names. What was made here
//! is recorded in a home folder whose lock the run holds, so that the next run can tell what a dead one left behind.

mod account;
mod answers;
mod auto;
mod binaries;
mod blocking;
mod cache;
mod copy;
#[cfg(feature = "docker")]
mod docker;
mod home;
mod host;
mod kept;
mod key;
mod local;
mod lock;
mod log;
mod manifest;
mod place;
mod random;
mod reap;
mod remove;
mod request;
mod server;
mod settings;
mod shm;
mod stay;
mod sweep;
mod url;
mod watchdog;

pub use answers::QueryCache;
pub use auto::look_ahead;
pub use kept::{EarlierResult, ResultCache};
pub use key::StateKey;
pub use request::{Provider, Request};
pub use server::{Instance, ServerFacts, start};
pub(crate) use stay::SharedSession;
pub use sweep::sweep;
