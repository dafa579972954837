//! Being a guest on a server that is not the run's own: no role there is created unasked, none is changed, and the
//! record says which were made.
//!
//! What a prelude does to roles is learnt by running it in a transaction that is rolled back: CREATE ROLE is
//! transactional, and what only that transaction sees is its work, whatever others do at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::Error;
use crate::chain::connect::open_superuser;
use crate::chain::prelude::Prelude;
use crate::chain::{Chain, Script};
use crate::instance::{Instance, SharedSession};
use crate::provision::attributes::{Attributes, wanted};
use crate::sql::quote::{ident, literal};
use crate::text::printable;

/// The roles that are there, without the server's own and the harness's.
const ROLES: &str = "SELECT r.rolname::text, \
    ARRAY[r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication, r.rolbypassrls], \
    coalesce(r.rolconfig, '{}'), \
    ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid \
        WHERE m.member = r.oid AND g.rolname !~ '^rlsgate_([0-9a-z]+_)*(probe|witness|public)$' ORDER BY 1) \
    FROM pg_roles r WHERE r.rolname NOT LIKE 'pg\\_%' AND r.rolname !~ '^rlsgate_([0-9a-z]+_)*(probe|witness|public)$'";

/// One run at a time creates roles on a server, or looks which are there: another would take those of the first for the
/// server's. Locks on shared catalogs hold in every database; this mode keeps nobody else from creating roles.
const LOCK: &str = "SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '10min'; \
    BEGIN; LOCK TABLE pg_authid IN SHARE UPDATE EXCLUSIVE MODE";

/// What is written of roles in a log of the server must not hold a password.
pub(crate) const UNLOGGED: &str =
    "SET log_statement = 'none'; SET log_min_duration_statement = -1; SET log_min_error_statement = 'panic'";

/// The run's stay on the server; other runs that create roles wait until it is dropped.
#[derive(Debug)]
pub(crate) struct RoleGuard {
    lock: Arc<SharedSession>,
    before: BTreeMap<String, ServerRole>,
    made: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ServerRole {
    attributes: Attributes,
    settings: Vec<String>,
    member_of: Vec<String>,
}

impl RoleGuard {
    /// Waits for other runs, and looks which roles are there. Stages of one run do not wait for each other: what the first
    /// made is there for the others.
    pub(crate) async fn enter(instance: &Instance) -> Result<Self, Error> {
        let lock = instance.shared_session(alone(instance)).await?;
        let before = roles(&mut *lock.lock().await).await?;
        Ok(Self { lock, before, made: Vec::new() })
    }

    /// Creates the roles that preludes and owner of `chain` need and the server lacks. `database` is the run's, empty.
    ///
    /// # Errors
    /// [`Error::Environment`] where roles are lacking and may not be created, or would be changed, or are others than wanted.
    pub(crate) async fn before_chain(
        &mut self,
        instance: &Instance,
        database: &str,
        chain: &Chain,
    ) -> Result<(), Error> {
        let mut lacking: BTreeMap<String, Option<Attributes>> = BTreeMap::new();
        for prelude in &chain.preludes {
            let Some(script) = &prelude.script else { continue };
            let known = wanted(prelude, &script.source);
            self.compare(prelude, &known)?;
            for name in self.rehearse(instance, database, prelude, script).await? {
                let attributes = known.get(&name).copied();
                lacking.insert(name, attributes);
            }
        }
        let owner = chain.owner();
        if !self.before.contains_key(owner) && lacking.get(owner).is_none_or(Option::is_none) {
            // Up to 15, CREATEROLE would reach roles that run programs on the server.
            let attributes = if instance.facts().major >= 16 { "login createrole" } else { "login" };
            lacking.insert(owner.to_owned(), Some(Attributes::of_words(attributes)));
        }
        if lacking.is_empty() {
            return Ok(());
        }
        if !instance.may_create_roles() {
            let names: Vec<&str> = lacking.keys().map(String::as_str).collect();
            return Err(Error::environment(
                format!("the server lacks {}, which chain {} stands on", list(&names), chain.dir.display()),
                "create them, or allow the harness to with --create-roles: it drops them after",
            ));
        }
        let mut session = open_superuser(instance, database).await?;
        session.execute(UNLOGGED).await.map_err(failed)?;
        for (name, attributes) in lacking {
            match attributes {
                Some(attributes) => create(&mut session, instance, &name, attributes).await?,
                // The prelude itself will, with what it wants of it.
                None => instance.track_role(&name),
            }
            let superuser = attributes.is_some_and(Attributes::superuser);
            self.made.push(if superuser { format!("{name} (superuser)") } else { name });
        }
        session.close().await.map_err(failed)
    }

    /// Sees to the roles that the chain created, which its owner administers (from PostgreSQL 16 on; before, an owner
    /// that could create roles is not let near a server of others).
    ///
    /// # Errors
    /// [`Error::Environment`] where it created roles and may not, or changed roles that were there.
    pub(crate) async fn after_chain(&mut self, instance: &Instance, chain: &Chain) -> Result<(), Error> {
        let after = roles(&mut *self.lock.lock().await).await?;
        let own: BTreeSet<String> = sqlx::query_scalar(
            "SELECT r.rolname::text FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid \
             JOIN pg_roles o ON o.oid = m.member WHERE o.rolname = $1 AND m.admin_option",
        )
        .bind(chain.owner())
        .fetch_all(&mut *self.lock.lock().await)
        .await
        .map_err(failed)?
        .into_iter()
        .collect();
        let there = |name: &String| self.before.contains_key(name) || self.made.iter().any(|made| made == name);
        let new: Vec<String> = after.keys().filter(|name| own.contains(*name) && !there(name)).cloned().collect();
        for name in &new {
            instance.track_role(name);
        }
        self.made.extend(new.iter().cloned());
        if !new.is_empty() && !instance.may_create_roles() {
            let names: Vec<&str> = new.iter().map(String::as_str).collect();
            return Err(Error::environment(
                format!("chain {} creates {} on a server that is not its own", chain.dir.display(), list(&names)),
                "they are dropped again; allow them with --create-roles",
            ));
        }
        self.unchanged(&after, &format!("chain {}", chain.dir.display()), "changed")
    }

    /// The roles that were created, for the record.
    pub(crate) fn made(&self) -> &[String] {
        &self.made
    }

    /// Runs the prelude for what it does to roles, and takes everything back. Returns the roles that it would create.
    async fn rehearse(
        &mut self,
        instance: &Instance,
        database: &str,
        prelude: &Prelude,
        script: &Script,
    ) -> Result<Vec<String>, Error> {
        if script.statements.iter().any(|statement| statement.kind.rules_its_own_transaction()) {
            return Err(Error::environment(
                format!(
                    "prelude {} has transactions of its own: what it does to roles cannot be rehearsed",
                    prelude.name
                ),
                "take BEGIN and COMMIT out of it, or use a server of the harness's own",
            ));
        }
        let options = instance.connect_options(instance.superuser(), database);
        let mut session = PgConnection::connect_with(&options).await.map_err(failed)?;
        session.execute("BEGIN").await.map_err(failed)?;
        for statement in &script.statements {
            let sent = session.execute(sqlx::raw_sql(AssertSqlSafe(script.text(statement).to_owned()))).await;
            if sent.is_err() {
                // The run of it in earnest tells the place and the reason, and nothing of it stays.
                return Ok(Vec::new());
            }
        }
        let within = roles(&mut session).await?;
        session.execute("ROLLBACK").await.map_err(failed)?;
        session.close().await.map_err(failed)?;
        self.unchanged(&within, &format!("prelude {}", prelude.name), "would change")?;
        let outside = roles(&mut *self.lock.lock().await).await?;
        Ok(within.into_keys().filter(|name| !outside.contains_key(name)).collect())
    }

    /// Whether the roles that were there are as they were, but for membership in roles that go away again.
    fn unchanged(&self, now: &BTreeMap<String, ServerRole>, who: &str, what: &str) -> Result<(), Error> {
        for (name, before) in &self.before {
            let Some(now) = now.get(name) else { continue };
            let lasting = |role: &ServerRole| -> Vec<String> {
                let stays = |group: &&String| self.before.contains_key(*group) || group.starts_with("pg_");
                role.member_of.iter().filter(stays).cloned().collect()
            };
            let (was, is) = (lasting(before), lasting(now));
            let difference = if before.attributes != now.attributes {
                before.attributes.difference(now.attributes).unwrap_or_default()
            } else if was != is {
                format!("member of [{}], then of [{}]", was.join(", "), is.join(", "))
            } else if before.settings != now.settings {
                format!("settings [{}], then [{}]", before.settings.join(", "), now.settings.join(", "))
            } else {
                continue;
            };
            return Err(Error::environment(
                format!("{who} {what} role {}, which is not the run's: {}", printable(name), printable(&difference)),
                "bring the role of the server into that state before, or use a server of the harness's own",
            ));
        }
        Ok(())
    }

    /// Whether the roles that are there are as the prelude wants them.
    fn compare(&self, prelude: &Prelude, wanted: &BTreeMap<String, Attributes>) -> Result<(), Error> {
        for (name, attributes) in wanted {
            let difference = self.before.get(name).and_then(|role| role.attributes.difference(*attributes));
            if let Some(difference) = difference {
                return Err(Error::environment(
                    format!(
                        "role {} of the server is not as prelude {} wants it: {difference}",
                        printable(name),
                        prelude.name
                    ),
                    "alter the role, or use a server of the harness's own",
                ));
            }
        }
        Ok(())
    }
}

/// A session that keeps other runs from creating roles for as long as it is open.
async fn alone(instance: &Instance) -> Result<PgConnection, Error> {
    let mut lock = open_superuser(instance, instance.maintenance_database()).await?;
    let superuser: bool = sqlx::query_scalar("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        .fetch_one(&mut lock)
        .await
        .map_err(failed)?;
    if !superuser {
        return Err(Error::environment(
            format!("role {} of --url is no superuser", printable(instance.superuser())),
            "databases and roles with BYPASSRLS are made: connect as a superuser, or use --provider local or docker",
        ));
    }
    lock.execute(sqlx::raw_sql(LOCK)).await.map_err(|error| {
        Error::environment(
            format!("waited for another run on the server of --url: {error}"),
            "one run at a time creates roles on a server; run it when that one has ended",
        )
    })?;
    Ok(lock)
}

/// Creates a role that is dropped at the end. It is noted before it can be there for others, and not before it is known
/// to be ours.
async fn create(
    session: &mut PgConnection,
    instance: &Instance,
    name: &str,
    attributes: Attributes,
) -> Result<(), Error> {
    let password = instance.role_password().map(|word| format!(" PASSWORD {}", literal(word))).unwrap_or_default();
    let sql = format!("CREATE ROLE {} {attributes}{password}", ident(name));
    let mut transaction = session.begin().await.map_err(failed)?;
    transaction.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map_err(failed)?;
    instance.track_role(name);
    transaction.commit().await.map_err(failed)
}

/// A role as its query answers: name, attributes, memberships, settings.
type RoleRow = (String, Vec<bool>, Vec<String>, Vec<String>);

async fn roles(session: &mut PgConnection) -> Result<BTreeMap<String, ServerRole>, Error> {
    let rows: Vec<RoleRow> = sqlx::query_as(ROLES).fetch_all(session).await.map_err(failed)?;
    let role = |(name, flags, settings, member_of): (String, Vec<bool>, Vec<String>, Vec<String>)| {
        (name, ServerRole { attributes: Attributes::of_flags(&flags), settings, member_of })
    };
    Ok(rows.into_iter().map(role).collect())
}

fn list(names: &[&str]) -> String {
    let word = if names.len() == 1 { "role" } else { "roles" };
    format!("{word} {}", printable(&names.join(", ")))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn failed(error: sqlx::Error) -> Error {
    Error::environment(
        format!("cannot inspect roles on the --url server: {}", printable(&error.to_string())),
        "see the log of that server",
    )
}
