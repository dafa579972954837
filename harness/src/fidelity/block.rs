//! A fidelity block on its server: what is kept before the revision, one clean run of it, and what every other run must
//! come to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnection;
use tokio::sync::OnceCell;

use super::columns;
use super::contents::{self, Contents};
use super::digest::{Digest, digest, target_digest};
use super::mapping::Mapping;
use crate::Error;
use crate::catalog::QName;
use crate::chain::apply::AppliedRevision;
use crate::chain::script::TransactionMode;
use crate::fidelity::fixture::{Fixture, Sandbox, close, error_text};
use crate::fidelity::scratch;
use crate::fidelity::visibility::{self, KeyRecorder, Viewer};
use crate::sql::quote::ident;
use crate::suite::resolved::Name;
use crate::suite::resolved_fidelity::{Fidelity, Side};

/// A block, and what its checks share.
#[derive(Debug)]
pub struct Block {
    /// As the suite has it.
    pub spec: Fidelity,
    /// The revision and its server.
    pub fixture: Arc<Fixture>,
    /// Who looks, where visibility is asked for.
    pub seers: Vec<Viewer>,
    /// Per statement of an actor.
    pub timeout: Duration,
    /// Whether reports may hold values.
    pub values: bool,
    /// The schema of names that have none.
    pub schema: String,
    clean: OnceCell<Result<Clean, String>>,
    wanted: OnceCell<Result<Wanted, String>>,
}

/// One run of the revision, alone and to its end.
#[derive(Debug)]
pub struct Clean {
    database: String,
    /// What a program printed; `None` where the revision is no program.
    pub output: Option<String>,
    /// How long it took.
    pub elapsed: Duration,
    /// Digests of what must be untouched, before and after.
    pub untouched: BTreeMap<Name, Result<[Digest; 2], String>>,
    /// Why an actor's rows could not be noted, by actor.
    pub unseen: BTreeMap<String, String>,
}

/// What every run must come to, however often it was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Of the target's rows; the sum is empty where two clean runs differ in it.
    pub target: Digest,
    /// Of each table of the chain's, what two clean runs have in common.
    pub tables: Contents,
}

impl Wanted {
    /// What `got` has that this has not, in words; nothing where they agree.
    #[must_use]
    pub fn differences(&self, got: &Self) -> Vec<String> {
        let mut found = Vec::new();
        if self.target.rows != got.target.rows {
            found.push(format!("{} rows on the target instead of {}", got.target.rows, self.target.rows));
        } else if !self.target.sum.is_empty() && self.target != got.target {
            found.push("rows of the target differ".to_owned());
        }
        found.extend(contents::differences(&self.tables, &got.tables));
        found
    }
}

impl Block {
    /// A block, nothing of it run.
    #[must_use]
    pub fn new(spec: Fidelity, fixture: Arc<Fixture>, seers: Vec<Viewer>) -> Self {
        let (timeout, values, schema) = (Duration::from_secs(30), false, "public".to_owned());
        Self { spec, fixture, seers, timeout, values, schema, clean: OnceCell::new(), wanted: OnceCell::new() }
    }

    /// The mapping as the suite has it.
    #[must_use]
    pub fn as_written(&self) -> Mapping {
        Mapping::of(&self.spec)
    }

    /// The mapping after the revision, in a clone in which [`Block::keep`] was called before it.
    #[must_use]
    pub fn mapping(&self) -> Mapping {
        let query = |side: &Side, name: &str| if side.before { scratch::kept(name) } else { side.sql.clone() };
        Mapping {
            source: query(&self.spec.source, "source"),
            target: query(&self.spec.target, "target"),
            ..self.as_written()
        }
    }

    /// Keeps aside what is read before the revision.
    ///
    /// # Errors
    /// [`Error::Environment`] with what the server said.
    pub async fn keep(&self, conn: &mut PgConnection) -> Result<(), Error> {
        scratch::begin(conn).await?;
        for (side, name) in [(&self.spec.source, "source"), (&self.spec.target, "target")] {
            if side.before {
                scratch::keep(conn, name, &side.sql).await?;
            }
        }
        Ok(())
    }

    /// The relation that `name` means.
    #[must_use]
    pub fn relation(&self, name: &Name) -> QName {
        QName::new(name.schema.as_deref().unwrap_or(&self.schema), &name.name)
    }

    /// The clean run, made when it is first asked for.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn clean(&self) -> Result<(&Clean, Sandbox<'_>), String> {
        let clean = self.clean.get_or_init(|| async { self.run().await.map_err(error_text) }).await;
        let clean = clean.as_ref().map_err(Clone::clone)?;
        let sandbox = Sandbox::again(&self.fixture, &clean.database).ok_or("the clean run is gone")?;
        Ok((clean, sandbox))
    }

    async fn run(&self) -> Result<Clean, Error> {
        let sandbox = self.fixture.sandbox().await?;
        let mut conn = sandbox.witness().await?;
        self.keep(&mut conn).await?;
        let mut before = BTreeMap::new();
        for name in &self.spec.untouched {
            before.insert(name.clone(), digest(&mut conn, &self.all_of(name)).await.map_err(error_text));
        }
        let mut unseen = visibility::note(self.noting(), &sandbox, &mut conn, visibility::RevisionSide::Before).await?;
        let AppliedRevision { mode, output, elapsed, .. } = sandbox.cross().await?;
        let mut untouched = BTreeMap::new();
        for (name, before) in before {
            let after = digest(&mut conn, &self.all_of(&name)).await.map_err(error_text);
            let both = before.and_then(|before| after.map(|after| [before, after]));
            untouched.insert(name, both);
        }
        unseen.extend(visibility::note(self.noting(), &sandbox, &mut conn, visibility::RevisionSide::After).await?);
        close(conn).await;
        let output = (mode == TransactionMode::OfProgram).then_some(output);
        Ok(Clean { database: sandbox.of(), output, elapsed, untouched, unseen })
    }

    fn noting(&self) -> KeyRecorder<'_> {
        KeyRecorder { seers: &self.seers, key: &self.spec.key, timeout: self.timeout, values: self.values }
    }

    fn all_of(&self, name: &Name) -> String {
        let QName { schema, name } = self.relation(name);
        format!("SELECT * FROM {}.{}", ident(&schema), ident(&name))
    }

    /// What every run must come to: what the clean one and another of its kind came to.
    ///
    /// # Errors
    /// Why there is no clean run, or that two do not come to as many rows.
    pub async fn wanted(&self) -> Result<&Wanted, String> {
        let made = self.wanted.get_or_init(|| async {
            let (_, sandbox) = self.clean().await?;
            let Wanted { mut target, tables } = self.came_to(&sandbox).await.map_err(error_text)?;
            let again = self.run_again().await.map_err(error_text)?;
            if target != again.target {
                target.sum.clear();
            }
            Ok(Wanted { target, tables: contents::common(tables, &again.tables)? })
        });
        made.await.as_ref().map_err(Clone::clone)
    }

    async fn run_again(&self) -> Result<Wanted, Error> {
        let sandbox = self.fixture.sandbox().await?;
        let mut conn = sandbox.witness().await?;
        self.keep(&mut conn).await?;
        contents::advance_sequences(&mut conn, sandbox.schemas()).await?;
        close(conn).await;
        sandbox.cross().await?;
        let wanted = self.came_to(&sandbox).await?;
        sandbox.leave().await?;
        Ok(wanted)
    }

    /// What a run in `sandbox` came to.
    ///
    /// # Errors
    /// [`Error::Environment`] with what the server said.
    pub async fn came_to(&self, sandbox: &Sandbox<'_>) -> Result<Wanted, Error> {
        let mut conn = sandbox.witness().await?;
        let mapping = self.mapping();
        let columns = columns::describe(&mut conn, &mapping).await?;
        let target = target_digest(&mut conn, &mapping, &columns).await?;
        let tables = sandbox.tables(&mut conn).await?;
        let tables = contents::read(&mut conn, &tables).await?;
        close(conn).await;
        Ok(Wanted { target, tables })
    }

    /// The tables that the clean run wrote rows of and that were there before it, with how many it wrote.
    ///
    /// # Errors
    /// [`Error::Environment`] with what the server said, or where there are none.
    pub async fn written(&self) -> Result<BTreeMap<QName, u64>, String> {
        let (_, clean) = self.clean().await?;
        let mut conn = clean.witness().await.map_err(error_text)?;
        let mut written = BTreeMap::new();
        // Counters come when the session that wrote has ended (PostgreSQL docs, "The Cumulative Statistics System").
        for _ in 0..30 {
            written = counters(&mut conn).await.map_err(error_text)?;
            if !written.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let tables = clean.tables(&mut conn).await.map_err(error_text)?;
        written.retain(|table, _| tables.contains(table));
        close(conn).await;
        Ok(written)
    }

    /// The tables of [`Block::written`].
    ///
    /// # Errors
    /// As there.
    pub async fn written_tables(&self) -> Result<Vec<QName>, String> {
        Ok(self.written().await?.into_keys().collect())
    }
}

/// The tables that anybody wrote rows of since the database is there, and how many.
async fn counters(conn: &mut PgConnection) -> Result<BTreeMap<QName, u64>, Error> {
    let found: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT schemaname::text, relname::text, n_tup_ins + n_tup_upd + n_tup_del FROM pg_catalog.pg_stat_user_tables \
         WHERE n_tup_ins + n_tup_upd + n_tup_del > 0",
    )
    .fetch_all(conn)
    .await
    .map_err(|error| crate::fidelity::fixture::refused(&error))?;
    let table = |(schema, name, rows)| (QName { schema, name }, u64::try_from(rows).unwrap_or_default());
    Ok(found.into_iter().map(table).collect())
}
