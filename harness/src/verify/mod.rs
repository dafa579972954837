//! A suite held against a live database: only what is decided by reading, and only once it is known to be the one that
//! is meant.
//!
//! No role, database or object is made, and no actor is become. What cannot be tried so is listed as left out.

mod barred;
mod calls;
mod drift;
mod fidelity;
mod guard;
mod left_out;
mod live;
mod not_sent;
mod place;
mod reach;
pub(crate) mod reader;
pub(crate) mod statement;
mod wire;

use std::collections::BTreeMap;
use std::time::Instant;

use crate::chain::Chain;
use crate::chain_check::Subject;
use crate::check::filter::Filter;
use crate::check::known::Exceptions;
use crate::check::unit::Work;
use crate::check::{Outcome, SuiteRun, Unit, record};
use crate::checks::kind::Inputs;
use crate::report::record::{Evidence, SuiteRecord};
use crate::suite::Suite;
use crate::suite::resolved::Location;
use crate::suite::resolved_target::Target;
use crate::world::World;
use crate::{Error, catalog, checks};
use live::{ByReading, LiveUnit};
use not_sent::{all, barred};
use reader::{Limits, Path, Reader, StatementOutcome};

/// How a live database is verified.
#[derive(Debug, Clone)]
pub(crate) struct VerifyOptions {
    /// Which server, as whom.
    pub url: String,
    /// Which target of the suite; may be left out if there is one.
    pub target: Option<String>,
    /// Whether a superuser, or a member of the roles with programs and files, is meant.
    pub as_superuser: bool,
    /// Which checks.
    pub filter: Filter,
    /// `YYYY-MM-DD`, for known exceptions that end.
    pub today: String,
}

/// Holds the reading part of `suite` against the server of the URL.
///
/// # Errors
/// [`Error::Input`] or [`Error::Usage`] where the suite has no such target, a statement is not one that only reads, a guard
/// does not hold, or the session may do too much; [`Error::Environment`] where the server is not there.
pub(crate) async fn run(suite: Suite, options: &VerifyOptions) -> Result<SuiteRun, Error> {
    let (name, target) = chosen(&suite, options.target.as_deref())?;
    check_texts(&suite, &name, &target)?;
    let chain = Chain::load(&suite.chain)?;
    let schemas = suite.schemas.clone().unwrap_or_else(|| chain.schemas().map(ToOwned::to_owned).collect());
    let limits = Limits {
        statement: target.statement_timeout,
        lock: target.lock_timeout,
        schemas: schemas.clone(),
        may_call: target.may_call.clone(),
        as_superuser: options.as_superuser,
        values: suite.report_values,
    };
    let mut reader = Reader::connect(&options.url, limits).await?;
    let held = Held { suite, chain, schemas, name, target };
    let held = held.on(&mut reader, options).await;
    // Whatever came of it: a session of ours does not stay for the server to notice that nobody is there.
    reader.close().await;
    held
}

/// A suite and the target that it is held against.
struct Held {
    suite: Suite,
    chain: Chain,
    schemas: Vec<String>,
    name: String,
    target: Target,
}

impl Held {
    async fn on(self, reader: &mut Reader, options: &VerifyOptions) -> Result<SuiteRun, Error> {
        let Self { suite, chain, schemas, name, target } = self;
        guard::hold(reader, &name, &target, suite.report_values).await?;
        tracing::info!(target_name = name, guards = target.guards.len(), "every guard holds");
        let lost = |why: crate::pg::session::ConnectionLost| Error::environment(why.0, "look at the server's log");
        let powers = reader.powers().await.map_err(lost)?;
        if !powers.is_empty() && !options.as_superuser {
            return Err(Error::usage(
                format!("{} is a member of {powers}, which reaches programs or files of the server", reader.place),
                "connect as a role that is not, or add --as-superuser",
            ));
        }
        let catalog = reader.reading(Path::Own, async |conn| catalog::read(conn, &schemas).await).await?;
        let major = reader.major;
        let subject = Subject::new(chain)?;
        let left_out = left_out::of(&suite, &subject, major);
        let world = World::of_catalog(suite, catalog, schemas, major);
        let inputs = Inputs { world: &world, migrations: &[] };
        let mut units: Vec<LiveUnit> = checks::plan_reading(&inputs)?.into_iter().filter_map(by_reading).collect();
        units.extend(fidelity::plan(reader, &world).await?);
        units.extend(drift::plan(&world.suite, &subject, major));
        let ids = units.iter().flat_map(|unit| &unit.checks).map(|check| check.id.as_str());
        let exceptions = Exceptions::of_part(&world.suite, ids)?;
        units.retain(|unit| options.filter.touches(&unit.checks));
        look(reader, &units).await?;
        let (mut checks, mut files) = (Vec::new(), record::RelativePaths::default());
        let mut seconds = BTreeMap::new();
        // The URL is the environment's: it may hold a password.
        let command = format!("rlsgate verify {} --target {name}", record::relative(&world.suite.path));
        for unit in &units {
            let started = Instant::now();
            let outcomes = one(reader, unit).await;
            for (check, outcome) in unit.checks.iter().zip(outcomes) {
                let mut record = record::check(check, &command, &mut files, outcome);
                exceptions.apply(&mut record, &options.today);
                tracing::debug!(check = record.id, status = ?record.status, "tried");
                seconds.insert(record.id.clone(), started.elapsed().as_secs_f64());
                checks.push(record);
            }
        }
        checks.sort_by(|a, b| a.id.cmp(&b.id));
        let suite = &world.suite;
        let facts = [
            ("chain", record::relative(&suite.chain)),
            ("chain digest", subject.chain.digest()),
            ("left out", left_out),
            ("postgres", major.to_string()),
            ("target", name),
            ("verified", reader.place.clone()),
        ];
        let record = SuiteRecord {
            name: suite.name.clone(),
            title: suite.title.clone(),
            file: record::relative(&suite.path),
            facts: facts.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect(),
            checks,
            chain: None,
        };
        let server =
            BTreeMap::from([("provider".to_owned(), "live".to_owned()), ("place".to_owned(), reader.place.clone())]);
        Ok(SuiteRun { server, seconds, ..SuiteRun::untimed(record) })
    }
}

/// The target that is meant.
fn chosen(suite: &Suite, wanted: Option<&str>) -> Result<(String, Target), Error> {
    let whole = Location::of_file(&suite.path);
    let names = || suite.targets.keys().map(String::as_str);
    let name = match (wanted, suite.targets.len()) {
        (_, 0) => {
            let message = format!("{} has no target, so it is unknown which database to check", suite.path.display());
            return Err(Error::usage(message, "write [targets.NAME] with a guard that only that database answers"));
        }
        (Some(name), _) => name.to_owned(),
        (None, 1) => names().next().unwrap_or_default().to_owned(),
        (None, _) => {
            let message = format!("{} has targets {}", suite.path.display(), names().collect::<Vec<_>>().join(", "));
            return Err(Error::usage(message, "name one with --target"));
        }
    };
    let target = suite.targets.get(&name).cloned();
    target.map(|target| (name.clone(), target)).ok_or_else(|| whole.unknown("target", &name, names()))
}

/// Refuses, before anything is sent, what is not one statement that reads.
fn check_texts(suite: &Suite, name: &str, target: &Target) -> Result<(), Error> {
    let mut wrong = guard::wrong(name, target);
    for query in &suite.facts.queries {
        for sql in std::iter::once(&query.sql).chain(&query.witness) {
            if let Err(refused) = statement::read(sql) {
                wrong.push(query.stated.at.error(format!("`{}` is not sent: {refused}", query.name), refused.help));
            }
        }
    }
    for block in suite.fidelity.iter().filter(|block| block.is_live()) {
        for (side, sql) in [("source", &block.source.sql), ("target", &block.target.sql)] {
            if let Err(refused) = statement::read(sql) {
                let message = format!("the {side} of `{}` is not sent: {refused}", block.name);
                wrong.push(block.at.error(message, refused.help));
            }
        }
    }
    all(wrong)
}

/// Refuses, before any is executed, statements that run something which may do more than read.
async fn look(reader: &mut Reader, units: &[LiveUnit]) -> Result<(), Error> {
    let mut wrong = Vec::new();
    for unit in units {
        let Some(check) = unit.checks.first().filter(|check| check.skip.is_none()) else { continue };
        for sql in unit.task.statements() {
            let statement = statement::read(sql).map_err(|refused| check.at.error(refused.why, refused.help))?;
            let answer =
                reader.look(&statement).await.map_err(|lost| Error::environment(lost.0, "look at the server's log"))?;
            if let StatementOutcome::Barred(what) = answer {
                wrong.push(barred(&check.at, &format!("`{}`", check.command), &what));
            }
        }
    }
    all(wrong)
}

async fn one(reader: &mut Reader, unit: &LiveUnit) -> Vec<Outcome> {
    let mut outcomes = unit.task.decide(reader).await;
    outcomes.resize_with(unit.checks.len(), || Outcome::error("no outcome", Evidence::default()));
    for (outcome, check) in outcomes.iter_mut().zip(&unit.checks) {
        if let Some(why) = &check.skip {
            *outcome = Outcome::skipped(why);
        }
    }
    outcomes
}

/// A unit that a live database can be held to as well.
fn by_reading(unit: Unit) -> Option<LiveUnit> {
    match unit.work {
        Work::Reading(reading) => Some(LiveUnit { checks: unit.checks, task: Box::new(ByReading(reading)) }),
        Work::Trying(_) => None,
    }
}
