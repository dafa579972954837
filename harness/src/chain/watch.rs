//! Looking on while a script runs: what it locks, say, is seen from a second session before its transaction ends.

use std::pin::Pin;
use std::time::Duration;

use super::script::Script;

/// What a [`Watch`] does while the script waits.
pub type Look<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Told of every statement of a script, before and after it. Its time is not counted against the script's limit.
///
/// It keeps what goes wrong with its own work to itself: the script runs on.
pub trait Watch: Send {
    /// A statement is about to be sent.
    fn before<'a>(&'a mut self, statement: Sent<'a>) -> Look<'a>;
    /// A statement succeeded after `elapsed`. Not told of one that failed.
    fn after<'a>(&'a mut self, statement: Sent<'a>, elapsed: Duration) -> Look<'a>;
}

/// A statement of a script, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The script.
    pub script: &'a Script,
    /// Which of its statements, from 0.
    pub index: usize,
    /// Whether a transaction is open at this moment; after the last statement of a script that is one transaction, it is.
    pub open: bool,
    /// The process of the server that runs it, as in `pg_locks.pid`.
    pub pid: i32,
}
