//! What a chain stands on, before its first revision: the owner, the preludes, the database handed over.
//!
//! Everything here takes more rights than the chain has.

use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::connect::{Connect, open_superuser, refused};
use super::prelude::Prelude;
use super::runner::Runner;
use super::{Chain, owner};
use crate::Error;

/// Brings the empty database `database` to where the first revision of `chain` may run.
pub(super) async fn prepare(chain: &Chain, server: &dyn Connect, database: &str) -> Result<(), Error> {
    let role = chain.owner();
    let mut catalog = open_superuser(server, database).await?;
    // A prelude that makes the owner gives it attributes of its own.
    if !chain.preludes.iter().any(|prelude| prelude.owner == Some(role)) {
        owner::ensure(&mut catalog, server, role).await?;
    }
    for prelude in &chain.preludes {
        stand_on(prelude, server, database, chain.manifest.timeout.0).await?;
    }
    owner::ensure(&mut catalog, server, role).await?;
    owner::hand_over(&mut catalog, server, database, role).await?;
    catalog.close().await.map_err(refused("closing the session that prepared the chain"))
}

/// Runs a prelude, on a superuser session with the database's own settings.
async fn stand_on(prelude: &Prelude, server: &dyn Connect, database: &str, timeout: Duration) -> Result<(), Error> {
    let Some(script) = &prelude.script else { return Ok(()) };
    let options = server.options(server.superuser(), database);
    let mut connection =
        PgConnection::connect_with(&options).await.map_err(refused("opening a session for the prelude"))?;
    let ran = Runner { timeout, one_by_one: false, exempt: None }.run(&mut connection, script).await;
    ran.map_err(|failure| failure.into_error(&format!("prelude {} does not apply", prelude.name)))?;
    connection.close().await.map_err(refused("closing the prelude's session"))
}
