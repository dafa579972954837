//! Running a plan: sessions, workers, the scheduler, and the record that comes of it.

pub mod committed;
pub mod denied;
pub mod pool;
pub(crate) mod record;
mod scheduler;
pub mod script;
pub mod session;
mod snapshot;
mod statements;
mod suite;
mod teller;
mod touched;
mod untested;
pub mod worker;
mod written;

pub use suite::{Options, Prepared, Run, run};
pub use untested::untested;
