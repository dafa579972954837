//! Becoming somebody: contexts with ids filled in, rendered to the statements that an application would send.

mod breaks;
mod identity;

pub(crate) use breaks::{Break, Broken, carried_ids, mixed};
pub(crate) use identity::{Identity, resolve};
