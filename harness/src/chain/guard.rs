//! The chain's owner is no superuser, cannot become one, and nobody has become one when it is done.
//!
//! Up to PostgreSQL 15 a role with CREATEROLE may grant itself any role that is no superuser, and three of those run
//! programs and read and write files on the server (PostgreSQL docs, "Predefined Roles"; CWE-269). On instances that
//! the harness made these three are marked as superusers, which makes the server refuse the grant. From 16 on the
//! grant needs ADMIN OPTION, which the owner has not.

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;

use super::connect::{Connect, open_superuser, refused};
use crate::Error;
use crate::text::printable;

const MARK: &str = "UPDATE pg_authid SET rolsuper = true \
    WHERE rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files') AND NOT rolsuper";

/// Superusers, the three roles of files and programs, and whoever is a member of any, however far.
const STANDING: &str = "WITH RECURSIVE named AS ( \
        SELECT oid FROM pg_roles \
        WHERE rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files') \
    ), standing AS ( \
        SELECT oid FROM pg_roles WHERE rolsuper UNION SELECT oid FROM named \
        UNION SELECT m.member FROM pg_auth_members m JOIN standing s ON m.roleid = s.oid \
    ) \
    SELECT r.rolname::text, r.rolsuper FROM pg_roles r JOIN standing USING (oid) WHERE oid NOT IN (SELECT oid FROM named)";

/// Who could run programs or touch files before the chain did anything, and whether as superuser.
#[derive(Debug)]
pub struct Standing(BTreeMap<String, bool>);

/// Closes the ways up before the chain of `owner` runs, and notes who stands where.
///
/// # Errors
/// The owner is a superuser or could become one, or there is no way to keep it from that on this server.
pub async fn raise(server: &dyn Connect, database: &str, owner: &str) -> Result<Standing, Error> {
    let mut connection = open_superuser(server, database).await?;
    if server.major() < 16 {
        if server.disposable() {
            sqlx::raw_sql(MARK).execute(&mut connection).await.map_err(refused("guarding program and file roles"))?;
        } else if creates_roles(&mut connection, owner).await? {
            let message = format!("role {owner} has CREATEROLE, with which it may run programs on this server");
            return Err(Error::environment(message, "use an instance of the harness, or PostgreSQL 16 and later"));
        }
    }
    let standing = standing(&mut connection).await?;
    // Whatever role may touch files, an owner with CREATEROLE could grant itself on an older server.
    let within_reach =
        standing.iter().find(|(role, superuser)| *role == owner || (server.disposable() && !**superuser));
    if let Some((role, _)) = within_reach {
        let role = printable(role);
        let message = format!("role {role} is a superuser, or may run programs or touch files on the server");
        let help =
            format!("a chain runs as somebody who is none and cannot become one; owner is {owner}: see the preludes");
        return Err(Error::environment(message, help));
    }
    Ok(Standing(standing))
}

/// Looks again after the chain, on a session of its own.
///
/// # Errors
/// Somebody has risen; nothing that such a chain built is to be tested.
pub async fn check(server: &dyn Connect, database: &str, before: &Standing) -> Result<(), Error> {
    let mut connection = open_superuser(server, database).await?;
    let after = standing(&mut connection).await?;
    match after.iter().find(|(role, superuser)| before.0.get(*role) != Some(superuser)) {
        None => Ok(()),
        Some((role, _)) => Err(Error::environment(
            format!("the chain made role {} a superuser, or able to run programs or touch files", printable(role)),
            "take it out of the chain: no role of an application needs it",
        )),
    }
}

async fn standing(connection: &mut PgConnection) -> Result<BTreeMap<String, bool>, Error> {
    let rows: Vec<(String, bool)> =
        sqlx::query_as(STANDING).fetch_all(connection).await.map_err(refused("reading who is superuser"))?;
    Ok(rows.into_iter().collect())
}

async fn creates_roles(connection: &mut PgConnection, owner: &str) -> Result<bool, Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_roles r WHERE r.rolcreaterole AND pg_has_role($1, r.oid, 'MEMBER'))",
    )
    .bind(owner)
    .fetch_one(connection)
    .await
    .map_err(refused("reading the owner's attributes"))
}
