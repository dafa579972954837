//! One id of another tenant in an otherwise whole context: it must see nothing that neither whole context sees.

use std::collections::BTreeSet;

use super::broken::read;
use super::shared::{check, is_tried};
use crate::actor::{Identity, mixed};
use crate::check::Unit;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::attempt::access::Access;
use crate::checks::attempt::cell::Cell;
use crate::judge::effect::RowKey;
use crate::session::Worker;
use crate::suite::resolved::{Actor, Command, Rows};
use crate::world::World;

/// One id of somebody else of a common group: a context with a single id would be the other's whole one. Neither is it
/// mixed where it is the whole context of a third, as two users of one tenant are to a user of both.
pub(crate) fn plan(world: &World, actor: &Actor, id: &str, carried: usize) -> Vec<Unit> {
    if carried < 2 {
        return Vec::new();
    }
    let actors = &world.suite.actors;
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
    for entry in world.entries().into_iter().filter(|entry| !entry.follows && is_tried(world, entry)) {
        let mine = Cell::of(world, entry, actor, Command::Select);
        let theirs = Cell::of(world, entry, other, Command::Select);
        let tolerated: BTreeSet<RowKey> = mine.granted.union(&theirs.granted).cloned().collect();
        let all = world.keys(entry.relation, &actor.name, &Rows::All);
        if mine.grant.is_none() || all.difference(&tolerated).next().is_none() {
            continue;
        }
        let mut access = mine.access();
        access.identity = identity.clone();
        access.granted = format!("what {} or {} sees", actor.name, other.name);
        units.push(Unit::one(check(&mine, id, "mixed"), Mixed { access, tolerated }));
    }
    units
}

/// Another actor's ids in part: nothing that neither whole context sees.
#[derive(Debug)]
pub(super) struct Mixed {
    /// Who and where.
    pub access: Access,
    /// What either whole context sees.
    pub tolerated: BTreeSet<RowKey>,
}

impl Task for Mixed {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move { vec![read(worker, &self.access, &self.tolerated).await] })
    }
}
