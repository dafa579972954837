//! How a statement is tried as somebody: sessions, attempts, and what the witness role says of them.

pub mod commit;
pub mod expect_denied;
pub mod pool;
mod snapshot;
mod statements;
pub mod worker;
mod write;
