//! What the kinds of broken contexts share: their ids, what they may see, and where they are tried.

use std::collections::BTreeSet;

use crate::actor::{Identity, carried_ids};
use crate::check::Check;
use crate::checks::attempt::cell::Cell;
use crate::judge::effect::RowKey;
use crate::suite::resolved::{Actor, Rows};
use crate::world::{ContractEntry, World};

/// What the kind is called.
pub(crate) const NAME: &str = "context";

/// What whole-context checks have in the place of an id.
pub(crate) const WHOLE: &str = "context";

pub(crate) fn check(cell: &Cell<'_>, id_name: &str, how: &str) -> Check {
    let world = cell.world;
    let relation = cell.entry.relation.name.to_string();
    let last = format!("{id_name}.{how}");
    let parts = [world.suite.name.as_str(), NAME, &relation, cell.command.as_str(), &cell.actor.name, &last];
    Check::new(NAME, parts, cell.declared())
        .title(format!("{} with {id_name} {how}: {} {relation}", cell.actor.name, cell.command))
        .about(&*relation, cell.command.as_str())
        .by(&cell.actor.name)
        .controls(world.controls(NAME, &cell.entry.contract.controls))
}

/// What may be seen or written without the ids: row sets by other ids, what is granted to somebody of the same role who
/// has no id at all, and what `pass_through` says.
pub(crate) fn tolerated(world: &World, cell: &Cell<'_>, broken: &BTreeSet<String>) -> (BTreeSet<RowKey>, Vec<Rows>) {
    let contract = cell.entry.contract;
    let mut rows: Vec<Rows> = Vec::new();
    if let Some(grant) = &cell.grant
        && let Rows::Sets(names) = &grant.rows
    {
        let (sets, carried) = (world.row_sets(), carried_ids(cell.actor));
        // An id that the context does not carry is found by those that it does, as a tenant by its member. A set without
        // any id is what an actor is granted, and says nothing of a session that stands for none.
        let independent = |name: &&String| {
            let ids = sets.ids_of(contract, name);
            !ids.is_empty() && ids.is_disjoint(broken) && ids.iter().all(|id| carried.contains(&**id))
        };
        rows.push(Rows::Sets(names.iter().filter(independent).cloned().collect()));
    }
    let passes = broken.iter().filter_map(|id| contract.pass_through.get(id)?.commands.get(&cell.command));
    rows.extend(passes.cloned());
    let mut keys: BTreeSet<RowKey> =
        rows.iter().flat_map(|rows| world.keys(cell.entry.relation, &cell.actor.name, rows)).collect();
    let role = |actor: &Actor| world.identities.get(&actor.name).map(Identity::effective_role);
    let public = world
        .suite
        .actors
        .values()
        .filter(|actor| actor.ids.is_empty() && actor.bypass_rls.is_none() && role(actor) == role(cell.actor));
    for actor in public {
        if let Some(grant) = contract.grant(actor, cell.command) {
            keys.extend(world.keys(cell.entry.relation, &actor.name, &grant.rows));
        }
    }
    (keys, rows)
}

pub(crate) fn is_tried(world: &World, entry: &ContractEntry<'_>) -> bool {
    entry.contract.skip.is_none()
        && world.out_of_version(entry.contract.versions).is_none()
        && world.baseline(entry.relation).is_some()
}
