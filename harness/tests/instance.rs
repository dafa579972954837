//! Instances on real servers: started, restored, killed, and nothing left behind.

mod cache;
mod docker;
mod failure;
mod kill;
mod local;
pub(crate) mod support;
mod url;
