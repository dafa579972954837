//! Reading the facts: one query for each group, in one snapshot.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use super::sql::ServerVersion;
use super::{
    Facts, Fingerprint, columns, database, foreign, functions, lesser, members, policies, relations, replication,
    roles, types,
};
use crate::Error;
use crate::text::printable;

/// Makes the query of one group.
type FactGroup = fn(ServerVersion) -> String;

/// What is about relations alone, one by one.
pub(super) const OF_RELATIONS: [FactGroup; 4] = [relations::query, columns::query, members::query, policies::query];

/// Everything.
const GROUPS: &[FactGroup] = &[
    relations::query,
    columns::query,
    members::query,
    policies::query,
    functions::query,
    lesser::query,
    types::query,
    roles::query,
    database::query,
    foreign::query,
    replication::query,
];

/// One snapshot, and a session in which the server writes every definition in one way: whatever `ALTER ROLE` or
/// `ALTER DATABASE` has set, names are qualified, quoted only where they must be, and constants look the same. No
/// setting outlives the transaction.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
pub(super) const SETTINGS: &str = "SET LOCAL search_path = pg_catalog; SET LOCAL quote_all_identifiers = off; \
    SET LOCAL standard_conforming_strings = on; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'; \
    SET LOCAL TimeZone = 'UTC'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; \
    SET LOCAL lc_monetary = 'C'; SET LOCAL xmloption = 'content'; SET LOCAL jit = off";

const SERVER: &str =
    "SELECT current_setting('server_version_num')::int4 / 10000, rolsuper FROM pg_roles WHERE rolname = current_user";

/// Reads the facts of the database that `conn` is connected to, and of its cluster's roles. Nothing of the chain's code
/// is run: only catalogs are read, and the server's own functions called. The session may be a superuser's, or another's
/// whose right to read falls short of passwords and user mappings, which [`Fingerprint::unread`] then names.
///
/// # Errors
/// [`Error::Environment`] where the catalogs cannot be read, or `conn` is in a transaction.
pub async fn read(conn: &mut PgConnection) -> Result<Fingerprint, Error> {
    let mut transaction = conn.begin_with(BEGIN).await.map_err(|error| unreadable(&error))?;
    let read = read_within(&mut transaction).await?;
    transaction.rollback().await.map_err(|error| unreadable(&error))?;
    Ok(read)
}

/// The same in the transaction that `conn` is in, which is one snapshot and only reads; its settings change.
///
/// # Errors
/// [`Error::Environment`] where the catalogs cannot be read.
pub async fn read_within(conn: &mut PgConnection) -> Result<Fingerprint, Error> {
    conn.execute(sqlx::raw_sql(SETTINGS)).await.map_err(|error| unreadable(&error))?;
    let row = conn.fetch_one(sqlx::raw_sql(SERVER)).await.map_err(|error| unreadable(&error))?;
    let major: i32 = row.try_get(0).map_err(|error| unreadable(&error))?;
    let superuser = row.try_get(1).map_err(|error| unreadable(&error))?;
    let server = ServerVersion { major: u32::try_from(major).unwrap_or_default(), superuser };
    let mut facts = Facts::new();
    for group in GROUPS {
        let sql = group(server);
        let row = conn.fetch_one(sqlx::raw_sql(AssertSqlSafe(sql))).await.map_err(|error| unreadable(&error))?;
        add(&mut facts, row.try_get(0).map_err(|error| unreadable(&error))?)?;
    }
    let unread = if superuser { &[][..] } else { roles::UNREAD };
    let unread = unread.iter().map(|&name| name.to_owned()).collect();
    let facts = facts.into_iter().map(|(object, properties)| (object.into(), properties.into())).collect();
    Ok(Fingerprint { major: server.major, unread, facts })
}

/// Adds what a query answered.
pub(super) fn add(facts: &mut Facts, json: &str) -> Result<(), Error> {
    let answer: Vec<(String, String, String)> =
        serde_json::from_str(json).map_err(|error| defect(&error.to_string()))?;
    for (object, property, text) in answer {
        if let Some(other) = facts.entry(object.clone()).or_default().insert(property.clone(), text) {
            return Err(defect(&format!("two facts are named {object}, {property}; one is {other}")));
        }
    }
    Ok(())
}

pub(super) fn unreadable(error: &sqlx::Error) -> Error {
    Error::environment(format!("the catalogs could not be read: {error}"), "look at the server's log")
}

pub(super) fn defect(what: &str) -> Error {
    Error::defect(format!("the catalogs answered with something unexpected: {}", printable(what)))
}
