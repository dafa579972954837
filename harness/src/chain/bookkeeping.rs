//! The tables in which a chain's tool keeps its own account: there for the chain, and no matter of the contract.

use sqlx::{AssertSqlSafe, Connection};

use super::Chain;
use super::connect::{Connect, open, refused};
use crate::Error;
use crate::catalog::{Catalog, QName, Relation};

impl Chain {
    /// Where the tables may be. They are left out of the closed world, unless a suite names them.
    #[must_use]
    pub fn bookkeeping(&self) -> Vec<QName> {
        let mut tables = Vec::new();
        let own = self.manifest.alembic.as_ref().and_then(|alembic| alembic.version_table.as_deref());
        for name in self.layout.bookkeeping.iter().copied().chain(own) {
            match name.split_once('.') {
                Some((schema, name)) => tables.push(QName::new(schema, name)),
                // Of a schema that the chain itself makes, the tool cannot have been told.
                None => tables.extend(self.schemas().chain(["public"]).map(|schema| QName::new(schema, name))),
            }
        }
        tables
    }

    /// The same, and the table of Alembic's by its one column, whatever the project calls it.
    #[must_use]
    pub fn bookkeeping_in(&self, catalog: &Catalog) -> Vec<QName> {
        let mut tables = self.bookkeeping();
        if self.project.is_some() {
            let is_account =
                |relation: &&Relation| matches!(relation.columns.as_slice(), [one] if one.name == "version_num");
            tables.extend(catalog.relations.values().filter(is_account).map(|relation| relation.name.clone()));
        }
        tables
    }

    /// Whether a revision speaks of one of them, as chains do that put row security on every table.
    fn names_bookkeeping(&self) -> bool {
        let names = || self.layout.bookkeeping.iter().map(|name| name.rsplit('.').next().unwrap_or(name));
        self.revisions.iter().any(|revision| names().any(|name| revision.up.source().contains(name)))
    }
}

/// Makes the tables, empty, as the owner and before the first revision, where a revision names one: its tool would have
/// made them by then.
pub(super) async fn lay(chain: &Chain, server: &dyn Connect, database: &str) -> Result<(), Error> {
    if chain.layout.bookkeeping_sql.is_empty() || !chain.names_bookkeeping() {
        return Ok(());
    }
    let doing = format!("making the tables of layout {}", chain.layout.name);
    let mut session = open(server, chain.owner(), database, &chain.search_path()).await?;
    let made = sqlx::raw_sql(AssertSqlSafe(chain.layout.bookkeeping_sql)).execute(&mut session).await;
    made.map_err(refused(&doing))?;
    session.close().await.map_err(refused(&doing))
}
