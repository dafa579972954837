//! Broken contexts: unset, empty, malformed for each id; swapped and mixed for each actor.

use std::collections::BTreeSet;

use super::basis::Basis;
use super::contract::{Entry, Place};
use super::id::id;
use super::statement::{self, Copy, where_keys};
use crate::Error;
use crate::actor::{Break, Broken, Identity, carried_ids, mixed};
use crate::check::context::{Context, Mixed, Tried};
use crate::check::insert::{Attempt, Insert};
use crate::check::swapped::{Shared, Swapped};
use crate::check::write::Write;
use crate::check::{Check, Task, Unit};
use crate::judge::effect::{Key, key_of};
use crate::suite::resolved::{Actor, Command, Kind, Rows};

/// What whole-context checks have in the place of an id.
const WHOLE: &str = "context";

pub(super) fn plan(basis: &Basis) -> Result<Vec<Unit>, Error> {
    let mut units = Vec::new();
    let actors = &basis.suite.actors;
    for actor in actors.values() {
        let ids = carried_ids(actor);
        for id in &ids {
            for how in Break::ALL {
                units.extend(broken(basis, actor, &Broken::of(actor, actors, id, how))?);
            }
            units.extend(mix(basis, actor, id, ids.len()));
        }
        if !ids.is_empty() {
            units.extend(swapped(basis, actor));
        }
    }
    Ok(units)
}

fn check(place: &Place<'_>, id_name: &str, how: &str) -> Check {
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

/// What may be seen or written without the id: row sets that do not depend on it, what is granted to somebody of the
/// same role who has no id at all, and what `pass_through` says.
fn tolerated(basis: &Basis, place: &Place<'_>, broken: &str) -> (BTreeSet<Key>, Vec<Rows>) {
    let contract = place.entry.contract;
    let mut rows: Vec<Rows> = Vec::new();
    if let Some(cell) = &place.cell
        && let Rows::Sets(names) = &cell.rows
    {
        let sets = basis.row_sets();
        let independent = |name: &&String| !sets.ids_of(contract, name).contains(broken);
        rows.push(Rows::Sets(names.iter().filter(independent).cloned().collect()));
    }
    if let Some(pass) = contract.pass_through.get(broken).and_then(|pass| pass.commands.get(&place.command)) {
        rows.push(pass.clone());
    }
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

fn broken(basis: &Basis, actor: &Actor, broken: &Broken) -> Result<Vec<Unit>, Error> {
    let how = broken.how.as_str();
    let (mut checks, mut tried) = (Vec::new(), Vec::new());
    for entry in basis.entries() {
        if entry.follows || !is_tried(basis, &entry) {
            continue;
        }
        for command in [Command::Select, Command::Insert, Command::Update, Command::Delete] {
            let place = Place::of(basis, entry, actor, command);
            if place.cell.is_none() {
                continue;
            }
            let (keys, rows) = tolerated(basis, &place, &broken.id);
            let hidden = basis.keys(entry.relation, &actor.name, &Rows::All).difference(&keys).count();
            if hidden == 0 {
                continue;
            }
            let mut trial = place.trial();
            trial.identity = broken.identity.clone();
            trial.broken = true;
            trial.granted = format!("{} without `{}`", crate::check::trial::rows(keys.len()), broken.id);
            let one = match command {
                Command::Select => Tried::Read { trial: Box::new(trial), tolerated: keys },
                Command::Insert => match insert(&place, trial, &rows, &keys)? {
                    Some(task) => Tried::Write(task),
                    None => continue,
                },
                _ => Tried::Write(write(&place, trial, &keys)),
            };
            checks.push(check(&place, &broken.id, how));
            tried.push(one);
        }
    }
    if checks.is_empty() {
        return Ok(Vec::new());
    }
    let whole = Identity::of(actor, &basis.suite.actors);
    Ok(vec![Unit { checks, task: Box::new(Context { broken: broken.clone(), whole, tried }) }])
}

fn is_tried(basis: &Basis, entry: &Entry<'_>) -> bool {
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

/// A copy of a row that the whole context alone may insert: it must not be accepted.
fn insert(
    place: &Place<'_>,
    trial: crate::check::trial::Trial,
    rows: &[Rows],
    tolerated: &BTreeSet<Key>,
) -> Result<Option<Box<dyn Task>>, Error> {
    let only = place.granted.difference(tolerated).next();
    let Some(sql) = only.and_then(|key| place.unnumbered(key, &Copy::default())) else {
        return Ok(None);
    };
    let parts: Result<Vec<String>, Error> =
        rows.iter().map(|rows| place.predicate(rows).map(|sql| format!("({sql})"))).collect();
    let parts = parts?;
    let within = if parts.is_empty() { "false".to_owned() } else { parts.join(" OR ") };
    let attempt = Attempt {
        what: "a row that the whole context may insert".to_owned(),
        witness: Some(sql.clone()),
        sql,
        control: None,
        verbatim: false,
    };
    Ok(Some(Box::new(Insert { trial, granted: false, attempts: vec![attempt], within, empty: "nothing to insert" })))
}

/// Somebody else after this actor on one connection, and the relations that both read.
fn swapped(basis: &Basis, first: &Actor) -> Option<Unit> {
    let (mut checks, mut shared) = (Vec::new(), Vec::new());
    let role = |actor: &Actor| basis.identities.get(&actor.name).map(|one| (one.login.clone(), one.role.clone()));
    let same_role = |actor: &Actor| role(actor) == role(first);
    for entry in basis.entries() {
        if entry.follows || !is_tried(basis, &entry) || !entry.relation.kind.is_table() {
            continue;
        }
        let mine = Place::of(basis, entry, first, Command::Select);
        if mine.granted.is_empty() {
            continue;
        }
        // The same role, so that the same policies apply; somebody without a context shows what is left over best.
        let second = basis
            .suite
            .actors
            .values()
            .filter(|actor| actor.name != first.name && actor.bypass_rls.is_none() && same_role(actor))
            .map(|actor| Place::of(basis, entry, actor, Command::Select))
            .filter(|place| place.granted != mine.granted && !place.others.is_empty() && place.reads_keys())
            .min_by_key(|place| {
                (!carried_ids(place.actor).is_empty(), place.granted.is_empty(), place.actor.name.clone())
            });
        let Some(second) = second else { continue };
        let (_, keys) = key_of(entry.relation);
        let sql = format!("SELECT {} FROM {}", keys.join(", "), entry.relation.name.sql());
        checks.push(check(&mine, WHOLE, "swapped"));
        let mut trial = second.trial();
        // Who sets nothing reads what is left over, as with a broken context.
        trial.broken = carried_ids(second.actor).is_empty();
        shared.push(Shared { trial, sql, granted: second.granted.clone() });
    }
    let task = Swapped { first: Identity::of(first, &basis.suite.actors), shared };
    (!checks.is_empty()).then(|| Unit { checks, task: Box::new(task) })
}

/// One id of somebody else of a common group: a context with a single id would be the other's whole one. Neither is it
/// mixed where it is the whole context of a third, as two users of one tenant are to a user of both.
fn mix(basis: &Basis, actor: &Actor, id: &str, carried: usize) -> Vec<Unit> {
    if carried < 2 {
        return Vec::new();
    }
    let actors = &basis.suite.actors;
    let whole: BTreeSet<Vec<String>> = actors.values().map(|actor| Identity::of(actor, actors).statements()).collect();
    let common = |other: &&Actor| {
        other.name != actor.name
            && other.groups.intersection(&actor.groups).next().is_some()
            && other.ids.get(id).is_some_and(|value| actor.ids.get(id) != Some(value))
            && mixed(actor, other, actors, id).is_some_and(|mixed| !whole.contains(&mixed.statements()))
    };
    let Some(other) = actors.values().find(common) else { return Vec::new() };
    let Some(identity) = mixed(actor, other, actors, id) else { return Vec::new() };
    let mut units = Vec::new();
    for entry in basis.entries().into_iter().filter(|entry| !entry.follows && is_tried(basis, entry)) {
        let mine = Place::of(basis, entry, actor, Command::Select);
        let theirs = Place::of(basis, entry, other, Command::Select);
        let tolerated: BTreeSet<Key> = mine.granted.union(&theirs.granted).cloned().collect();
        let all = basis.keys(entry.relation, &actor.name, &Rows::All);
        if mine.cell.is_none() || all.difference(&tolerated).next().is_none() {
            continue;
        }
        let mut trial = mine.trial();
        trial.identity = identity.clone();
        trial.granted = format!("what {} or {} sees", actor.name, other.name);
        units.push(Unit::one(check(&mine, id, "mixed"), Mixed { trial, tolerated }));
    }
    units
}
