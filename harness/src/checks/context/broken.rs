//! Contexts broken on purpose, unset, empty or malformed: they must yield no row of any tenant.

use std::collections::BTreeSet;

use super::shared::{check, is_tried, tolerated};
use crate::Error;
use crate::actor::{Break, Broken, Identity};
use crate::check::Unit;
use crate::check::outcome::Outcome;
use crate::check::task::{Isolation, OutcomesFuture, Task};
use crate::checks::attempt::access::{Access, rows};
use crate::checks::attempt::cell::Cell;
use crate::checks::attempt::insert::{Candidate, Insert};
use crate::checks::attempt::select::{ReadStatement, statement, stopped};
use crate::checks::attempt::statement::{self, Copy, where_keys};
use crate::checks::attempt::write::Write;
use crate::judge::effect::{RowKey, show_keys};
use crate::pg::session::ResultSet;
use crate::report::record::Evidence;
use crate::session::{AttemptError, Worker};
use crate::sql::Sql;
use crate::suite::resolved::{Actor, Command, Rows};
use crate::world::World;

/// Rows that are copied where the whole context may insert none.
const COPIES: usize = 4;

/// One actor's context broken in one way; `name` is the id's, or stands for all.
pub(crate) fn plan(world: &World, actor: &Actor, name: &str, broken: &Broken) -> Result<Vec<Unit>, Error> {
    let how = broken.how.as_str();
    let absent = broken.ids.iter().map(String::as_str).collect::<Vec<_>>().join("`, `");
    let (mut checks, mut tried) = (Vec::new(), Vec::new());
    for entry in world.entries() {
        if entry.follows || !is_tried(world, &entry) {
            continue;
        }
        for command in [Command::Select, Command::Insert, Command::Update, Command::Delete] {
            let cell = Cell::of(world, entry, actor, command);
            if !is_asked(&cell) {
                continue;
            }
            let (keys, rows) = tolerated(world, &cell, &broken.ids);
            let all = world.keys(entry.relation, &actor.name, &Rows::All);
            // What is meant for everybody is no leak; an empty seed is no such thing.
            if !all.is_empty() && all.is_subset(&keys) {
                continue;
            }
            let mut access = cell.access();
            access.identity = broken.identity.clone();
            access.broken = true;
            access.granted = format!("{} without `{}`", crate::checks::attempt::access::rows(keys.len()), absent);
            let one = match command {
                _ if all.is_empty() => BrokenProbe::Nothing(Box::new(access)),
                Command::Select => BrokenProbe::Read { access: Box::new(access), tolerated: keys },
                // What is accepted without the id as well tells nothing.
                Command::Insert if !cell.granted.is_empty() && cell.granted.is_subset(&keys) => continue,
                Command::Insert => match insert(&cell, access.clone(), &rows, &keys)? {
                    Some(task) => BrokenProbe::Write(task),
                    None => BrokenProbe::Nothing(Box::new(access)),
                },
                _ => BrokenProbe::Write(write(&cell, access, &keys)),
            };
            checks.push(check(&cell, name, how));
            tried.push(one);
        }
    }
    if checks.is_empty() {
        return Ok(Vec::new());
    }
    let whole = Identity::of(actor, &world.suite.actors);
    Ok(vec![Unit::of(checks, Box::new(BrokenContext { broken: broken.clone(), whole, tried }))])
}

/// Whether the broken context of this actor says something here: where it has a cell, or else where its role holds the
/// privilege, so that a policy may open to a session that stands for nobody. Broken, the contexts of all who share role
/// and context are one: without a cell one of them is tried, and none where another's cell is.
fn is_asked(cell: &Cell<'_>) -> bool {
    let (world, actor) = (cell.world, cell.actor);
    if cell.grant.is_some() {
        return true;
    }
    let can = crate::checks::contract::commands::commands(cell.entry.relation).contains(&cell.command);
    if !can || world.lacks(&actor.name, cell.entry.relation, cell.command) {
        return false;
    }
    let who = |actor: &Actor| (actor.login.clone(), actor.role.clone(), actor.context.clone());
    let mut same = world.suite.actors.values().filter(|other| who(other) == who(actor));
    same.clone().next().is_some_and(|first| first.name == actor.name)
        && !same.any(|other| cell.entry.contract.grant(other, cell.command).is_some())
}

/// The unfiltered write of the whole context: it may touch nothing but what is tolerated.
fn write(cell: &Cell<'_>, access: Access, may: &BTreeSet<RowKey>) -> Box<dyn Task> {
    let relation = cell.entry.relation;
    let only = cell.grant.as_ref().and_then(|grant| grant.columns.as_ref());
    let baseline = cell.world.baseline(relation);
    let assigned = baseline
        .and_then(|baseline| statement::assignment(relation, baseline, cell.held(), only, cell.granted.first()));
    let sql = |filter: Option<&str>| match (cell.command, &assigned) {
        (Command::Update, Some((column, to))) => {
            statement::update(relation, column, cell.value(column, to.as_deref()), filter)
        }
        _ => statement::delete(relation, filter),
    };
    let others: Vec<RowKey> =
        cell.world.keys(relation, &cell.actor.name, &Rows::All).difference(may).take(4).cloned().collect();
    let each = if cell.reads_keys() {
        others.iter().map(|key| sql(Some(&where_keys(relation, [key])))).collect()
    } else {
        Vec::new()
    };
    let without = match cell.command {
        Command::Delete => statement::drop_references(&cell.world.catalog, relation),
        _ => Vec::new(),
    };
    Box::new(Write { access, sql: sql(None), must: BTreeSet::new(), may: may.clone(), within: None, each, without })
}

/// A copy of a row that the whole context alone may insert, or of any where it may insert none: not to be accepted.
fn insert(
    cell: &Cell<'_>,
    access: Access,
    rows: &[Rows],
    tolerated: &BTreeSet<RowKey>,
) -> Result<Option<Box<dyn Task>>, Error> {
    let whole = cell.grant.is_some();
    let (what, from, most) = match whole {
        true => ("a row that the whole context may insert", &cell.granted, 1),
        false => ("a row of others with fresh keys", &cell.others, COPIES),
    };
    let candidate = |sql: Sql| Candidate {
        what: what.to_owned(),
        witness: Some(sql.clone()),
        sql,
        control: None,
        verbatim: false,
        aside: false,
        meets: false,
    };
    let copies = from.difference(tolerated).take(most).filter_map(|key| cell.unnumbered(key, &Copy::default()));
    let candidates: Vec<Candidate> = copies.map(candidate).collect();
    if candidates.is_empty() {
        return Ok(None);
    }
    let parts: Result<Vec<String>, Error> =
        rows.iter().map(|rows| cell.predicate(rows).map(|sql| format!("({sql})"))).collect();
    let parts = parts?;
    let within = if parts.is_empty() { "false".to_owned() } else { parts.join(" OR ") };
    let whole = whole.then(|| Identity::of(cell.actor, &cell.world.suite.actors));
    Ok(Some(Box::new(Insert { access, granted: false, candidates, within, whole, empty: "nothing to insert" })))
}

/// What is tried under a broken context.
#[derive(Debug)]
pub(super) enum BrokenProbe {
    /// A read: these keys may be seen.
    Read {
        /// Who and where.
        access: Box<Access>,
        /// What the contract grants without the id.
        tolerated: BTreeSet<RowKey>,
    },
    /// Nothing: the seed has no row to try it on.
    Nothing(Box<Access>),
    /// A write, with its own judgement.
    Write(Box<dyn Task>),
}

/// One actor's context, broken in one way, on every relation.
#[derive(Debug)]
pub(super) struct BrokenContext {
    /// The broken context.
    pub broken: Broken,
    /// The whole context, which an earlier transaction of the same connection had.
    pub whole: Identity,
    /// One for each check.
    pub tried: Vec<BrokenProbe>,
}

impl Task for BrokenContext {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let left_over = self.broken.how == Break::Empty;
            if !worker.serves(&self.whole, &self.broken.identity, left_over) {
                return self.on_its_own(worker).await;
            }
            // A pooled connection reads what an earlier transaction set; who sets nothing has a session of its own.
            if !left_over {
                return self.on(worker).await;
            }
            let mut lent = match worker.lend_contexts().await {
                Ok(lent) => lent,
                Err(lost) => return self.not_tried(&AttemptError::ConnectionLost(lost)),
            };
            let outcomes = self.on(&mut lent).await;
            worker.give_back(lent);
            outcomes
        })
    }

    fn isolation(&self) -> Isolation {
        if self.broken.identity.sets_nothing() { Isolation::PristineSession } else { Isolation::SharedClone }
    }
}

impl BrokenContext {
    /// On a connection of its own: what was set on it before, and by which code, is what the break is about.
    async fn on_its_own(&self, worker: &mut Worker) -> Vec<Outcome> {
        let mut fresh = match worker.on_fresh_connection(self.whole.login.as_deref()).await {
            Ok(fresh) => fresh,
            Err(lost) => return self.not_tried(&AttemptError::ConnectionLost(lost)),
        };
        let outcomes = self.on(&mut fresh).await;
        fresh.close().await;
        outcomes
    }

    async fn on(&self, worker: &mut Worker) -> Vec<Outcome> {
        if self.broken.how == Break::Empty
            && let Err(failure) = worker.read_and_commit(&self.whole, "SELECT 1").await
        {
            return self.not_tried(&failure);
        }
        let mut outcomes = Vec::with_capacity(self.tried.len());
        for tried in &self.tried {
            if self.broken.how == Break::Unset {
                worker.as_never_set().await;
            }
            outcomes.push(match tried {
                BrokenProbe::Read { access, tolerated } => read(worker, access, tolerated).await,
                BrokenProbe::Nothing(access) => {
                    let expected = format!("only what is granted: {}", access.granted);
                    let evidence = access.evidence("", expected, "nothing was tried");
                    Outcome::error("no row on the seed to try it on: it proves nothing", evidence)
                }
                BrokenProbe::Write(task) => failed_closed(task.run(worker).await.pop()),
            });
        }
        outcomes
    }

    fn not_tried(&self, failure: &AttemptError) -> Vec<Outcome> {
        vec![Outcome::not_tried(failure, Evidence::default()); self.tried.len()]
    }
}

fn failed_closed(outcome: Option<Outcome>) -> Outcome {
    outcome.unwrap_or_else(|| Outcome::error("nothing was tried", Evidence::default()))
}

pub(crate) async fn read(worker: &mut Worker, access: &Access, tolerated: &BTreeSet<RowKey>) -> Outcome {
    let world = worker.world.clone();
    let statement = statement(&world, access);
    let expected = format!("only what is granted: {}", access.granted);
    let tried = match worker.read(&access.identity, &statement.sql).await {
        Ok(attempt) => attempt.result,
        Err(AttemptError::Setter { error, .. }) => {
            let evidence = access.evidence(&statement.sql, expected, error.line());
            return Outcome::passed("failed closed: the setter refuses the context", evidence);
        }
        Err(failure) => return Outcome::not_tried(&failure, access.evidence(&statement.sql, expected, "nothing")),
    };
    match tried {
        Err(error) => {
            let class = access.class(&world, &error);
            let evidence = access.evidence(&statement.sql, expected, error.line());
            if class == crate::judge::classify::ErrorClass::Raised {
                return Outcome::passed("failed closed: raised by code of the schema", evidence);
            }
            stopped(crate::checks::attempt::select::Probe::Withheld, &class, evidence)
        }
        Ok(result) => judge(&world, access, &statement, &result, tolerated),
    }
}

fn judge(
    world: &World,
    access: &Access,
    statement: &ReadStatement,
    result: &ResultSet,
    tolerated: &BTreeSet<RowKey>,
) -> Outcome {
    let sql = statement.sql.as_str();
    let baseline = access.relation(world).and_then(|relation| world.baseline(relation)).cloned().unwrap_or_default();
    let (seen, unclear) = statement.seen(&baseline, tolerated, result);
    if unclear {
        let evidence =
            access.evidence(sql, format!("only what is granted: {}", access.granted), "rows that look alike");
        return Outcome::error("what the actor may read does not tell tolerated rows from others", evidence);
    }
    let leaked: Vec<&RowKey> = seen.difference(tolerated).collect();
    if !leaked.is_empty() {
        let n = leaked.len();
        let mut evidence = access.evidence_of_leak(world, sql, format!("{} seen", rows(n)));
        evidence.notes.insert(0, format!("seen: {}", show_keys(&baseline, leaked.iter().copied())));
        evidence.notes.push("if this is allowed by design: pass_through.ID, with the reason".to_owned());
        return Outcome::failed(format!("sees {} of tenants with a broken context", rows(n)), evidence);
    }
    let hidden = baseline.rows.keys().filter(|key| !tolerated.contains(*key)).count();
    let mut evidence =
        access.evidence(sql, format!("only what is granted: {}", access.granted), "no row of any tenant");
    if hidden == 0 {
        return Outcome::error("no row of a tenant on the seed: it proves nothing", evidence);
    }
    evidence.witness = format!("the witness role sees {} of tenants there", rows(hidden));
    Outcome::passed("filtered", evidence)
}
