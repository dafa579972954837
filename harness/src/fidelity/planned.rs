//! Blocks with what only a server could say of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::postgres::PgConnection;

use super::{Block, Fixture, columns};
use crate::actor::{Identity, resolve};
use crate::chain::Chain;
use crate::check::id::id;
use crate::fidelity::fixture::{close, run};
use crate::fidelity::visibility::Viewer;
use crate::instance::{Request, ResultCache};
use crate::sql::placeholders;
use crate::suite::Suite;
use crate::suite::resolved::Location;
use crate::suite::resolved_fidelity::Fidelity;
use crate::world::World;
use crate::{Error, provision};

/// A block with what only a server could say of it.
#[derive(Debug)]
pub struct PlannedBlock {
    /// The block.
    pub block: Arc<Block>,
    /// The compared columns.
    pub values: Vec<String>,
    /// Whether the revision must be able to run twice.
    pub rerun: bool,
    /// Whether it must leave nothing where it is stopped.
    pub whole: bool,
}

/// Where planning reads what only a server can say of a block: a witness session on the state of the suite, opened for the
/// first question that no earlier run has asked.
pub struct PlanningServer<'a> {
    /// The catalogs of the state.
    pub asked: &'a mut provision::CachedCatalog,
    /// What a session of a check begins with.
    pub preparation: &'a str,
    /// What earlier runs found out.
    pub kept: Option<&'a ResultCache>,
}

impl PlanningServer<'_> {
    async fn session(&mut self) -> Result<&mut PgConnection, Error> {
        let conn = self.asked.session().await?;
        run(conn, self.preparation).await?;
        Ok(conn)
    }
}

/// Reads what planning must know of the blocks.
///
/// # Errors
/// [`Error::Usage`] where the chain lacks a revision that a block names, or a query does not return the columns of its key.
pub async fn read(
    world: &World,
    chain: &Arc<Chain>,
    request: &Request,
    mut server: PlanningServer<'_>,
) -> Result<Vec<PlannedBlock>, Error> {
    let mut fixtures: BTreeMap<&str, Arc<Fixture>> = BTreeMap::new();
    let mut planned = Vec::new();
    for spec in &world.suite.fidelity {
        let fixture = match fixtures.get(spec.across.as_str()) {
            Some(fixture) => fixture.clone(),
            None => {
                let new = Fixture::new(&world.suite, chain.clone(), &world.schemas, &spec.across, request);
                let new = Arc::new(new.map_err(|error| at(spec, error))?);
                fixtures.insert(&spec.across, new.clone());
                new
            }
        };
        let values = values(&world.suite, spec, &fixture, &mut server).await.map_err(|error| at(spec, error))?;
        let revision = chain.revisions.iter().find(|revision| revision.id == spec.across);
        let says = |setting: Option<Option<bool>>| setting.flatten() == Some(true);
        let idempotent = says(revision.map(|revision| revision.settings.idempotent));
        let whole = says(revision.map(|revision| revision.settings.transactional));
        let rerun = spec.behaviour.rerun.unwrap_or(idempotent);
        let mut block = Block::new(spec.clone(), fixture, seers(world, spec)?);
        block.timeout = world.suite.timeout;
        block.values = world.suite.report_values;
        world.default_schema().clone_into(&mut block.schema);
        planned.push(PlannedBlock { block: Arc::new(block), values, rerun, whole });
    }
    Ok(planned)
}

impl PlannedBlock {
    /// What the ids of its checks begin with.
    #[must_use]
    pub fn prefix(&self, suite: &Suite) -> String {
        id([suite.name.as_str(), "fidelity", self.block.spec.name.as_str()])
    }

    /// All that decides what comes of its checks; `None` where that is not known of the chain.
    ///
    /// # Errors
    /// [`Error::Usage`] where a file of the suite cannot be read.
    pub fn inputs(&self) -> Result<Option<Vec<Vec<u8>>>, Error> {
        let Self { block, values, rerun, whole } = self;
        let Some(chain) = block.fixture.chain().inputs() else { return Ok(None) };
        let state = block.fixture.state_before()?;
        let mut parts: Vec<Vec<u8>> = vec![chain.into(), state.as_str().into()];
        // All of the block but its server, every text and name of it in quotes.
        let Block { spec, seers, timeout, values: shown, schema, .. } = &**block;
        let schemas = block.fixture.schemas();
        // Where it is declared decides nothing.
        let spec = Fidelity { at: Location::default(), ..spec.clone() };
        parts.push(format!("{:?}", (&spec, seers, timeout, shown, schema, schemas, values, rerun, whole)).into());
        if let Some(writers) = &spec.behaviour.writers {
            parts.push(crate::sql::read_file(&writers.sql)?.as_bytes().to_vec());
        }
        Ok(Some(parts))
    }
}

/// The crossings of all blocks, each once.
#[must_use]
pub fn fixtures(planned: &[PlannedBlock]) -> Vec<Arc<Fixture>> {
    let mut all: Vec<Arc<Fixture>> = Vec::new();
    for one in planned {
        if !all.iter().any(|other| Arc::ptr_eq(other, &one.block.fixture)) {
            all.push(one.block.fixture.clone());
        }
    }
    all
}

fn at(spec: &Fidelity, error: Error) -> Error {
    let message = format!("{}: fidelity block `{}`: {error}", spec.at, spec.name);
    match &error {
        Error::Usage { help, .. } => Error::usage(message, help.clone()),
        Error::Environment { help, .. } => Error::environment(message, help.clone()),
        Error::Defect { .. } => Error::defect(message),
        Error::Input(_) => error,
    }
}

/// The columns that are compared: those of the source beside its key, where none are named.
async fn values(
    suite: &Suite,
    spec: &Fidelity,
    fixture: &Fixture,
    server: &mut PlanningServer<'_>,
) -> Result<Vec<String>, Error> {
    if let Some(values) = &spec.values {
        return Ok(values.clone());
    }
    let states = (provision::state_key(suite, fixture.chain())?, fixture.state_before()?);
    let when = if spec.source.before { "before" } else { "" };
    let parts = ["columns", states.0.as_str(), states.1.as_str(), server.preparation, when, &spec.source.sql];
    let place = server.kept.map(|kept| (kept, kept.key(parts)));
    let names = match place.as_ref().and_then(|(kept, key)| kept.get::<Vec<String>>(key)) {
        Some(earlier) => earlier.value,
        None => {
            let names = names(spec, fixture, server).await?;
            if let Some((kept, key)) = place {
                kept.put(&key, &names);
            }
            names
        }
    };
    Ok(names.into_iter().filter(|name| !spec.key.contains(name)).collect())
}

/// The columns of the source, by the server that has it.
async fn names(spec: &Fidelity, fixture: &Fixture, server: &mut PlanningServer<'_>) -> Result<Vec<String>, Error> {
    if !spec.source.before
        && let Ok(names) = columns::names(server.session().await?, &spec.source.sql).await
    {
        return Ok(names);
    }
    // Dropped since, or meant as it was: the state before the revision has it.
    let sandbox = fixture.sandbox().await?;
    let mut before = sandbox.witness().await?;
    let names = columns::names(&mut before, &spec.source.sql).await;
    close(before).await;
    sandbox.leave().await?;
    names
}

fn seers(world: &World, spec: &Fidelity) -> Result<Vec<Viewer>, Error> {
    let Some(visibility) = &spec.visibility else { return Ok(Vec::new()) };
    let mut seers = Vec::new();
    for actor in visibility.actors.iter().filter_map(|name| world.actors.get(name)) {
        let bind = |sql: &str| {
            placeholders::bind(sql, |reference| resolve(reference, &actor.ids, &world.suite.actors))
                .map_err(|unknown| Error::usage(format!("{}: {unknown}", spec.at), "give the actor that id"))
        };
        seers.push(Viewer {
            identity: Identity::of(actor, &world.suite.actors),
            before: bind(visibility.before.as_ref().unwrap_or(&spec.source.sql))?,
            after: bind(visibility.after.as_ref().unwrap_or(&spec.target.sql))?,
        });
    }
    Ok(seers)
}
