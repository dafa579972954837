//! Broken contexts: unset, empty, malformed for each id; unset and empty for all of several.

use std::collections::BTreeSet;

use super::basis::Basis;
use super::contract::{Entry, Place};
use super::id::id;
use super::statement::{self, Copy, where_keys};
use crate::Error;
use crate::actor::{Break, Broken, Identity, carried_ids};
use crate::check::context::{Context, Tried};
use crate::check::insert::{Attempt, Insert};
use crate::check::write::Write;
use crate::check::{Check, Task, Unit};
use crate::judge::effect::Key;
use crate::sql::Sql;
use crate::suite::resolved::{Actor, Command, Kind, Rows};

/// What whole-context checks have in the place of an id.
pub(super) const WHOLE: &str = "context";

/// Rows that are copied where the whole context may insert none.
const COPIES: usize = 4;

pub(super) fn plan(basis: &Basis) -> Result<Vec<Unit>, Error> {
    let mut units = Vec::new();
    let actors = &basis.suite.actors;
    for actor in actors.values() {
        let ids = carried_ids(actor);
        for id in &ids {
            for how in Break::ALL {
                let one = BTreeSet::from([id.clone()]);
                units.extend(broken(basis, actor, id, &Broken::of(actor, actors, &one, how))?);
            }
            units.extend(super::shared::mix(basis, actor, id, ids.len()));
        }
        if ids.len() > 1 {
            for how in [Break::Unset, Break::Empty] {
                units.extend(broken(basis, actor, WHOLE, &Broken::of(actor, actors, &ids, how))?);
            }
        }
        if !ids.is_empty() {
            units.extend(super::shared::swapped(basis, actor));
            units.extend(super::shared::forgotten(basis, actor));
        }
    }
    Ok(units)
}

pub(super) fn check(place: &Place<'_>, id_name: &str, how: &str) -> Check {
    let basis = place.basis;
    let relation = place.entry.relation.name.to_string();
    let last = format!("{id_name}.{how}");
    Check {
        id: id([basis.suite.name.as_str(), "context", &relation, place.command.as_str(), &place.actor.name, &last]),
        kind: Kind::Context,
        title: format!("{} with {id_name} {how}: {} {relation}", place.actor.name, place.command),
        controls: basis.controls(Kind::Context, &place.entry.contract.controls),
        ..place.check(how)
    }
}

/// What may be seen or written without the ids: row sets by other ids, what is granted to somebody of the same role who
/// has no id at all, and what `pass_through` says.
pub(super) fn tolerated(basis: &Basis, place: &Place<'_>, broken: &BTreeSet<String>) -> (BTreeSet<Key>, Vec<Rows>) {
    let contract = place.entry.contract;
    let mut rows: Vec<Rows> = Vec::new();
    if let Some(cell) = &place.cell
        && let Rows::Sets(names) = &cell.rows
    {
        let (sets, carried) = (basis.row_sets(), carried_ids(place.actor));
        // An id that the context does not carry is found by those that it does, as a tenant by its member. A set without
        // any id is what an actor is granted, and says nothing of a session that stands for none.
        let independent = |name: &&String| {
            let ids = sets.ids_of(contract, name);
            !ids.is_empty() && ids.is_disjoint(broken) && ids.iter().all(|id| carried.contains(&**id))
        };
        rows.push(Rows::Sets(names.iter().filter(independent).cloned().collect()));
    }
    let passes = broken.iter().filter_map(|id| contract.pass_through.get(id)?.commands.get(&place.command));
    rows.extend(passes.cloned());
    let mut keys: BTreeSet<Key> =
        rows.iter().flat_map(|rows| basis.keys(place.entry.relation, &place.actor.name, rows)).collect();
    let role = |actor: &Actor| basis.identities.get(&actor.name).map(Identity::effective_role);
    let public = basis
        .suite
        .actors
        .values()
        .filter(|actor| actor.ids.is_empty() && actor.bypass_rls.is_none() && role(actor) == role(place.actor));
    for actor in public {
        if let Some(cell) = contract.cell(actor, place.command) {
            keys.extend(basis.keys(place.entry.relation, &actor.name, &cell.rows));
        }
    }
    (keys, rows)
}

/// One actor's context broken in one way; `name` is the id's, or stands for all.
fn broken(basis: &Basis, actor: &Actor, name: &str, broken: &Broken) -> Result<Vec<Unit>, Error> {
    let how = broken.how.as_str();
    let absent = broken.ids.iter().map(String::as_str).collect::<Vec<_>>().join("`, `");
    let (mut checks, mut tried) = (Vec::new(), Vec::new());
    for entry in basis.entries() {
        if entry.follows || !is_tried(basis, &entry) {
            continue;
        }
        for command in [Command::Select, Command::Insert, Command::Update, Command::Delete] {
            let place = Place::of(basis, entry, actor, command);
            if !is_asked(&place) {
                continue;
            }
            let (keys, rows) = tolerated(basis, &place, &broken.ids);
            let all = basis.keys(entry.relation, &actor.name, &Rows::All);
            // What is meant for everybody is no leak; an empty seed is no such thing.
            if !all.is_empty() && all.is_subset(&keys) {
                continue;
            }
            let mut trial = place.trial();
            trial.identity = broken.identity.clone();
            trial.broken = true;
            trial.granted = format!("{} without `{}`", crate::check::trial::rows(keys.len()), absent);
            let one = match command {
                _ if all.is_empty() => Tried::Nothing(Box::new(trial)),
                Command::Select => Tried::Read { trial: Box::new(trial), tolerated: keys },
                // What is accepted without the id as well tells nothing.
                Command::Insert if !place.granted.is_empty() && place.granted.is_subset(&keys) => continue,
                Command::Insert => match insert(&place, trial.clone(), &rows, &keys)? {
                    Some(task) => Tried::Write(task),
                    None => Tried::Nothing(Box::new(trial)),
                },
                _ => Tried::Write(write(&place, trial, &keys)),
            };
            checks.push(check(&place, name, how));
            tried.push(one);
        }
    }
    if checks.is_empty() {
        return Ok(Vec::new());
    }
    let whole = Identity::of(actor, &basis.suite.actors);
    Ok(vec![Unit { checks, task: Box::new(Context { broken: broken.clone(), whole, tried }) }])
}

/// Whether the broken context of this actor says something here: where it has a cell, or else where its role holds the
/// privilege, so that a policy may open to a session that stands for nobody. Broken, the contexts of all who share role
/// and context are one: without a cell one of them is tried, and none where another's cell is.
fn is_asked(place: &Place<'_>) -> bool {
    let (basis, actor) = (place.basis, place.actor);
    if place.cell.is_some() {
        return true;
    }
    let can = super::contract::commands(place.entry.relation).contains(&place.command);
    if !can || basis.lacks(&actor.name, place.entry.relation, place.command) {
        return false;
    }
    let who = |actor: &Actor| (actor.login.clone(), actor.role.clone(), actor.context.clone());
    let mut same = basis.suite.actors.values().filter(|other| who(other) == who(actor));
    same.clone().next().is_some_and(|first| first.name == actor.name)
        && !same.any(|other| place.entry.contract.cell(other, place.command).is_some())
}

pub(super) fn is_tried(basis: &Basis, entry: &Entry<'_>) -> bool {
    entry.contract.skip.is_none()
        && basis.out_of_version(entry.contract.versions).is_none()
        && basis.baseline(entry.relation).is_some()
}

/// The unfiltered write of the whole context: it may touch nothing but what is tolerated.
fn write(place: &Place<'_>, trial: crate::check::trial::Trial, may: &BTreeSet<Key>) -> Box<dyn Task> {
    let relation = place.entry.relation;
    let only = place.cell.as_ref().and_then(|cell| cell.columns.as_ref());
    let baseline = place.basis.baseline(relation);
    let assigned = baseline
        .and_then(|baseline| statement::assignment(relation, baseline, place.held(), only, place.granted.first()));
    let sql = |filter: Option<&str>| match (place.command, &assigned) {
        (Command::Update, Some((column, to))) => {
            statement::update(relation, column, place.value(column, to.as_deref()), filter)
        }
        _ => statement::delete(relation, filter),
    };
    let others: Vec<Key> =
        place.basis.keys(relation, &place.actor.name, &Rows::All).difference(may).take(4).cloned().collect();
    let each = if place.reads_keys() {
        others.iter().map(|key| sql(Some(&where_keys(relation, [key])))).collect()
    } else {
        Vec::new()
    };
    let without = match place.command {
        Command::Delete => statement::drop_references(&place.basis.catalog, relation),
        _ => Vec::new(),
    };
    Box::new(Write { trial, sql: sql(None), must: BTreeSet::new(), may: may.clone(), within: None, each, without })
}

/// A copy of a row that the whole context alone may insert, or of any where it may insert none: not to be accepted.
fn insert(
    place: &Place<'_>,
    trial: crate::check::trial::Trial,
    rows: &[Rows],
    tolerated: &BTreeSet<Key>,
) -> Result<Option<Box<dyn Task>>, Error> {
    let whole = place.cell.is_some();
    let (what, from, most) = match whole {
        true => ("a row that the whole context may insert", &place.granted, 1),
        false => ("a row of others with fresh keys", &place.others, COPIES),
    };
    let attempt = |sql: Sql| Attempt {
        what: what.to_owned(),
        witness: Some(sql.clone()),
        sql,
        control: None,
        verbatim: false,
        aside: false,
        meets: false,
    };
    let copies = from.difference(tolerated).take(most).filter_map(|key| place.unnumbered(key, &Copy::default()));
    let attempts: Vec<Attempt> = copies.map(attempt).collect();
    if attempts.is_empty() {
        return Ok(None);
    }
    let parts: Result<Vec<String>, Error> =
        rows.iter().map(|rows| place.predicate(rows).map(|sql| format!("({sql})"))).collect();
    let parts = parts?;
    let within = if parts.is_empty() { "false".to_owned() } else { parts.join(" OR ") };
    let whole = whole.then(|| Identity::of(place.actor, &place.basis.suite.actors));
    Ok(Some(Box::new(Insert { trial, granted: false, attempts, within, whole, empty: "nothing to insert" })))
}
