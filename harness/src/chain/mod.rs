//! A migration chain: the revisions that build a schema, what they stand on, and running them as their owner.
//!
//! A chain is somebody's code. It is read and cut into statements before any server starts, and sent over the protocol
//! by its owner, which is no superuser and cannot become one ([`guard`]). Superuser sessions send only text of the
//! harness, of the prelude, and statements that [`privileged`] has taken apart and put together again. A revision may
//! also be a program, or a move of the project's own Alembic: those run beside the harness, as itself.

mod address;
mod alembic;
mod applied;
pub mod apply;
mod bookkeeping;
pub mod command;
pub mod connect;
mod digest;
mod environment;
mod failure;
mod ground;
pub mod guard;
mod inputs;
mod interpreter;
pub mod ladder;
pub mod layout;
mod load;
pub mod lock;
pub mod manifest;
mod output;
mod owner;
pub mod prelude;
pub mod privileged;
mod program;
pub mod revision;
pub mod runner;
pub mod script;
mod seeds;
pub mod watch;

pub(crate) use crate::text::nearest;

pub use apply::{Applied, apply};
pub use connect::Connect;
pub use ladder::Ladder;
pub use load::Chain;
pub use revision::{Revision, RevisionStep};
pub use runner::Runner;
pub use script::Script;
pub use watch::Watch;
