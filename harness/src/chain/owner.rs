//! The role that a chain runs as: there, able to log in, owner of the database.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use super::connect::{Connect, refused};
use crate::Error;
use crate::sql::quote::ident;

/// Creates `owner` where the server lacks it, on a server that was made for the run. It may create roles, since chains do.
pub(super) async fn ensure(connection: &mut PgConnection, server: &dyn Connect, owner: &str) -> Result<(), Error> {
    if owner == server.superuser() {
        let message = format!("the owner of a chain cannot be {owner}, the superuser of this server");
        return Err(Error::environment(message, "name another role with `owner` in chain.toml"));
    }
    let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(owner)
        .fetch_one(&mut *connection)
        .await
        .map_err(refused("looking for the chain's owner"))?;
    if there {
        return Ok(());
    }
    if !server.disposable() {
        let message = format!("the server has no role {owner}, which owns the chain");
        return Err(Error::environment(message, "create it, or allow the harness to with --create-roles"));
    }
    run(connection, format!("CREATE ROLE {} LOGIN CREATEROLE", ident(owner))).await
}

/// Makes `owner` the owner of the database and, before PostgreSQL 15 made that the rule, of its schema `public`.
pub(super) async fn hand_over(
    connection: &mut PgConnection,
    server: &dyn Connect,
    database: &str,
    owner: &str,
) -> Result<(), Error> {
    run(connection, format!("ALTER DATABASE {} OWNER TO {}", ident(database), ident(owner))).await?;
    let kept: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner \
         WHERE n.nspname = 'public' AND r.rolsuper)",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(refused("looking for the owner of schema public"))?;
    if kept && server.major() < 15 {
        run(connection, format!("ALTER SCHEMA public OWNER TO {}", ident(owner))).await?;
    }
    Ok(())
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), Error> {
    let sent = sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await;
    sent.map(|_| ()).map_err(refused("preparing the chain's owner"))
}
