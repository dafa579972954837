//! The catalogs of a clone, asked only for what was not read of the same state before.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

use crate::Error;
use crate::catalog::CatalogSource;
use crate::instance::QueryCache;
use crate::provision::Provision;

/// Answers of earlier runs, and a session of the witness role's for the others.
#[derive(Debug)]
pub struct CachedCatalog {
    options: PgConnectOptions,
    conn: Option<PgConnection>,
    answers: QueryCache,
}

impl Provision {
    /// Who answers for the clone `database`, where nothing but the state that it was cloned in was ever committed.
    #[must_use]
    pub fn asked(&self, database: &str) -> CachedCatalog {
        CachedCatalog { options: self.witness_options(database), conn: None, answers: self.instance.answers() }
    }

    /// Ends what was asked; what is new of it is kept for later runs. Where it cannot be, they ask again.
    pub async fn keep(&self, asked: CachedCatalog) {
        if let Some(conn) = asked.conn {
            drop(conn.close().await);
        }
        self.instance.keep(&asked.answers);
    }
}

impl CachedCatalog {
    /// The session.
    ///
    /// # Errors
    /// [`Error::Environment`] where there is none to be had.
    pub async fn session(&mut self) -> Result<&mut PgConnection, Error> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.connect().await.map_err(|error| {
                Error::environment(format!("the catalogs could not be read: {error}"), "look at the server's log")
            })?,
        };
        Ok(self.conn.insert(conn))
    }

    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let mut conn = self.options.connect().await?;
        tracing::debug!(role = self.options.get_username(), database = self.options.get_database(), "connected");
        // Whatever the chain sets for the database or the role.
        conn.execute("SET search_path = pg_catalog").await?;
        Ok(conn)
    }
}

impl CatalogSource for CachedCatalog {
    async fn answer(&mut self, sql: &str) -> Result<String, Error> {
        if let Some(known) = self.answers.get(sql) {
            return Ok(known.to_owned());
        }
        let text = self.session().await?.answer(sql).await?;
        self.answers.add(sql, &text);
        Ok(text)
    }
}
