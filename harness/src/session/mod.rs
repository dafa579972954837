//! How a statement is tried as somebody: on which connection, what came of it, and what the witness role says of it.

pub(crate) mod attempt;
pub(crate) mod direct;
pub(crate) mod error;
pub(crate) mod expect_denied;
mod frame;
pub(crate) mod pool;
mod pooled;
pub(crate) mod scratch_clone;
mod snapshot;
mod statements;
mod touched;
pub(crate) mod worker;
mod write;

pub(crate) use attempt::Attempt;
pub(crate) use error::{AttemptError, StatementResult};
pub(crate) use pooled::Pooled;
pub(crate) use worker::Worker;
