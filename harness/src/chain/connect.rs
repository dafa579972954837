//! What a chain needs of the server that it is applied to.

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use crate::Error;
use crate::sql::quote::ident;

/// A server that sessions can be opened on, as any role.
pub trait Connect: Send + Sync {
    /// How to log in as `role` to `database`.
    fn options(&self, role: &str, database: &str) -> PgConnectOptions;
    /// What a program must know to log in as `role`, where the server asks for a password and `role` was made for the run.
    fn password(&self, _role: &str) -> Option<String> {
        None
    }
    /// The role that initialised the server, or stands in for it.
    fn superuser(&self) -> &str;
    /// Whether the server was made for this run, so that its catalogs may be written to.
    fn disposable(&self) -> bool;
    /// The major version.
    fn major(&self) -> u32;
}

/// A session of `role`'s own, with `search_path` as its default: RESET and DISCARD go back to it.
///
/// # Errors
/// The server lets nobody in.
pub async fn open(
    server: &dyn Connect,
    role: &str,
    database: &str,
    search_path: &[String],
) -> Result<PgConnection, Error> {
    let path = search_path.iter().map(|schema| ident(schema)).collect::<Vec<_>>().join(", ");
    let options = server.options(role, database).options([("search_path", path)]);
    let opened = options.connect().await.map_err(|error| {
        Error::environment(
            format!("no session as role {role} in database {database}: {error}"),
            "see the server's log; the role must be allowed to log in",
        )
    })?;
    tracing::debug!(role, database, "connected");
    Ok(opened)
}

/// A superuser session in which every unqualified name is the server's own, whatever settings the chain has left on
/// the database.
///
/// # Errors
/// The server lets nobody in.
pub async fn open_superuser(server: &dyn Connect, database: &str) -> Result<PgConnection, Error> {
    open(server, server.superuser(), database, &["pg_catalog".to_owned()]).await
}

/// A query of the harness's own went wrong.
pub(super) fn refused(doing: &str) -> impl Fn(sqlx::Error) -> Error + '_ {
    move |error| Error::environment(format!("{doing}: {error}"), "see the server's log")
}
