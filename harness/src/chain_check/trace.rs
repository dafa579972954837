//! Looking on from a second session, a superuser's that sends only text of the harness: what statements lock, and which
//! tables stand open.

pub(super) mod locks;
pub(super) mod open;
pub(super) mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sqlx::postgres::PgConnection;
use tokio::sync::Mutex;

use crate::Error;
use crate::catalog::QName;
use crate::catalog::fingerprint::{Fingerprint, Follower};
use crate::chain::Chain;
use crate::chain::watch::Sent;
use crate::suite::resolved::Location;

/// What of a database is the chain's, and not its tool's or its platform's.
#[derive(Debug)]
pub(super) struct Scope {
    /// The schemas that chain.toml names.
    schemas: Vec<String>,
    /// Those that were there before the first revision.
    platform: Vec<String>,
    /// Where the tool may keep its account.
    bookkeeping: (Vec<String>, Vec<String>),
    /// Whether the tool chooses the name of its table.
    by_shape: bool,
    /// Reads the catalog, and knows what it has read.
    follower: Mutex<Follower>,
}

/// The tables of the tool, with their names in a fingerprint. Alembic's is known by its one column, whatever the project
/// calls it (Alembic docs, "EnvironmentContext.configure", `version_table`).
const BOOKKEEPING: &str = "SELECT n.nspname::text, c.relname::text, \
        concat('table ', quote_ident(n.nspname), '.', quote_ident(c.relname)) \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') \
    AND ((n.nspname::text, c.relname::text) IN (SELECT * FROM unnest($1::text[], $2::text[])) \
        OR ($3 AND (SELECT array_agg(a.attname::text) FROM pg_attribute a \
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) = '{version_num}'))";

/// Relations in schemas that neither the platform had nor chain.toml names; those of extensions are theirs.
const UNDECLARED: &str = "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> ALL ($1) \
    AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND NOT EXISTS (SELECT FROM pg_depend e \
        WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')";

const SCHEMAS: &str = "SELECT nspname::text FROM pg_namespace";

impl Scope {
    /// The scope of `chain` in a database that has its platform and none of its revisions. `session` is a superuser's with
    /// `search_path = pg_catalog`.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub(super) async fn of(chain: &Chain, session: &mut PgConnection) -> Result<Self, Error> {
        let schemas = chain.schemas().map(str::to_owned).collect();
        let platform = sqlx::query_scalar(SCHEMAS).fetch_all(session).await.map_err(failed("reading schemas"))?;
        let bookkeeping = chain.bookkeeping().into_iter().map(|table| (table.schema, table.name)).unzip();
        Ok(Self { schemas, platform, bookkeeping, by_shape: chain.project.is_some(), follower: Mutex::default() })
    }

    /// Whether what is in this schema is the chain's, and not its platform's.
    fn owns(&self, schema: &str) -> bool {
        let is = |one: &String| one == schema;
        self.schemas.iter().any(is) || !self.platform.iter().any(is)
    }

    /// The catalog, without the tables in which the tool keeps its account.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) async fn catalog(&self, session: &mut PgConnection) -> Result<Arc<Fingerprint>, Error> {
        let mut catalog = self.follower.lock().await.read(session).await?;
        for object in self.bookkeeping(session).await?.values() {
            if catalog.facts.contains_key(object.as_str()) {
                Arc::make_mut(&mut catalog).facts.remove(object.as_str());
            }
        }
        Ok(catalog)
    }

    /// The tables in which the tool keeps its account, with their names in a fingerprint.
    ///
    /// # Errors
    /// The catalog cannot be read.
    async fn bookkeeping(&self, session: &mut PgConnection) -> Result<BTreeMap<QName, String>, Error> {
        let (schemas, names) = &self.bookkeeping;
        let rows: Vec<(String, String, String)> = sqlx::query_as(BOOKKEEPING)
            .bind(schemas)
            .bind(names)
            .bind(self.by_shape)
            .fetch_all(session)
            .await
            .map_err(failed("looking for the tool's tables"))?;
        Ok(rows.into_iter().map(|(schema, name, object)| (QName::new(schema, name), object)).collect())
    }

    /// Relations in schemas of the chain's making that chain.toml does not name.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub(super) async fn undeclared(&self, session: &mut PgConnection) -> Result<BTreeSet<QName>, Error> {
        let known: Vec<&String> = self.schemas.iter().chain(&self.platform).collect();
        let rows: Vec<(String, String)> = sqlx::query_as(UNDECLARED)
            .bind(known)
            .fetch_all(&mut *session)
            .await
            .map_err(failed("looking for relations"))?;
        let kept = self.bookkeeping(session).await?;
        let named = rows.into_iter().map(|(schema, name)| QName::new(schema, name));
        Ok(named.filter(|relation| !kept.contains_key(relation)).collect())
    }
}

/// A query of the harness's own went wrong.
fn failed(doing: &str) -> impl Fn(sqlx::Error) -> Error + '_ {
    move |error| Error::environment(format!("{doing}: {error}"), "see the server's log")
}

/// Where the statement stands.
fn place(sent: &Sent<'_>) -> Location {
    let line = sent.script.statements.get(sent.index).map_or(1, |statement| statement.line);
    Location::of_line(&sent.script.path, line)
}
