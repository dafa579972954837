//! A connection that somebody had alone, and what was done on it.

use std::collections::BTreeSet;

use crate::actor::Identity;
use crate::pg::session::Session;

/// A connection, and what was done on it.
#[derive(Debug)]
pub(crate) struct Pooled {
    /// The connection.
    pub(crate) session: Session,
    /// The settings that were set on it.
    pub(super) set: BTreeSet<String>,
    /// Whether it may be used again.
    pub(super) known: bool,
}

impl Pooled {
    /// Notes that `identity` was impersonated on it, and ran `statements`.
    pub(crate) fn used_by(&mut self, identity: &Identity, statements: &[String]) {
        self.set.extend(names(identity));
        self.known &= identity.calls.is_empty() && !statements.iter().any(|sql| leaves_traces(sql));
    }
}

/// Whether a statement might leave something on its session that DISCARD ALL does not take away; whatever might set something
/// is taken to have done so.
fn leaves_traces(sql: &str) -> bool {
    let sql = sql.to_ascii_lowercase();
    ["set", "pg_backend_pid", "dblink"].iter().any(|word| sql.contains(word))
}

pub(super) fn names(identity: &Identity) -> impl Iterator<Item = String> {
    identity.settings.iter().map(|(name, _)| name.clone())
}
