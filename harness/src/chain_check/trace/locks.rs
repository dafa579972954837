//! Table locks of a script, statement by statement, for as long as its transaction stands open.
//!
//! Locks on tables are kept to the end of the transaction (PostgreSQL docs, "Table-Level Locks"): a second session sees in
//! `pg_locks`, after each statement, what it took and what is still held.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;

use super::{Scope, failed};
use crate::Error;
use crate::catalog::QName;
use crate::chain::watch::{Look, Sent, Watch};
use crate::chain_check::observations::Locked;

/// Tables and the like that everybody sees: one that the transaction makes itself locks nobody out.
const RELATIONS: &str = "SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind IN ('r', 'p', 'm') FROM pg_class c \
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f') \
    AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'";
const HELD: &str = "SELECT DISTINCT l.relation::bigint, l.mode FROM pg_locks l \
    WHERE l.pid = $1 AND l.locktype = 'relation' AND l.granted \
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// The mode that readers wait for as well.
pub(in crate::chain_check) const ACCESS_EXCLUSIVE: &str = "AccessExclusiveLock";

/// Notes the locks that statements take.
pub(in crate::chain_check) struct Locks<'a> {
    session: &'a mut PgConnection,
    /// With whether they may hold rows, and are the chain's.
    relations: BTreeMap<i64, (QName, bool, bool)>,
    /// Held now, with the index of the note and since when.
    held: BTreeMap<(i64, String), (usize, Instant)>,
    /// Every lock, in order of statements.
    pub(in crate::chain_check) taken: Vec<Locked>,
    /// How many statements ran outside a transaction: what they locked was free before it could be seen.
    pub(in crate::chain_check) alone: u32,
    /// Why it could not look.
    pub(in crate::chain_check) failure: Option<Error>,
}

impl<'a> Locks<'a> {
    /// Looks on from `session`, a superuser's with `search_path = pg_catalog`.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub(in crate::chain_check) async fn on(session: &'a mut PgConnection, scope: &Scope) -> Result<Self, Error> {
        let rows: Vec<(i64, String, String, bool)> =
            sqlx::query_as(RELATIONS).fetch_all(&mut *session).await.map_err(failed("looking for relations"))?;
        let kept = scope.bookkeeping(session).await?;
        let named = rows.into_iter().map(|(oid, schema, name, stores)| {
            let own = scope.owns(&schema);
            (oid, (QName::new(schema, name), stores, own))
        });
        let relations = named.filter(|(_, (relation, ..))| !kept.contains_key(relation)).collect();
        Ok(Self { session, relations, held: BTreeMap::new(), taken: Vec::new(), alone: 0, failure: None })
    }

    async fn look(&mut self, statement: &Sent<'_>, elapsed: Duration) -> Result<(), Error> {
        let now = Instant::now();
        let rows: Vec<(i64, String)> = sqlx::query_as(HELD)
            .bind(statement.pid)
            .fetch_all(&mut *self.session)
            .await
            .map_err(failed("reading locks"))?;
        let mut held = BTreeMap::new();
        for (oid, mode) in rows {
            let Some((relation, stores, own)) = self.relations.get(&oid) else { continue };
            let key = (oid, mode);
            if let Some((note, since)) = self.held.remove(&key) {
                if let Some(lock) = self.taken.get_mut(note) {
                    lock.further += 1;
                    lock.held_for = since.elapsed();
                }
                held.insert(key, (note, since));
            } else {
                let since = now.checked_sub(elapsed).unwrap_or(now);
                let (relation, stores, own, mode) = (relation.clone(), *stores, *own, key.1.clone());
                let at = super::place(statement);
                self.taken.push(Locked { relation, stores, own, mode, at, further: 0, held_for: elapsed });
                held.insert(key, (self.taken.len() - 1, since));
            }
        }
        self.held = held;
        Ok(())
    }
}

impl Watch for Locks<'_> {
    fn before<'a>(&'a mut self, _: Sent<'a>) -> Look<'a> {
        Box::pin(std::future::ready(()))
    }

    fn after<'a>(&'a mut self, statement: Sent<'a>, elapsed: Duration) -> Look<'a> {
        Box::pin(async move {
            if !statement.open {
                // What was locked is free again.
                self.held.clear();
                self.alone += 1;
                return;
            }
            if self.failure.is_none() {
                self.failure = self.look(&statement, elapsed).await.err();
            }
        })
    }
}
