//! Looking on from a second session, a superuser's that sends only text of the harness: what statements lock, and which
//! tables stand open.

pub(super) mod locks;
pub(super) mod open;
pub(super) mod rows;

use crate::Error;
use crate::chain::watch::Sent;
use crate::suite::resolved::Location;

/// A query of the harness's own went wrong.
fn failed(doing: &str) -> impl Fn(sqlx::Error) -> Error + '_ {
    move |error| Error::untested(format!("{doing}: {error}"), "see the server's log")
}

/// Where the statement stands.
fn place(sent: &Sent<'_>) -> Location {
    let line = sent.script.statements.get(sent.index).map_or(1, |statement| statement.line);
    Location { path: sent.script.path.clone(), line }
}
