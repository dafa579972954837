//! Becoming somebody: contexts with ids filled in, rendered to the statements that an application would send.

mod breaks;
mod identity;

pub use breaks::{Break, Broken, carried_ids, mixed};
pub use identity::{Identity, resolve};
