//! Blocks with what only a server could say of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::postgres::PgConnection;

use super::{Block, Crossing, columns};
use crate::Error;
use crate::actor::{Identity, resolve};
use crate::chain::Chain;
use crate::fidelity::crossing::close;
use crate::fidelity::seen::Seer;
use crate::instance::Request;
use crate::sql::placeholders;
use crate::suite::resolved_fidelity::Fidelity;
use crate::world::Basis;

/// A block with what only a server could say of it.
#[derive(Debug)]
pub struct Planned {
    /// The block.
    pub block: Arc<Block>,
    /// The compared columns.
    pub values: Vec<String>,
    /// Whether the revision must be able to run twice.
    pub rerun: bool,
    /// Whether it must leave nothing where it is stopped.
    pub whole: bool,
}

/// Reads what planning must know of the blocks. `conn` is a witness session on the state of the suite.
///
/// # Errors
/// [`Error::Usage`] where the chain lacks a revision that a block names, or a query does not return the columns of its key.
pub async fn read(
    basis: &Basis,
    chain: &Chain,
    request: &Request,
    conn: &mut PgConnection,
) -> Result<Vec<Planned>, Error> {
    let mut crossings: BTreeMap<&str, Arc<Crossing>> = BTreeMap::new();
    let mut planned = Vec::new();
    for spec in &basis.suite.fidelity {
        let crossing = match crossings.get(spec.across.as_str()) {
            Some(crossing) => crossing.clone(),
            None => {
                let new = Crossing::new(&basis.suite, &basis.schemas, &spec.across, request);
                let new = Arc::new(new.map_err(|error| at(spec, error))?);
                crossings.insert(&spec.across, new.clone());
                new
            }
        };
        let values = values(spec, &crossing, conn).await.map_err(|error| at(spec, error))?;
        let revision = chain.revisions.iter().find(|revision| revision.id == spec.across);
        let says = |setting: Option<Option<bool>>| setting.flatten() == Some(true);
        let idempotent = says(revision.map(|revision| revision.settings.idempotent));
        let whole = says(revision.map(|revision| revision.settings.transactional));
        let rerun = spec.behaviour.rerun.unwrap_or(idempotent);
        let mut block = Block::new(spec.clone(), crossing, seers(basis, spec)?);
        block.timeout = basis.suite.timeout;
        block.values = basis.suite.report_values;
        basis.default_schema().clone_into(&mut block.schema);
        planned.push(Planned { block: Arc::new(block), values, rerun, whole });
    }
    Ok(planned)
}

/// The crossings of all blocks, each once.
#[must_use]
pub fn crossings(planned: &[Planned]) -> Vec<Arc<Crossing>> {
    let mut all: Vec<Arc<Crossing>> = Vec::new();
    for one in planned {
        if !all.iter().any(|other| Arc::ptr_eq(other, &one.block.crossing)) {
            all.push(one.block.crossing.clone());
        }
    }
    all
}

fn at(spec: &Fidelity, error: Error) -> Error {
    let message = format!("{}: fidelity block `{}`: {error}", spec.at, spec.name);
    match &error {
        Error::Usage { help, .. } => Error::usage(message, help.clone()),
        Error::Untested { help, .. } => Error::untested(message, help.clone()),
        Error::Input(_) => error,
    }
}

/// The columns that are compared: those of the source beside its key, where none are named.
async fn values(spec: &Fidelity, crossing: &Crossing, conn: &mut PgConnection) -> Result<Vec<String>, Error> {
    if let Some(values) = &spec.values {
        return Ok(values.clone());
    }
    let there = if spec.source.before { None } else { columns::names(conn, &spec.source.sql).await.ok() };
    let names = match there {
        Some(names) => names,
        // Dropped since, or meant as it was: the state before the revision has it.
        None => {
            let site = crossing.site().await?;
            let mut before = site.witness().await?;
            let names = columns::names(&mut before, &spec.source.sql).await;
            close(before).await;
            site.leave().await?;
            names?
        }
    };
    Ok(names.into_iter().filter(|name| !spec.key.contains(name)).collect())
}

fn seers(basis: &Basis, spec: &Fidelity) -> Result<Vec<Seer>, Error> {
    let Some(visibility) = &spec.visibility else { return Ok(Vec::new()) };
    let mut seers = Vec::new();
    for actor in visibility.actors.iter().filter_map(|name| basis.actors.get(name)) {
        let bind = |sql: &str| {
            placeholders::bind(sql, |reference| resolve(reference, &actor.ids, &basis.suite.actors))
                .map_err(|unknown| Error::usage(format!("{}: {unknown}", spec.at), "give the actor that id"))
        };
        seers.push(Seer {
            identity: Identity::of(actor, &basis.suite.actors),
            before: bind(visibility.before.as_ref().unwrap_or(&spec.source.sql))?,
            after: bind(visibility.after.as_ref().unwrap_or(&spec.target.sql))?,
        });
    }
    Ok(seers)
}
