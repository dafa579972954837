//! Two actors in turn on one pooled connection, or nobody after one: the second sees what it sees on a connection of its own.

use std::collections::BTreeSet;

use super::shared::{WHOLE, check, is_tried, tolerated};
use crate::actor::{Identity, carried_ids};
use crate::check::Unit;
use crate::check::outcome::Outcome;
use crate::check::task::{Isolation, OutcomesFuture, Task};
use crate::checks::attempt::access::{Access, rows};
use crate::checks::attempt::cell::Cell;
use crate::checks::attempt::select::{Probe, keys_of, stopped};
use crate::judge::classify::ErrorClass;
use crate::judge::effect::{RowKey, key_of, show_keys};
use crate::pg::error::ServerError;
use crate::pg::session::Session;
use crate::report::record::Evidence;
use crate::session::direct::{read_and_commit, read_on};
use crate::session::{AttemptError, Pooled, Worker, scratch_clone};
use crate::suite::resolved::{Actor, Command};
use crate::world::World;

/// Somebody else after this actor on one connection, and the relations that both read.
pub(crate) fn swapped(world: &World, first: &Actor) -> Option<Unit> {
    let (mut checks, mut shared) = (Vec::new(), Vec::new());
    let role = |actor: &Actor| world.identities.get(&actor.name).map(|one| (one.login.clone(), one.role.clone()));
    let same_role = |actor: &Actor| role(actor) == role(first);
    for entry in world.entries() {
        if entry.follows || !is_tried(world, &entry) || !entry.relation.kind.is_table() {
            continue;
        }
        let mine = Cell::of(world, entry, first, Command::Select);
        if mine.granted.is_empty() {
            continue;
        }
        // The same role, so that the same policies apply; somebody without a context shows what is left over best.
        let second = world
            .suite
            .actors
            .values()
            .filter(|actor| actor.name != first.name && actor.bypass_rls.is_none() && same_role(actor))
            .map(|actor| Cell::of(world, entry, actor, Command::Select))
            .filter(|cell| cell.granted != mine.granted && !cell.others.is_empty() && cell.reads_keys())
            .min_by_key(|cell| (!carried_ids(cell.actor).is_empty(), cell.granted.is_empty(), cell.actor.name.clone()));
        let Some(second) = second else { continue };
        let (_, keys) = key_of(entry.relation);
        let sql = format!("SELECT {} FROM {}", keys.join(", "), entry.relation.name.sql());
        checks.push(check(&mine, WHOLE, "swapped"));
        let mut access = second.access();
        // Who sets nothing reads what is left over, as with a broken context.
        access.broken = carried_ids(second.actor).is_empty();
        shared.push(ReusedRead { access, sql, must: second.granted.clone(), may: second.granted.clone() });
    }
    let task = Swapped { first: Identity::of(first, &world.suite.actors), shared };
    (!checks.is_empty()).then(|| Unit::of(checks, Box::new(task)))
}

/// Nobody after this actor on one connection, for an application that sets its context by code of its own: what that
/// sets for the session, and not for the transaction, is there for whoever comes next and forgets to set one. Somebody
/// of the suite who sets nothing is tried by [`swapped`]; of those who share role and context one is enough.
pub(crate) fn forgotten(world: &World, first: &Actor) -> Option<Unit> {
    let actors = || world.suite.actors.values().filter(|actor| actor.bypass_rls.is_none());
    let role = |actor: &Actor| (actor.login.clone(), actor.role.clone());
    let who = |actor: &Actor| (role(actor), actor.context.clone());
    if first.call.is_empty() || actors().any(|one| role(one) == role(first) && carried_ids(one).is_empty()) {
        return None;
    }
    let (mut checks, mut shared) = (Vec::new(), Vec::new());
    for entry in world.entries() {
        if entry.follows || !is_tried(world, &entry) || !entry.relation.kind.is_table() {
            continue;
        }
        let reads = |actor: &&Actor| {
            let cell = Cell::of(world, entry, actor, Command::Select);
            who(actor) == who(first) && !cell.granted.is_empty() && cell.reads_keys()
        };
        if actors().find(reads).is_none_or(|actor| actor.name != first.name) {
            continue;
        }
        let mine = Cell::of(world, entry, first, Command::Select);
        let (may, _) = tolerated(world, &mine, &carried_ids(first));
        let mut access = mine.access();
        access.broken = true;
        access.granted = format!("{} to who sets nothing", rows(may.len()));
        access.identity = Identity {
            name: "who sets nothing".to_owned(),
            settings: Vec::new(),
            calls: Vec::new(),
            expected: Vec::new(),
            ..access.identity
        };
        let sql = format!("SELECT {} FROM {}", key_of(entry.relation).1.join(", "), entry.relation.name.sql());
        checks.push(check(&mine, WHOLE, "forgotten"));
        shared.push(ReusedRead { access, sql, must: BTreeSet::new(), may });
    }
    let task = Swapped { first: Identity::of(first, &world.suite.actors), shared };
    (!checks.is_empty()).then(|| Unit::of(checks, Box::new(task)))
}

/// A relation read by both.
#[derive(Debug)]
pub(super) struct ReusedRead {
    /// Who comes second, and where.
    pub access: Access,
    /// The read, which shows keys.
    pub sql: String,
    /// What the second must see.
    pub must: BTreeSet<RowKey>,
    /// What it may see.
    pub may: BTreeSet<RowKey>,
}

/// The connection that both use.
#[derive(Debug)]
pub(super) struct Swapped {
    /// Who comes first.
    pub first: Identity,
    /// One for each check.
    pub shared: Vec<ReusedRead>,
}

impl Task for Swapped {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let mut outcomes = Vec::with_capacity(self.shared.len());
            // One for all relations: what the first leaves behind adds up, as it does in a pool.
            let mut pooled: Option<Pooled> = None;
            for (n, shared) in self.shared.iter().enumerate() {
                outcomes.push(match self.swap(worker, &mut pooled, shared, n).await {
                    Ok(outcome) => outcome,
                    Err(failure) => Outcome::not_tried(&failure, shared.access.evidence(&shared.sql, "", "nothing")),
                });
            }
            if let Some(pooled) = pooled {
                worker.put_back(pooled).await;
            }
            outcomes
        })
    }

    fn isolation(&self) -> Isolation {
        Isolation::ExclusiveSession
    }
}

impl Swapped {
    /// The statement is prepared once: a plan that keeps the first actor's context would show in the second's rows. The
    /// first commits: a setting of the session, where the application meant one of the transaction, outlives it.
    async fn swap(
        &self,
        worker: &mut Worker,
        pooled: &mut Option<Pooled>,
        shared: &ReusedRead,
        n: usize,
    ) -> Result<Outcome, AttemptError> {
        let mut used = match pooled.take().filter(|pooled| pooled.session.is_open()) {
            Some(used) => used,
            None => worker.pooled(&self.first).await?,
        };
        let outcome = self.on(&worker.world, &mut used.session, shared, n, false).await?;
        used.used_by(&self.first, &[]);
        used.used_by(&shared.access.identity, &[]);
        if let Some(outcome) = outcome {
            *pooled = Some(used);
            return Ok(outcome);
        }
        used.session.close().await;
        let mut other = scratch_clone::worker(worker).await?;
        let outcome = match other.fresh(self.first.login.as_deref()).await {
            Ok(mut session) => {
                let outcome = self.on(&other.world, &mut session, shared, n, true).await;
                session.close().await;
                outcome
            }
            Err(lost) => Err(AttemptError::ConnectionLost(lost)),
        };
        scratch_clone::discard(other).await?;
        let none = || Outcome::error("the first actor's transaction cannot be committed", Evidence::default());
        Ok(outcome?.unwrap_or_else(none))
    }

    /// `None` where the first actor's transaction has written something, and `whatever` does not say that it may.
    async fn on(
        &self,
        world: &World,
        session: &mut Session,
        shared: &ReusedRead,
        n: usize,
        whatever: bool,
    ) -> Result<Option<Outcome>, AttemptError> {
        let name = format!("rlsgate_swapped_{n}");
        let prepare = format!("PREPARE {name} AS {}", shared.sql);
        let execute = format!("EXECUTE {name}");
        let prepared = read_keys(session, &self.first, &prepare).await?;
        let second = match prepared {
            Ok(_) => {
                let (_, committed) = read_and_commit(session, &self.first, &execute, whatever).await?;
                if !committed {
                    return Ok(None);
                }
                read_keys(session, &shared.access.identity, &execute).await?
            }
            Err(error) => {
                let verdict = format!("{} is refused its own read, so nothing is left over", self.first.name);
                let evidence = Evidence { sql: vec![prepare], got: error.line(), ..Evidence::default() };
                return Ok(Some(Outcome::error(verdict, evidence)));
            }
        };
        Ok(Some(self.judge(world, shared, second, &[prepare, execute.clone(), execute])))
    }

    fn judge(
        &self,
        world: &World,
        shared: &ReusedRead,
        second: Result<BTreeSet<RowKey>, ServerError>,
        sql: &[String],
    ) -> Outcome {
        let baseline =
            shared.access.relation(world).and_then(|relation| world.baseline(relation)).cloned().unwrap_or_default();
        let name = &shared.access.identity.name;
        let only = if shared.must == shared.may { "exactly" } else { "at most" };
        let evidence = |got: String| Evidence {
            context: [self.first.describe(), shared.access.identity.describe()].concat(),
            sql: sql.to_vec(),
            expected: format!("{name} sees {only} {}", rows(shared.may.len())),
            got,
            ..Evidence::default()
        };
        let seen = match second {
            Err(error) => {
                let class = shared.access.class(world, &error);
                if class == ErrorClass::Raised && shared.access.broken && shared.must.is_empty() {
                    return Outcome::passed("failed closed: raised by code of the schema", evidence(error.line()));
                }
                let probe = if shared.must.is_empty() { Probe::Withheld } else { Probe::Granted };
                return stopped(probe, &class, evidence(error.line()));
            }
            Ok(seen) => seen,
        };
        let other: Vec<&RowKey> = seen.difference(&shared.may).chain(shared.must.difference(&seen)).collect();
        let mut evidence = evidence(format!("{} seen", rows(seen.len())));
        if !other.is_empty() {
            evidence.notes.push(format!("differs in: {}", show_keys(&baseline, other)));
            return Outcome::failed(format!("sees other rows after {} used the connection", self.first.name), evidence);
        }
        let hidden = baseline.rows.len() - seen.len();
        if hidden == 0 {
            return Outcome::error("no row of others on the seed: it proves nothing", evidence);
        }
        evidence.witness = format!("the witness role sees {} of others there", rows(hidden));
        Outcome::passed("sees what it sees on a connection of its own", evidence)
    }
}

/// Reads on a session as `identity`, for contexts that share one connection.
pub(crate) async fn read_keys(
    session: &mut Session,
    identity: &Identity,
    sql: &str,
) -> Result<Result<BTreeSet<RowKey>, ServerError>, AttemptError> {
    Ok(read_on(session, identity, sql).await?.map(|result| keys_of(&result)))
}
