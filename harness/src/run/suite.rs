//! One suite, from its file to its record.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::scheduler;
use crate::chain::Chain;
use crate::chain::script::TransactionMode;
use crate::chain_check::{self, Subject};
use crate::check::filter::Filter;
use crate::check::known::Exceptions;
use crate::check::{Check, Options, SuiteRun, Unit, record};
use crate::checks::kind::Inputs;
use crate::fidelity::Fixture;
use crate::fidelity::planned::{self, PlannedBlock, fixtures};
use crate::instance::{Request, ResultCache};
use crate::pg::session::Session;
use crate::provision::{self, ClonePool, Origin, Provision};
use crate::report::record::{CheckRecord, SuiteRecord};
use crate::run::kept_blocks::Blocks;
use crate::run::result_batcher::UnitResult;
use crate::suite::Suite;
use crate::suite::resolved::State;
use crate::suite::resolved_case::{Body, Case};
use crate::text::hex::hex;
use crate::world::{self, World};
use crate::{Error, checks};

/// What checks are planned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be run: every worker has a clone of the database.
    Run,
    /// To be named: nothing is made beside the state that they are planned from.
    List,
}

/// A suite with its server in the state that it is about, and everything planned.
#[derive(Debug)]
pub struct PreparedSuite {
    stage: Arc<Provision>,
    clones: Arc<ClonePool>,
    world: Arc<World>,
    units: Arc<Vec<Unit>>,
    exceptions: Exceptions,
    databases: Vec<String>,
    migrations: Vec<PlannedBlock>,
    fixtures: Vec<Arc<Fixture>>,
    blocks: Blocks,
    facts: BTreeMap<String, String>,
    server: BTreeMap<String, String>,
}

impl PreparedSuite {
    /// Starts a server for `suite`, brings it to its state and plans its checks.
    ///
    /// # Errors
    /// What is wrong with the files, or why it cannot be tested.
    pub async fn new(suite: Suite, options: &Options) -> Result<Self, Error> {
        let subject = Arc::new(Subject::load(&suite.chain)?);
        Self::on_chain(suite, &subject, Purpose::Run, options).await
    }

    /// The same on a chain that was read before.
    ///
    /// # Errors
    /// As [`PreparedSuite::new`].
    pub async fn on_chain(suite: Suite, subject: &Subject, purpose: Purpose, options: &Options) -> Result<Self, Error> {
        let (chain, chain_checks) = (&subject.chain, chain_check::plan(subject)?);
        let mut request = options.request.clone();
        request.majors.clone_from(&suite.postgres);
        let (stage, origin) = provision::prepare(&suite, chain, &request).await?;
        match Self::on(stage, origin, suite, (chain, &chain_checks), purpose, options).await {
            Ok(prepared) => Ok(prepared),
            Err((Some(stage), error)) => Err(stage.stop_after(error).await),
            Err((None, error)) => Err(error),
        }
    }

    async fn on(
        stage: Provision,
        origin: Origin,
        suite: Suite,
        chain: (&Arc<Chain>, &[Check]),
        purpose: Purpose,
        options: &Options,
    ) -> Result<Self, (Option<Provision>, Error)> {
        let stage = Arc::new(stage);
        // Clones are files to be copied, which they are while the first is read. A part of the checks may need fewer.
        let commits = |case: &&Case| matches!(case.body, Body::Steps { .. });
        let (workers, committing) = if options.filter.names_some() || purpose == Purpose::List {
            (1, 0)
        } else {
            (options.jobs, suite.cases.iter().filter(commits).count())
        };
        let clones = Arc::new(ClonePool::begin(stage.clone(), workers, committing));
        match Self::plan(&stage, &clones, origin, suite, chain, purpose, options).await {
            Ok(prepared) => Ok(prepared),
            Err(error) => {
                clones.end().await;
                drop(clones);
                Err((Arc::into_inner(stage), error))
            }
        }
    }

    async fn plan(
        stage: &Arc<Provision>,
        clones: &Arc<ClonePool>,
        origin: Origin,
        suite: Suite,
        (chain, chain_checks): (&Arc<Chain>, &[Check]),
        purpose: Purpose,
        options: &Options,
    ) -> Result<Self, Error> {
        let facts = stage.instance().facts();
        let first = stage.first_clone();
        // Only data migrations are kept by suites.
        let kept = if suite.fidelity.is_empty() {
            None
        } else {
            ResultCache::of(&Request { majors: suite.postgres.clone(), ..options.request.clone() }).await
        };
        let planning = Self::plan_on(stage, &first, suite, chain, kept.as_ref(), &options.request);
        let (databases, planned) = tokio::join!(clones.of_workers(), planning);
        let (mut databases, (world, migrations, mut units)) = (databases?, planned?);
        let fixtures = fixtures(&migrations);
        // Exceptions may be about the chain's own checks, which are run elsewhere.
        let ids = units.iter().flat_map(|unit| &unit.checks).chain(chain_checks).map(|check| check.id.as_str());
        let exceptions = Exceptions::of(&world.suite, ids)?;
        units.retain(|unit| options.filter.touches(&unit.checks));
        let blocks = match purpose {
            Purpose::Run => Blocks::of(&world.suite, &migrations, kept.as_ref(), options, &mut units),
            Purpose::List => Blocks::default(),
        };
        let workers = if purpose == Purpose::Run { options.jobs.min(units.len()) } else { 0 };
        for n in databases.len() + 1..=workers {
            databases.push(stage.clone_database(&format!("worker_{n}")).await?);
        }
        let state = match &world.suite.state {
            State::Head => "head".to_owned(),
            State::At(revision) => format!("at {revision}"),
            State::DownTo(revision) => format!("down to {revision}"),
        };
        Ok(Self {
            facts: BTreeMap::from([
                ("chain".to_owned(), record::relative(&world.suite.chain)),
                ("chain digest".to_owned(), chain.digest()),
                ("suite digest".to_owned(), digest(&world.suite.path)?),
                ("seed digest".to_owned(), world.suite.seed.as_deref().map(digest).transpose()?.unwrap_or_default()),
                ("postgres".to_owned(), facts.major.to_string()),
                ("state".to_owned(), state),
            ])
            .into_iter()
            .chain(passed_over(chain))
            .chain(one_by_one(chain, &world.suite.state))
            .collect(),
            server: BTreeMap::from([
                ("provider".to_owned(), facts.provider.to_owned()),
                ("version".to_owned(), facts.version.clone()),
                (
                    "state".to_owned(),
                    if origin == Origin::Restored { "restored from the cache" } else { "built" }.to_owned(),
                ),
                ("roles created".to_owned(), stage.roles_made().join(", ")),
            ])
            .into_iter()
            .filter(|(_, fact)| !fact.is_empty())
            .collect(),
            stage: stage.clone(),
            clones: clones.clone(),
            world: Arc::new(world),
            units: Arc::new(units),
            exceptions,
            databases,
            migrations,
            fixtures,
            blocks,
        })
    }

    /// Reads what the suite stands on from the clone `database`, and plans all of its checks.
    async fn plan_on(
        stage: &Provision,
        database: &str,
        suite: Suite,
        chain: &Arc<Chain>,
        kept: Option<&ResultCache>,
        request: &Request,
    ) -> Result<(World, Vec<PlannedBlock>, Vec<Unit>), Error> {
        let schemas = suite.schemas.clone().unwrap_or_else(|| chain.schemas().map(ToOwned::to_owned).collect());
        let witness = stage.witness_options(database);
        let preparation = stage.preparation();
        let mut asked = stage.asked(database);
        let mut session = Session::later(&witness, suite.timeout, &preparation);
        let started = Instant::now();
        let (owner, roles, major) = (&stage.owner, stage.roles().clone(), stage.instance().facts().major);
        let world = world::read(&mut asked, &mut session, suite, schemas, owner, roles, major).await;
        session.close().await;
        let mut world = world?;
        tracing::info!(suite = world.suite.name, took = ?started.elapsed(), "read the catalogs and the rows of the seed");
        world.bookkeeping = chain.bookkeeping_in(&world.catalog);
        let mut migrations = Vec::new();
        if !world.suite.fidelity.is_empty() {
            let server = planned::PlanningServer { asked: &mut asked, preparation: &preparation, kept };
            migrations = planned::read(&world, chain, request, server).await?;
        }
        stage.keep(asked).await;
        let started = Instant::now();
        let units = checks::plan(&Inputs { world: &world, migrations: &migrations })?;
        let checks = || units.iter().map(|unit| unit.checks.len()).sum::<usize>();
        tracing::info!(suite = world.suite.name, checks = checks(), took = ?started.elapsed(), "planned the checks");
        Ok((world, migrations, units))
    }

    /// The ids that would be run, in order.
    pub fn checks<'a>(&'a self, filter: &'a Filter) -> impl Iterator<Item = &'a Check> {
        self.units.iter().flat_map(|unit| &unit.checks).filter(|check| filter.selects(&check.id))
    }

    /// The relations and functions that a contract may name.
    #[must_use]
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let catalog = &self.world.catalog;
        let functions = catalog.functions.iter().filter(|function| !function.is_trigger && !function.of_extension);
        (
            catalog.relations.keys().map(ToString::to_string).collect(),
            functions.map(|function| function.id.to_string()).collect(),
        )
    }

    /// Runs every check that the filter selects. `done` is told of each.
    ///
    /// # Errors
    /// [`Error::Environment`] where the workers could not be made.
    pub async fn run(&self, options: &Options, mut done: impl FnMut(&CheckRecord)) -> Result<SuiteRun, Error> {
        let mut checks = Vec::new();
        let mut seconds = BTreeMap::new();
        let command = format!("rlsgate run {}", record::relative(&self.world.suite.path));
        let mut files = record::RelativePaths::default();
        let mut measured = BTreeMap::new();
        let earlier = self.blocks.earlier();
        let is_earlier = |id: &str| earlier.keys().any(|prefix| id.starts_with(&format!("{prefix}/")));
        let tell = |one: UnitResult| {
            let Some(unit) = self.units.get(one.unit) else { return };
            for (check, outcome) in unit.checks.iter().zip(one.outcomes) {
                if self.blocks.may_keep(&check.id) {
                    measured.insert(check.id.clone(), outcome.clone());
                }
                if options.filter.selects(&check.id) {
                    let mut record = record::check(check, &command, &mut files, outcome);
                    self.exceptions.apply(&mut record, &options.today);
                    record::shorten(&mut record);
                    done(&record);
                    if !is_earlier(&record.id) {
                        seconds.insert(record.id.clone(), one.seconds / to_f64(unit.checks.len()));
                    }
                    checks.push(record);
                }
            }
        };
        let (suite, workers, started) = (&self.world.suite.name, self.databases.len(), Instant::now());
        tracing::info!(suite, workers, units = self.units.len(), "trying the checks");
        scheduler::run(&self.stage, &self.clones, &self.world, &self.units, self.databases.clone(), tell).await?;
        tracing::info!(suite, checks = checks.len(), took = ?started.elapsed(), "tried the checks");
        self.blocks.keep(&self.migrations, options, &measured);
        checks.sort_by(|a: &CheckRecord, b| a.id.cmp(&b.id));
        let suite = &self.world.suite;
        let record = SuiteRecord {
            name: suite.name.clone(),
            title: suite.title.clone(),
            file: record::relative(&suite.path),
            facts: self.facts.clone(),
            chain: None,
            checks,
        };
        let kept = earlier
            .iter()
            .filter(|(prefix, _)| record.checks.iter().any(|check| check.id.starts_with(&format!("{prefix}/"))));
        let kept = kept.map(|(prefix, since)| (prefix.clone(), since.clone())).collect();
        Ok(SuiteRun { server: self.server.clone(), seconds, kept, ..SuiteRun::untimed(record) })
    }

    /// Stops the server and removes everything that was made.
    ///
    /// # Errors
    /// [`Error::Environment`] naming what is left.
    pub async fn stop(self) -> Result<(), Error> {
        let Self { stage, clones, world, units, migrations, fixtures, .. } = self;
        clones.end().await;
        drop((clones, migrations));
        // Its crossings must be free; else what was planned is let go of at last, when nobody waits for it.
        let planned = Some((world, units)).filter(|_| fixtures.is_empty());
        let mut stopped = Ok(());
        for fixture in fixtures.into_iter().filter_map(Arc::into_inner) {
            stopped = stopped.and(fixture.stop().await);
        }
        let last = match Arc::into_inner(stage) {
            Some(stage) => stage.stop().await,
            None => Err(Error::defect("a worker still holds the server")),
        };
        drop(planned);
        stopped.and(last)
    }
}

/// The revisions of which a part may be left where one fails half-way.
fn one_by_one(chain: &Chain, state: &State) -> Option<(String, String)> {
    let applied = match state {
        State::At(id) => chain.count_to(id).unwrap_or(chain.revisions.len()),
        State::Head | State::DownTo(_) => chain.revisions.len(),
    };
    let revisions =
        chain.revisions.iter().take(applied).filter(|revision| revision.mode() == TransactionMode::OneByOne);
    let ids = revisions.map(|revision| revision.id.as_str()).collect::<Vec<_>>().join(", ");
    (!ids.is_empty()).then(|| ("revisions that ran statement by statement".to_owned(), ids))
}

/// The files and folders among the revisions that the layout's tool does not take, each with the reason.
fn passed_over(chain: &Chain) -> Option<(String, String)> {
    let name = |path: &Path| path.strip_prefix(&chain.dir).unwrap_or(path).display().to_string();
    let skipped = chain.skipped.iter().map(|(path, why)| format!("{}: {why}", name(path)));
    let skipped = skipped.collect::<Vec<_>>().join("; ");
    (!skipped.is_empty()).then(|| ("not run".to_owned(), skipped))
}

/// SHA-256 of a file, in hexadecimal.
fn digest(path: &Path) -> Result<String, Error> {
    use sha2::{Digest, Sha256};
    let text = crate::sql::read_file(path)?;
    Ok(hex(Sha256::digest(text.as_bytes())))
}

#[expect(clippy::cast_precision_loss, reason = "a number of checks")]
fn to_f64(n: usize) -> f64 {
    n as f64
}

/// Loads, prepares, runs and stops one suite.
///
/// # Errors
/// What is wrong with the files, or why it cannot be tested.
pub async fn run(path: &Path, options: &Options, done: impl FnMut(&CheckRecord)) -> Result<SuiteRun, Error> {
    let suite = super::load::load_suite(path)?;
    let prepared = PreparedSuite::new(suite, options).await?;
    let outcome = prepared.run(options, done).await;
    let stopped = prepared.stop().await;
    let outcome = outcome?;
    stopped?;
    Ok(outcome)
}
