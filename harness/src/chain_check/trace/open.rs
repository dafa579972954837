//! Tables that somebody other than their owner reaches, and that no row security holds.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sqlx::postgres::PgConnection;

use super::{Scope, failed};
use crate::Error;
use crate::catalog::QName;
use crate::chain::watch::{Look, Sent, Watch};
use crate::chain_check::observations::{Open, Opened};
use crate::suite::resolved::Location;

/// Each privilege on a relation without row security, or on a column of it, that another than the owner holds; materialized
/// views and foreign tables cannot have row security. Whoever bypasses row security is not held by it anywhere, which is
/// told; MAINTAIN reaches no row; without USAGE on the schema a privilege is worth nothing. A default privilege shows as the grant that it
/// became. What the platform had is its own, unless chain.toml names the schema.
const OPEN: &str = "SELECT n.nspname::text, c.relname::text, lower(a.privilege_type) || ' to ' || coalesce(r.rolname, 'PUBLIC'), \
    coalesce(r.rolbypassrls, false) \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL ( \
        SELECT e.grantee, e.privilege_type FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) e \
        UNION SELECT e.grantee, e.privilege_type FROM pg_attribute t, aclexplode(t.attacl) e \
        WHERE t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped) a \
    LEFT JOIN pg_roles r ON r.oid = a.grantee \
    WHERE a.grantee <> c.relowner AND a.privilege_type <> 'MAINTAIN' AND NOT coalesce(r.rolsuper, false) \
    AND CASE WHEN a.grantee = 0 THEN has_schema_privilege('public', n.oid, 'USAGE') \
        ELSE has_schema_privilege(a.grantee, n.oid, 'USAGE') END \
    AND c.relkind IN ('r', 'p', 'm', 'f') AND NOT c.relrowsecurity AND (n.nspname = ANY ($1) OR n.nspname <> ALL ($2)) \
    AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'";

/// The chain's tables that are open now. `session` is a superuser's with `search_path = pg_catalog`.
///
/// # Errors
/// The catalog cannot be read.
pub(in crate::chain_check) async fn tables(session: &mut PgConnection, scope: &Scope) -> Result<Open, Error> {
    let rows: Vec<(String, String, String, bool)> = sqlx::query_as(OPEN)
        .bind(&scope.schemas)
        .bind(&scope.platform)
        .fetch_all(&mut *session)
        .await
        .map_err(failed("looking for open tables"))?;
    let kept = scope.bookkeeping(session).await?;
    let named = rows.into_iter().map(|(schema, name, words, bypasses)| (QName::new(schema, name), words, bypasses));
    Ok(named.filter(|(table, ..)| !kept.contains_key(table)).collect())
}

/// Looks after every commit in the middle of a script.
pub(in crate::chain_check) struct AtCommits<'a> {
    session: &'a mut PgConnection,
    scope: &'a Scope,
    /// What was open at some commit, from the first statement after which it was.
    between: BTreeMap<(QName, String, bool), Location>,
    /// Why it could not look.
    failure: Option<Error>,
}

impl<'a> AtCommits<'a> {
    pub(in crate::chain_check) const fn new(session: &'a mut PgConnection, scope: &'a Scope) -> Self {
        Self { session, scope, between: BTreeMap::new(), failure: None }
    }

    /// What came to be open that was not `before`, also where it was closed again by now.
    ///
    /// # Errors
    /// The catalog cannot be read, now or when it looked.
    pub(in crate::chain_check) async fn opened(self, before: &Open) -> Result<Vec<Opened>, Error> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let now = tables(self.session, self.scope).await?;
        let mut found: Vec<Opened> = Vec::new();
        for open in now.iter().chain(self.between.keys()).collect::<BTreeSet<_>>().difference(&before.iter().collect())
        {
            let (table, words, bypasses) = (*open).clone();
            let (after, closed_again) = (self.between.get(*open).cloned(), !now.contains(*open));
            let opened = Opened { table, grants: words, bypasses, after, closed_again };
            match found.iter_mut().find(|other| other.is_beside(&opened)) {
                Some(other) => other.grants.extend([", ", &opened.grants]),
                None => found.push(opened),
            }
        }
        Ok(found)
    }
}

impl Watch for AtCommits<'_> {
    fn before<'a>(&'a mut self, _: Sent<'a>) -> Look<'a> {
        Box::pin(std::future::ready(()))
    }

    fn after<'a>(&'a mut self, statement: Sent<'a>, _: Duration) -> Look<'a> {
        Box::pin(async move {
            // What is not committed is seen by nobody.
            if statement.open || self.failure.is_some() {
                return;
            }
            match tables(self.session, self.scope).await {
                Ok(open) => {
                    for open in open {
                        self.between.entry(open).or_insert_with(|| super::place(&statement));
                    }
                }
                Err(error) => self.failure = Some(error),
            }
        })
    }
}
