//! From an empty database to a revision: prelude, owner, guard, revisions, guard again.

use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::connect::{Connect, open, open_superuser, refused};
use super::failure::Failure;
use super::prelude::Prelude;
use super::privileged::Exempt;
use super::revision::Step;
use super::script::{Mode, Runner};
use super::{Chain, Revision, bookkeeping, guard, nearest, owner};
use crate::Error;

/// A chain that was applied.
#[derive(Debug)]
pub struct Applied {
    /// What ran, in order.
    pub revisions: Vec<AppliedRevision>,
}

/// A revision that was applied.
#[derive(Debug)]
pub struct AppliedRevision {
    /// Its id.
    pub id: String,
    /// How it stood to transactions.
    pub mode: Mode,
    /// Statements that a superuser session ran in the owner's place, in words.
    pub exempted: Vec<String>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Builds the schema of `chain` in the empty database `database`, up to and with the revision `to`, or whole.
///
/// Revisions run on a login session of the owner's: on a superuser session that became the owner, code of the chain could
/// go back (RESET ROLE).
///
/// # Errors
/// [`Error::Usage`] if there is no revision `to`; [`Error::Untested`] if a prelude or a revision fails, with the statement
/// and the server's message, or if the chain made somebody a superuser.
pub async fn apply(chain: &Chain, server: &dyn Connect, database: &str, to: Option<&str>) -> Result<Applied, Error> {
    let revisions = up_to(chain, to)?;
    prepare(chain, server, database).await?;
    let standing = guard::raise(server, database, chain.owner()).await?;
    bookkeeping::lay(chain, server, database).await?;
    let mut connection = open(server, chain.owner(), database, &chain.search_path()).await?;
    let mut applied = Vec::with_capacity(revisions.len());
    for (n, revision) in revisions.iter().enumerate() {
        let started = Instant::now();
        let runner = Runner {
            timeout: revision.timeout,
            one_by_one: revision.settings.transaction.is_some(),
            exempt: chain.schemas().next().map(|schema| Exempt { server, database, schema }),
        };
        let Step::Sql(script) = &revision.up;
        match runner.run(&mut connection, script).await {
            Ok(ran) => applied.push(AppliedRevision {
                id: revision.id.clone(),
                mode: ran.mode,
                exempted: ran.exempted,
                elapsed: started.elapsed(),
            }),
            Err(failure) => {
                stop(server, database, chain.owner(), &failure).await?;
                return Err(does_not_apply(chain, revision, revisions.len() - n - 1, failure));
            }
        }
        forget(&mut connection).await?;
    }
    connection.close().await.map_err(refused("closing the chain's session"))?;
    guard::check(server, database, &standing).await?;
    Ok(Applied { revisions: applied })
}

fn up_to<'a>(chain: &'a Chain, to: Option<&str>) -> Result<&'a [Revision], Error> {
    let Some(to) = to else { return Ok(&chain.revisions) };
    let found = chain.revisions.iter().position(|revision| revision.id == to);
    found.and_then(|last| chain.revisions.get(..=last)).ok_or_else(|| {
        let nearest = nearest::suffix(to, chain.revisions.iter().map(|revision| revision.id.as_str()));
        let message = format!("chain {} has no revision `{to}`{nearest}", chain.dir.display());
        Error::usage(message, "a revision is named as its file, without the suffix")
    })
}

/// Everything that takes more rights than the chain's.
async fn prepare(chain: &Chain, server: &dyn Connect, database: &str) -> Result<(), Error> {
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

/// Takes back what a script did to its session: role, settings (`search_path` among them), temporary tables, locks.
async fn forget(connection: &mut PgConnection) -> Result<(), Error> {
    for sql in ["RESET ROLE", "DISCARD ALL"] {
        sqlx::raw_sql(sql).execute(&mut *connection).await.map_err(refused("resetting the session after a file"))?;
    }
    Ok(())
}

/// A statement that ran out of time is still at work and holds its locks.
async fn stop(server: &dyn Connect, database: &str, role: &str, failure: &Failure) -> Result<(), Error> {
    if !failure.timed_out {
        return Ok(());
    }
    let mut connection = open_superuser(server, database).await?;
    sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND datname = $2")
        .bind(role)
        .bind(database)
        .execute(&mut connection)
        .await
        .map(|_| ())
        .map_err(refused("stopping a revision that ran out of time"))
}

fn does_not_apply(chain: &Chain, revision: &Revision, left: usize, failure: Failure) -> Error {
    let later = match left {
        0 => String::new(),
        1 => "; 1 later revision was not run".to_owned(),
        n => format!("; {n} later revisions were not run"),
    };
    failure.into_error(&format!("revision {} of chain {} does not apply{later}", revision.id, chain.dir.display()))
}
