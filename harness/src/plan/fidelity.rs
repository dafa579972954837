//! Fidelity blocks: a check for everything that one clean run of the revision tells, and one for each way of running it
//! otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::postgres::PgConnection;

use super::basis::Basis;
use super::id::id;
use crate::Error;
use crate::actor::Identity;
use crate::actor::resolve;
use crate::chain::Chain;
use crate::check::fidelity::comparison::{Asked, Comparison};
use crate::check::fidelity::copies::Copies;
use crate::check::fidelity::kill::{AfterRows, AtRandom};
use crate::check::fidelity::rerun::Rerun;
use crate::check::fidelity::rollback::TakenBack;
use crate::check::fidelity::whole::Whole;
use crate::check::fidelity::writers::Writers;
use crate::check::unit::Task;
use crate::check::{Check, Unit};
use crate::fidelity::crossing::{close, run};
use crate::fidelity::seen::Seer;
use crate::fidelity::{Block, Crossing, columns, verdict};
use crate::instance::{Kept, Request};
use crate::sql::placeholders;
use crate::stage;
use crate::suite::Suite;
use crate::suite::resolved::{Kind, Location};
use crate::suite::resolved_fidelity::{Behaviour, Fidelity};

/// A block with what only a server could say of it.
#[derive(Debug)]
pub struct Planned {
    block: Arc<Block>,
    /// The compared columns.
    values: Vec<String>,
    /// Whether the revision must be able to run twice.
    rerun: bool,
    /// Whether it must leave nothing where it is stopped.
    whole: bool,
}

/// Where planning reads what only a server can say of a block: a witness session on the state of the suite, opened for the
/// first question that no earlier run has asked.
pub struct Server<'a> {
    /// The catalogs of the state.
    pub asked: &'a mut stage::Asked,
    /// What a session of a check begins with.
    pub preparation: &'a str,
    /// What earlier runs found out.
    pub kept: Option<&'a Kept>,
}

impl Server<'_> {
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
    basis: &Basis,
    chain: &Arc<Chain>,
    request: &Request,
    mut server: Server<'_>,
) -> Result<Vec<Planned>, Error> {
    let mut crossings: BTreeMap<&str, Arc<Crossing>> = BTreeMap::new();
    let mut planned = Vec::new();
    for spec in &basis.suite.fidelity {
        let crossing = match crossings.get(spec.across.as_str()) {
            Some(crossing) => crossing.clone(),
            None => {
                let new = Crossing::new(&basis.suite, chain.clone(), &basis.schemas, &spec.across, request);
                let new = Arc::new(new.map_err(|error| at(spec, error))?);
                crossings.insert(&spec.across, new.clone());
                new
            }
        };
        let values = values(&basis.suite, spec, &crossing, &mut server).await.map_err(|error| at(spec, error))?;
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

impl Planned {
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
        let Some(chain) = block.crossing.chain().inputs() else { return Ok(None) };
        let state = block.crossing.state_before()?;
        let mut parts: Vec<Vec<u8>> = vec![chain.into(), state.as_str().into()];
        // All of the block but its server, every text and name of it in quotes.
        let Block { spec, seers, timeout, values: shown, schema, .. } = &**block;
        let schemas = block.crossing.schemas();
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
async fn values(
    suite: &Suite,
    spec: &Fidelity,
    crossing: &Crossing,
    server: &mut Server<'_>,
) -> Result<Vec<String>, Error> {
    if let Some(values) = &spec.values {
        return Ok(values.clone());
    }
    let states = (stage::state_key(suite, crossing.chain())?, crossing.state_before()?);
    let when = if spec.source.before { "before" } else { "" };
    let parts = ["columns", states.0.as_str(), states.1.as_str(), server.preparation, when, &spec.source.sql];
    let place = server.kept.map(|kept| (kept, kept.key(parts)));
    let names = match place.as_ref().and_then(|(kept, key)| kept.get::<Vec<String>>(key)) {
        Some(earlier) => earlier.value,
        None => {
            let names = names(spec, crossing, server).await?;
            if let Some((kept, key)) = place {
                kept.put(&key, &names);
            }
            names
        }
    };
    Ok(names.into_iter().filter(|name| !spec.key.contains(name)).collect())
}

/// The columns of the source, by the server that has it.
async fn names(spec: &Fidelity, crossing: &Crossing, server: &mut Server<'_>) -> Result<Vec<String>, Error> {
    if !spec.source.before
        && let Ok(names) = columns::names(server.session().await?, &spec.source.sql).await
    {
        return Ok(names);
    }
    // Dropped since, or meant as it was: the state before the revision has it.
    let site = crossing.site().await?;
    let mut before = site.witness().await?;
    let names = columns::names(&mut before, &spec.source.sql).await;
    close(before).await;
    site.leave().await?;
    names
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

pub(super) fn plan(basis: &Basis) -> Result<Vec<Unit>, Error> {
    Ok(basis.blocks.iter().flat_map(|planned| units(basis, planned)).collect())
}

/// The check of a block whose id ends with `name`.
pub(crate) fn check(basis: &Basis, spec: &Fidelity, name: &str, actor: &str) -> Check {
    Check {
        id: id([basis.suite.name.as_str(), "fidelity", spec.name.as_str(), name]),
        kind: Kind::Fidelity,
        title: format!("{}: {name}", spec.title),
        object: spec.name.clone(),
        command: name.split_once('.').map_or(name, |(sort, _)| sort).to_owned(),
        actor: actor.to_owned(),
        at: spec.at.clone(),
        controls: basis.controls(Kind::Fidelity, &spec.controls),
        source: None,
        step: spec.step.clone(),
        remedy: None,
        skip: None,
    }
}

fn units(basis: &Basis, planned: &Planned) -> Vec<Unit> {
    let block = &planned.block;
    let spec = &block.spec;
    let check = |name: &str, actor: &str| check(basis, spec, name, actor);
    let mut checks = Vec::new();
    let mut asked = Vec::new();
    for name in verdict::names(&block.as_written(), &planned.values) {
        checks.push(check(&name, ""));
        asked.push(Asked::Compared(name));
    }
    for (n, name) in spec.untouched.iter().enumerate() {
        let name = block.relation(name);
        let shown = if name.schema == block.schema { name.name } else { name.to_string() };
        checks.push(check(&format!("untouched.{shown}"), ""));
        asked.push(Asked::Untouched(n));
    }
    if !spec.output.is_empty() {
        checks.push(check("output", ""));
        asked.push(Asked::Output);
    }
    for (n, seer) in block.seers.iter().enumerate() {
        checks.push(check(&format!("visibility.{}", seer.identity.name), &seer.identity.name));
        asked.push(Asked::Visibility(n));
    }
    let mut units = vec![Unit { checks, task: Box::new(Comparison { block: block.clone(), asked }) }];
    let mut one = |name: &str, task: Box<dyn Task>| units.push(Unit { checks: vec![check(name, "")], task });
    let Behaviour { copies, kill_after_rows, kill_random, writers, rollback, .. } = &spec.behaviour;
    if planned.rerun {
        one("rerun", Box::new(Rerun(block.clone())));
    }
    if planned.whole {
        one("transactional", Box::new(Whole(block.clone())));
    }
    for number in copies {
        one(&format!("copies.{number}"), Box::new(Copies { block: block.clone(), number: *number }));
    }
    for after in kill_after_rows {
        one(&format!("kill.after-{after}"), Box::new(AfterRows { block: block.clone(), after: *after }));
    }
    if *kill_random > 0 {
        let name = format!("kill.random-{kill_random}");
        let id = check(&name, "").id;
        one(&name, Box::new(AtRandom { block: block.clone(), moments: *kill_random, id }));
    }
    if let Some(spec) = writers {
        one("writers", Box::new(Writers { block: block.clone(), spec: spec.clone() }));
    }
    if let Some(rollback) = rollback {
        let keeps: Vec<_> = rollback.keeps.iter().map(|name| block.relation(name)).collect();
        let shown = |name: &crate::catalog::QName| {
            if name.schema == block.schema { name.name.clone() } else { name.to_string() }
        };
        let mut checks: Vec<Check> =
            keeps.iter().map(|name| check(&format!("rollback.keeps.{}", shown(name)), "")).collect();
        let own_rows = rollback.removes_only_own_rows;
        checks.extend(own_rows.then(|| check("rollback.own-rows", "")));
        if !checks.is_empty() {
            units.push(Unit { checks, task: Box::new(TakenBack { block: block.clone(), keeps, own_rows }) });
        }
    }
    units
}
