//! Units to workers: each worker takes the next unit, on its own clone; a lost server makes the rest errors at once.
//!
//! Units that commit wait for their clones most of the time, so that they have a lane beside the workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use tokio::sync::mpsc;

use crate::Error;
use crate::actor::Identity;
use crate::check::{Isolation, Outcome, Unit};
use crate::pg::session::ConnectionLost;
use crate::provision::{ClonePool, Provision};
use crate::report::record::Evidence;
use crate::run::result_batcher::{ResultBatcher, UnitResult};
use crate::session::Worker;
use crate::world::World;

/// What the workers share.
struct SchedulerState {
    stage: Arc<Provision>,
    clones: Arc<ClonePool>,
    world: Arc<World>,
    units: Arc<Vec<Unit>>,
    /// Those that are tried on the workers' clones.
    together: Queue,
    /// Those of them that take another connection: first those on which nothing may have been set, of which the last is given
    /// to those that are given one alone.
    apart: Queue,
    /// Those that have clones of their own.
    committed: Queue,
    gone: AtomicBool,
}

/// Positions of units, taken one by one.
struct Queue {
    units: Vec<usize>,
    next: AtomicUsize,
}

impl Queue {
    fn of(units: &[Unit], wanted: impl Fn(&Unit) -> bool) -> Self {
        let those = units.iter().enumerate().filter(|(_, unit)| wanted(unit)).map(|(n, _)| n);
        Self { units: those.collect(), next: AtomicUsize::new(0) }
    }

    fn and(mut self, other: Self) -> Self {
        self.units.extend(other.units);
        self
    }

    fn take(&self) -> Option<usize> {
        self.units.get(self.next.fetch_add(1, Ordering::Relaxed)).copied()
    }

    fn left(&self) -> usize {
        self.units.len().saturating_sub(self.next.load(Ordering::Relaxed))
    }
}

/// As much as it costs to start a backend, in units.
const BACKEND: usize = 24;

impl SchedulerState {
    /// The next unit of a worker on its clone. The first takes those that need connections of their own, of which each costs a
    /// backend; others help with what is worth another.
    fn next(&self, position: usize) -> Option<usize> {
        if position == 0 {
            return self.apart.take().or_else(|| self.together.take());
        }
        self.together.take().or_else(|| (self.apart.left() > BACKEND).then(|| self.apart.take()).flatten())
    }
}

/// Runs all units on `databases`, one worker each; `done` is told as each ends. Order of execution is nobody's concern:
/// everything is rolled back, and what commits has a clone of its own.
///
/// # Errors
/// [`Error::Environment`] where no worker could be made.
pub(super) async fn run(
    stage: &Arc<Provision>,
    clones: &Arc<ClonePool>,
    world: &Arc<World>,
    units: &Arc<Vec<Unit>>,
    databases: Vec<String>,
    mut done: impl FnMut(UnitResult),
) -> Result<(), Error> {
    let shared = Arc::new(SchedulerState {
        stage: stage.clone(),
        clones: clones.clone(),
        world: world.clone(),
        units: units.clone(),
        together: Queue::of(units, |unit| isolation(world, unit) == Isolation::SharedClone),
        apart: Queue::of(units, |unit| isolation(world, unit) == Isolation::PristineSession)
            .and(Queue::of(units, |unit| isolation(world, unit) == Isolation::ExclusiveSession)),
        committed: Queue::of(units, |unit| isolation(world, unit) == Isolation::OwnClone),
        gone: AtomicBool::new(false),
    });
    let (sender, mut receiver) = mpsc::unbounded_channel();
    if databases.len() > 1 {
        let (shared, mut teller) = (shared.clone(), ResultBatcher::new(sender.clone()));
        tokio::spawn(async move { commit(&shared, &mut teller).await });
    }
    for (n, database) in databases.into_iter().enumerate() {
        let (shared, mut teller) = (shared.clone(), ResultBatcher::new(sender.clone()));
        tokio::spawn(async move { work(&shared, n, database, &mut teller).await });
    }
    drop(sender);
    let mut told = 0;
    while let Some(some) = receiver.recv().await {
        told += some.len();
        some.into_iter().for_each(&mut done);
    }
    if told != units.len() {
        let (left, all) = (units.len() - told, units.len());
        return Err(Error::defect(format!("{left} of {all} units were not run: a worker ended early")));
    }
    Ok(())
}

/// Where a unit is tried: who sets nothing takes a connection on which nothing was set before, whatever is tried.
fn isolation(world: &World, unit: &Unit) -> Isolation {
    let nobody = |actor: &String| world.identities.get(actor).is_some_and(Identity::sets_nothing);
    match unit.isolation() {
        Isolation::SharedClone if unit.checks.iter().all(|check| nobody(&check.actor)) => Isolation::PristineSession,
        isolation => isolation,
    }
}

async fn work(shared: &SchedulerState, position: usize, database: String, teller: &mut ResultBatcher) {
    let mut worker: Option<Worker> = None;
    let mut why = String::new();
    while let Some(n) = shared.next(position).filter(|_| teller.is_heard()) {
        let Some(unit) = shared.units.get(n) else { break };
        let started = Instant::now();
        if !shared.gone.load(Ordering::Relaxed) && worker.as_ref().is_none_or(|worker| !worker.is_open()) {
            match Worker::connect(shared.stage.clone(), shared.world.clone(), database.clone()).await {
                Ok(new) => worker = Some(new),
                Err(ConnectionLost(lost)) => {
                    why = lost;
                    worker = None;
                    if !shared.stage.instance().is_alive().await {
                        shared.gone.store(true, Ordering::Relaxed);
                    }
                }
            }
        }
        let outcomes = match &mut worker {
            Some(worker) if !shared.gone.load(Ordering::Relaxed) => rolled_back(worker, unit).await,
            _ => vec![Outcome::error(format!("the server is gone: {why}"), Evidence::default()); unit.checks.len()],
        };
        // A session that was given up within the unit may still hold locks.
        if started.elapsed() >= shared.world.suite.timeout && shared.stage.end_sessions(&database).await.is_ok() {
            worker = None;
        }
        let lost = worker.as_ref().is_some_and(|worker| !worker.is_open());
        if lost && shared.stage.end_sessions(&database).await.is_err() && !shared.stage.instance().is_alive().await {
            why = outcomes.first().map(|outcome| outcome.verdict.clone()).unwrap_or_default();
            shared.gone.store(true, Ordering::Relaxed);
        }
        let seconds = started.elapsed().as_secs_f64();
        teller.tell(UnitResult { unit: n, outcomes, seconds });
    }
    if let Some(worker) = worker {
        worker.close().await;
    }
    teller.flush();
    commit(shared, teller).await;
}

/// Takes units that commit until there is none.
async fn commit(shared: &SchedulerState, teller: &mut ResultBatcher) {
    while let Some(n) = shared.committed.take().filter(|_| teller.is_heard()) {
        let Some(unit) = shared.units.get(n) else { break };
        let started = Instant::now();
        let outcomes = if shared.gone.load(Ordering::Relaxed) {
            vec![Outcome::error("the server is gone", Evidence::default()); unit.checks.len()]
        } else if all_skipped(unit) {
            unit.checks.iter().map(skipped).collect()
        } else {
            match own(shared, unit, n).await {
                Ok(outcomes) => outcomes,
                Err(error) => vec![Outcome::error(error.to_string(), Evidence::default()); unit.checks.len()],
            }
        };
        let seconds = started.elapsed().as_secs_f64();
        teller.tell(UnitResult { unit: n, outcomes, seconds });
    }
}

async fn rolled_back(worker: &mut Worker, unit: &Unit) -> Vec<Outcome> {
    if all_skipped(unit) {
        return unit.checks.iter().map(skipped).collect();
    }
    began(unit, worker.database());
    let outcomes = finished(unit, unit.run(worker).await);
    ended(unit, &outcomes);
    outcomes
}

/// Of the checks of a unit, which are decided together.
fn began(unit: &Unit, database: &str) {
    if tracing::enabled!(tracing::Level::DEBUG) {
        unit.checks.iter().for_each(|check| tracing::debug!(check = check.id, database, "trying"));
    }
}

fn ended(unit: &Unit, outcomes: &[Outcome]) {
    if tracing::enabled!(tracing::Level::DEBUG) {
        let both = unit.checks.iter().zip(outcomes);
        both.for_each(|(check, outcome)| tracing::debug!(check = check.id, status = ?outcome.status, "tried"));
    }
}

/// One outcome for each check, and that of a check that is left out is its reason.
fn finished(unit: &Unit, mut outcomes: Vec<Outcome>) -> Vec<Outcome> {
    outcomes.resize_with(unit.checks.len(), || Outcome::error("no outcome", Evidence::default()));
    for (outcome, check) in outcomes.iter_mut().zip(&unit.checks) {
        if check.skip.is_some() {
            *outcome = skipped(check);
        }
    }
    outcomes
}

fn all_skipped(unit: &Unit) -> bool {
    unit.checks.iter().all(|check| check.skip.is_some())
}

fn skipped(check: &crate::check::Check) -> Outcome {
    Outcome::skipped(check.skip.clone().unwrap_or_default())
}

/// A unit that commits: a clone of its own, dropped after.
async fn own(shared: &SchedulerState, unit: &Unit, n: usize) -> Result<Vec<Outcome>, Error> {
    let database = shared.clones.spare(&format!("own_{n}")).await?;
    let mut worker = Worker::later(shared.stage.clone(), shared.world.clone(), database.clone());
    began(unit, &database);
    let outcomes = finished(unit, unit.run(&mut worker).await);
    ended(unit, &outcomes);
    worker.close().await;
    shared.stage.drop_clone(&database).await?;
    Ok(outcomes)
}
