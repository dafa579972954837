//! The harness's own roles: the probe that becomes the actors, the witness that sees every row, and one that holds
//! what PUBLIC holds.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, Row};

use crate::Error;
use crate::instance::Instance;
use crate::sql::quote::{ident, literal};
use crate::suite::Suite;
use crate::text::printable;

use crate::provision::role_guard::UNLOGGED;

/// Their names, unique to the run where the server is not ours alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleNames {
    /// NOSUPERUSER NOINHERIT, member of the actors' roles.
    pub probe: String,
    /// NOSUPERUSER BYPASSRLS, member of the owners.
    pub witness: String,
    /// Without any privilege of its own.
    pub public: String,
}

impl RoleNames {
    /// The names for this server.
    #[must_use]
    pub fn of(instance: &Instance) -> Self {
        let prefix = instance.database_prefix();
        Self { probe: format!("{prefix}probe"), witness: format!("{prefix}witness"), public: format!("{prefix}public") }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        [&self.probe, &self.witness, &self.public].into_iter().map(String::as_str)
    }
}

/// Roles that the probe may become: all but superusers, those of the server's own, and ours.
const BECOMING: &str = "SELECT rolname::text FROM pg_roles WHERE NOT rolsuper AND rolname NOT LIKE 'pg\\_%' AND rolname !~ '^rlsgate_([0-9a-z]+_)*(probe|witness|public)$'";
/// On a server of others only roles that the suite names or that this database knows; with each, whether it reaches
/// programs and files on the server, which code of the chain could then do as well.
const BECOMING_THERE: &str = "SELECT r.rolname::text, EXISTS (SELECT FROM pg_roles s \
        WHERE (s.rolsuper OR s.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')) \
        AND pg_has_role(r.oid, s.oid, 'MEMBER')) \
    FROM pg_roles r WHERE NOT r.rolsuper AND r.rolname NOT LIKE 'pg\\_%' AND r.rolname !~ '^rlsgate_([0-9a-z]+_)*(probe|witness|public)$' \
    AND (r.rolname = ANY($1) OR EXISTS (SELECT FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid \
        AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())))";
/// Owners of what the chain and its prelude made, and not of what the witness kept aside. A superuser's objects are reached by grants instead.
const OWNERS: &str = "SELECT DISTINCT r.rolname::text FROM pg_roles r WHERE NOT r.rolsuper AND r.rolname NOT LIKE 'pg\\_%' \
    AND r.rolname !~ '^rlsgate_([0-9a-z]+_)*(probe|witness|public)$' \
    AND (EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid) OR EXISTS (SELECT FROM pg_namespace n WHERE n.nspowner = r.oid))";
const SCHEMAS: &str =
    "SELECT nspname::text FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'";

/// Creates the three in the cluster.
pub(crate) async fn create(session: &mut PgConnection, instance: &Instance, names: &RoleNames) -> Result<(), Error> {
    let (probe, witness, public) = (ident(&names.probe), ident(&names.witness), ident(&names.public));
    for role in names.all() {
        instance.track_role(role);
    }
    let password = instance.role_password().map(|word| format!(" PASSWORD {}", literal(word))).unwrap_or_default();
    if !password.is_empty() {
        session.execute(UNLOGGED).await.map_err(|error| refused(&error))?;
    }
    for statement in [
        format!("CREATE ROLE {probe} LOGIN NOINHERIT{password}"),
        format!("CREATE ROLE {witness} LOGIN BYPASSRLS{password}"),
        format!("CREATE ROLE {public} NOLOGIN"),
        format!("GRANT {witness}, {public} TO {probe}"),
    ] {
        run(session, &statement).await?;
    }
    Ok(())
}

/// Gives them their memberships and grants in the database of `session`, a superuser's with `search_path = pg_catalog`, as
/// it is now. GRANT runs no code of the chain, and may be said twice.
pub(crate) async fn grant(
    session: &mut PgConnection,
    instance: &Instance,
    names: &RoleNames,
    suite: &Suite,
    database: &str,
) -> Result<(), Error> {
    grant_witness(session, names, database).await?;
    let probe = ident(&names.probe);
    let mut sql = vec![format!("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {probe}", ident(database))];
    let becoming = if instance.facts().disposable {
        column(session, BECOMING).await?
    } else {
        becoming_there(session, suite).await?
    };
    for role in becoming {
        sql.push(format!("GRANT {} TO {probe}", ident(&role)));
    }
    for statement in sql {
        run(session, &statement).await?;
    }
    Ok(())
}

/// The same for the witness role alone, which is all that a seed needs.
pub(crate) async fn grant_witness(session: &mut PgConnection, names: &RoleNames, database: &str) -> Result<(), Error> {
    let witness = ident(&names.witness);
    let mut sql = vec![format!("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {witness}", ident(database))];
    for role in column(session, OWNERS).await? {
        sql.push(format!("GRANT {} TO {witness}", ident(&role)));
    }
    for schema in column(session, SCHEMAS).await? {
        let schema = ident(&schema);
        sql.push(format!("GRANT USAGE ON SCHEMA {schema} TO {witness}"));
        for sort in ["TABLES", "SEQUENCES", "FUNCTIONS"] {
            sql.push(format!("GRANT ALL ON ALL {sort} IN SCHEMA {schema} TO {witness}"));
        }
    }
    for statement in sql {
        run(session, &statement).await?;
    }
    Ok(())
}

async fn becoming_there(session: &mut PgConnection, suite: &Suite) -> Result<Vec<String>, Error> {
    let actors = suite.actors.values();
    let named: Vec<String> = actors.flat_map(|actor| [actor.role.clone(), actor.login.clone()]).flatten().collect();
    let found: Vec<(String, bool)> =
        sqlx::query_as(BECOMING_THERE).bind(named).fetch_all(session).await.map_err(|error| refused(&error))?;
    if let Some((role, _)) = found.iter().find(|(_, reaches)| *reaches) {
        return Err(Error::environment(
            format!("role {} of the server may run programs or touch files there", printable(role)),
            "code of the chain would be tried as that role: use a server of the harness's own",
        ));
    }
    Ok(found.into_iter().map(|(role, _)| role).collect())
}

async fn column(session: &mut PgConnection, sql: &'static str) -> Result<Vec<String>, Error> {
    let rows = session.fetch_all(sqlx::raw_sql(sql)).await.map_err(|error| refused(&error))?;
    rows.iter().map(|row| row.try_get(0).map_err(|error| refused(&error))).collect()
}

pub(crate) async fn run(session: &mut PgConnection, sql: &str) -> Result<(), Error> {
    session.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.map_err(|error| refused(&error))?;
    Ok(())
}

pub(crate) fn refused(error: &sqlx::Error) -> Error {
    Error::environment(
        format!("the harness's own roles or databases could not be prepared: {error}"),
        "on a server named by --url, connect as a superuser",
    )
}
