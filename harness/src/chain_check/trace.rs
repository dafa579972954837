//! Looking on from a second session, a superuser's that sends only text of the harness: what statements lock, and which
//! tables stand open.

pub(super) mod locks;
pub(super) mod open;
pub(super) mod rows;

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlx::postgres::PgConnection;

use crate::Error;
use crate::catalog::QName;
use crate::catalog::fingerprint::{self, Fingerprint};
use crate::chain::Chain;
use crate::chain::watch::Sent;
use crate::suite::resolved::Location;

/// What of a database is the chain's, and not its tool's.
#[derive(Debug)]
pub(super) struct Scope {
    schemas: Vec<String>,
    bookkeeping: BTreeSet<QName>,
}

impl Scope {
    pub(super) fn of(chain: &Chain) -> Self {
        let schemas = chain.schemas().map(str::to_owned).collect();
        Self { schemas, bookkeeping: chain.bookkeeping().into_iter().collect() }
    }

    /// The catalog, without the tables in which the tool keeps its account.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) async fn catalog(&self, session: &mut PgConnection) -> Result<Arc<Fingerprint>, Error> {
        let mut catalog = fingerprint::read(session).await?;
        for table in &self.bookkeeping {
            catalog.facts.remove(&format!("table {table}"));
        }
        Ok(Arc::new(catalog))
    }
}

/// A query of the harness's own went wrong.
fn failed(doing: &str) -> impl Fn(sqlx::Error) -> Error + '_ {
    move |error| Error::untested(format!("{doing}: {error}"), "see the server's log")
}

/// Where the statement stands.
fn place(sent: &Sent<'_>) -> Location {
    let line = sent.script.statements.get(sent.index).map_or(1, |statement| statement.line);
    Location::of_line(&sent.script.path, line)
}
