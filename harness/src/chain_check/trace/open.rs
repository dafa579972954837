//! Tables that somebody other than their owner reaches, and that no row security holds.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::postgres::PgConnection;

use super::{Scope, failed};
use crate::Error;
use crate::catalog::QName;
use crate::chain::watch::{Look, Sent, Watch};
use crate::suite::resolved::Location;

/// Tables without row security, with the privileges on them, or on columns of theirs, of others than the owner. Whoever
/// bypasses row security is not held by it anywhere; MAINTAIN reaches no row; without USAGE on the schema a privilege is
/// worth nothing. A default privilege shows as the grant that it became.
const OPEN: &str = "SELECT n.nspname::text, c.relname::text, string_agg(DISTINCT g.words, ', ' ORDER BY g.words) \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL ( \
        SELECT lower(a.privilege_type) || ' to ' || coalesce(r.rolname, 'PUBLIC') AS words, a.grantee, a.privilege_type, r \
        FROM (SELECT e.grantee, e.privilege_type FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) e \
            UNION SELECT e.grantee, e.privilege_type FROM pg_attribute t, aclexplode(t.attacl) e \
            WHERE t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped) a \
        LEFT JOIN pg_roles r ON r.oid = a.grantee \
        WHERE a.grantee <> c.relowner AND a.privilege_type <> 'MAINTAIN' AND (a.grantee = 0 OR NOT (r.rolsuper OR r.rolbypassrls)) \
        AND CASE WHEN a.grantee = 0 THEN has_schema_privilege('public', n.oid, 'USAGE') \
            ELSE has_schema_privilege(a.grantee, n.oid, 'USAGE') END) g \
    WHERE c.relkind IN ('r', 'p') AND NOT c.relrowsecurity AND n.nspname = ANY($1) \
    GROUP BY 1, 2";

/// Open tables, each with who may do what.
pub(in crate::chain_check) type Open = BTreeMap<QName, String>;

/// The chain's tables that are open now. `session` is a superuser's with `search_path = pg_catalog`.
///
/// # Errors
/// The catalog cannot be read.
pub(in crate::chain_check) async fn tables(session: &mut PgConnection, scope: &Scope) -> Result<Open, Error> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(OPEN)
        .bind(&scope.schemas)
        .fetch_all(session)
        .await
        .map_err(failed("looking for open tables"))?;
    let named = rows.into_iter().map(|(schema, name, grants)| (QName::new(schema, name), grants));
    Ok(named.filter(|(table, _)| !scope.bookkeeping.contains(table)).collect())
}

/// Looks after every commit in the middle of a script.
pub(in crate::chain_check) struct AtCommits<'a> {
    session: &'a mut PgConnection,
    scope: &'a Scope,
    /// What was open at some commit, from the first statement after which it was.
    pub(in crate::chain_check) open: BTreeMap<QName, (String, Location)>,
    /// Why it could not look.
    pub(in crate::chain_check) trouble: Option<Error>,
}

impl<'a> AtCommits<'a> {
    pub(in crate::chain_check) const fn new(session: &'a mut PgConnection, scope: &'a Scope) -> Self {
        Self { session, scope, open: BTreeMap::new(), trouble: None }
    }
}

impl Watch for AtCommits<'_> {
    fn before<'a>(&'a mut self, _: Sent<'a>) -> Look<'a> {
        Box::pin(std::future::ready(()))
    }

    fn after<'a>(&'a mut self, statement: Sent<'a>, _: Duration) -> Look<'a> {
        Box::pin(async move {
            // What is not committed is seen by nobody.
            if statement.open || self.trouble.is_some() {
                return;
            }
            match tables(self.session, self.scope).await {
                Ok(open) => {
                    for (table, grants) in open {
                        self.open.entry(table).or_insert_with(|| (grants, super::place(&statement)));
                    }
                }
                Err(error) => self.trouble = Some(error),
            }
        })
    }
}
