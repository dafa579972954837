//! Which keys each actor sees, before the revision and after it: noted by the actor, compared in the server.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use sqlx::postgres::PgConnection;

use crate::Error;
use crate::actor::Identity;
use crate::fidelity::compare::json;
use crate::fidelity::compared::ComparedKey;
use crate::fidelity::fixture::{Sandbox, error_text, run};
use crate::fidelity::scratch::{self, SCHEMA};
use crate::fidelity::statement::{SAMPLES, inner};
use crate::pg::session::Session;
use crate::session::direct::commit_on;
use crate::sql::quote::ident;

/// An actor and what it asks.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Who.
    pub identity: Identity,
    /// The query before the revision, ids filled in.
    pub before: String,
    /// The query after it.
    pub after: String,
}

/// On which side of the revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevisionSide {
    /// Before it.
    Before,
    /// After it.
    After,
}

impl RevisionSide {
    const fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// What an actor saw on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SeenKeys {
    /// Keys before.
    pub before: u64,
    /// Keys after.
    pub after: u64,
    /// Keys of before that are not seen any more.
    pub lost: u64,
    /// Keys that were not seen before.
    pub gained: u64,
    /// A few of the lost ones.
    pub lost_keys: Vec<ComparedKey>,
    /// A few of the gained ones.
    pub gained_keys: Vec<ComparedKey>,
}

/// Who notes which keys, and within which limits.
#[derive(Debug, Clone, Copy)]
pub struct KeyRecorder<'a> {
    /// Who.
    pub seers: &'a [Viewer],
    /// The columns of the key.
    pub key: &'a [String],
    /// Per statement.
    pub timeout: Duration,
    /// Whether messages may hold values.
    pub values: bool,
}

/// Lets every actor note the keys that it sees. Returns why an actor could not, by name.
///
/// # Errors
/// [`Error::Environment`] with what the server said of the tables that the keys are noted in.
pub async fn note(
    noting: KeyRecorder<'_>,
    sandbox: &Sandbox<'_>,
    conn: &mut PgConnection,
    when: RevisionSide,
) -> Result<BTreeMap<String, String>, Error> {
    let mut unseen = BTreeMap::new();
    for (n, seer) in noting.seers.iter().enumerate() {
        if let Err(error) = one(noting, sandbox, conn, (n, seer, when)).await {
            unseen.insert(seer.identity.name.clone(), error_text(error));
        }
    }
    Ok(unseen)
}

async fn one(
    noting: KeyRecorder<'_>,
    sandbox: &Sandbox<'_>,
    conn: &mut PgConnection,
    (n, seer, when): (usize, &Viewer, RevisionSide),
) -> Result<(), Error> {
    let query = if when == RevisionSide::Before { &seer.before } else { &seer.after };
    let table = format!("{SCHEMA}.{}_{n}", when.word());
    let says = |what: &str| {
        let name = &seer.identity.name;
        Error::environment(
            format!("what {name} sees {} the revision is not known: {what}", when.word()),
            "correct the query",
        )
    };
    let keys = scratch::kept_columns(conn, query, noting.key).await.map_err(|error| says(&error.to_string()))?;
    let noted = format!("SELECT {keys} FROM {} q", inner(query));
    // The role has no right in the schema otherwise; the clone is thrown away.
    let made = format!(
        "CREATE UNLOGGED TABLE {table} AS {noted} WITH NO DATA; \
         GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC; GRANT INSERT ON {table} TO PUBLIC"
    );
    run(conn, &made).await.map_err(|error| says(&error.to_string()))?;
    let stage = sandbox.stage();
    let options = match &seer.identity.login {
        Some(role) => stage.login_options(role, sandbox.database()),
        None => stage.probe_options(sandbox.database()),
    };
    let session = Session::connect(&options, noting.timeout, &stage.preparation()).await;
    let mut session = session.map_err(|lost| says(&lost.0))?;
    session.show_values(noting.values);
    let insert = [format!("INSERT INTO {table} {noted}")];
    let noted = commit_on(&mut session, &seer.identity, &insert).await;
    session.close().await;
    match noted {
        Err(failure) => Err(says(&failure.to_string())),
        Ok(Err(error)) => Err(says(&error.line())),
        Ok(Ok(_)) => run(conn, &format!("ANALYZE {table}")).await,
    }
}

/// What the actor number `n` saw, as distinct values of the columns `key`.
///
/// # Errors
/// [`Error::Environment`] where the keys of both sides cannot be compared.
pub async fn sight(key: &[String], conn: &mut PgConnection, n: usize) -> Result<SeenKeys, Error> {
    let keys = key.iter().map(|column| ident(column)).collect::<Vec<_>>().join(", ");
    let texts = key.iter().map(|column| format!("{}::text", ident(column))).collect::<Vec<_>>().join(", ");
    let (before, after) = (format!("{SCHEMA}.before_{n}"), format!("{SCHEMA}.after_{n}"));
    let less = |a: &str, b: &str| format!("SELECT {keys} FROM {a} EXCEPT SELECT {keys} FROM {b}");
    let count = |query: &str| format!("(SELECT pg_catalog.count(*) FROM ({query}) x)");
    let few = |query: &str| {
        format!(
            "coalesce((SELECT pg_catalog.jsonb_agg(key) FROM (SELECT ARRAY[{texts}] AS key FROM ({query}) x ORDER BY 1 LIMIT {SAMPLES}) few), '[]')"
        )
    };
    let distinct = |table: &str| format!("SELECT DISTINCT {keys} FROM {table}");
    let (lost, gained) = (less(&before, &after), less(&after, &before));
    let sql = format!(
        "SELECT pg_catalog.jsonb_build_object('before', {}, 'after', {}, 'lost', {}, 'gained', {}, 'lost_keys', {}, 'gained_keys', {})::text",
        count(&distinct(&before)),
        count(&distinct(&after)),
        count(&lost),
        count(&gained),
        few(&lost),
        few(&gained)
    );
    json(conn, &sql).await
}
