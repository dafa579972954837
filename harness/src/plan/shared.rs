//! Contexts of two actors: one after the other on a connection, nobody after one, and one with an id of the other.

use std::collections::BTreeSet;

use super::basis::Basis;
use super::context::{WHOLE, check, is_tried, tolerated};
use super::contract::Place;
use crate::actor::{Identity, carried_ids, mixed};
use crate::check::Unit;
use crate::check::context::Mixed;
use crate::check::swapped::{Shared, Swapped};
use crate::judge::effect::{Key, key_of};
use crate::suite::resolved::{Actor, Command, Rows};

/// Somebody else after this actor on one connection, and the relations that both read.
pub(super) fn swapped(basis: &Basis, first: &Actor) -> Option<Unit> {
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
        shared.push(Shared { trial, sql, must: second.granted.clone(), may: second.granted.clone() });
    }
    let task = Swapped { first: Identity::of(first, &basis.suite.actors), shared };
    (!checks.is_empty()).then(|| Unit { checks, task: Box::new(task) })
}

/// Nobody after this actor on one connection, for an application that sets its context by code of its own: what that
/// sets for the session, and not for the transaction, is there for whoever comes next and forgets to set one. Somebody
/// of the suite who sets nothing is tried by [`swapped`]; of those who share role and context one is enough.
pub(super) fn forgotten(basis: &Basis, first: &Actor) -> Option<Unit> {
    let actors = || basis.suite.actors.values().filter(|actor| actor.bypass_rls.is_none());
    let role = |actor: &Actor| (actor.login.clone(), actor.role.clone());
    let who = |actor: &Actor| (role(actor), actor.context.clone());
    if first.call.is_empty() || actors().any(|one| role(one) == role(first) && carried_ids(one).is_empty()) {
        return None;
    }
    let (mut checks, mut shared) = (Vec::new(), Vec::new());
    for entry in basis.entries() {
        if entry.follows || !is_tried(basis, &entry) || !entry.relation.kind.is_table() {
            continue;
        }
        let reads = |actor: &&Actor| {
            let place = Place::of(basis, entry, actor, Command::Select);
            who(actor) == who(first) && !place.granted.is_empty() && place.reads_keys()
        };
        if actors().find(reads).is_none_or(|actor| actor.name != first.name) {
            continue;
        }
        let mine = Place::of(basis, entry, first, Command::Select);
        let (may, _) = tolerated(basis, &mine, &carried_ids(first));
        let mut trial = mine.trial();
        trial.broken = true;
        trial.granted = format!("{} to who sets nothing", crate::check::trial::rows(may.len()));
        trial.identity = Identity {
            name: "who sets nothing".to_owned(),
            settings: Vec::new(),
            calls: Vec::new(),
            expected: Vec::new(),
            ..trial.identity
        };
        let sql = format!("SELECT {} FROM {}", key_of(entry.relation).1.join(", "), entry.relation.name.sql());
        checks.push(check(&mine, WHOLE, "forgotten"));
        shared.push(Shared { trial, sql, must: BTreeSet::new(), may });
    }
    let task = Swapped { first: Identity::of(first, &basis.suite.actors), shared };
    (!checks.is_empty()).then(|| Unit { checks, task: Box::new(task) })
}

/// One id of somebody else of a common group: a context with a single id would be the other's whole one. Neither is it
/// mixed where it is the whole context of a third, as two users of one tenant are to a user of both.
pub(super) fn mix(basis: &Basis, actor: &Actor, id: &str, carried: usize) -> Vec<Unit> {
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
