//! Contexts broken on purpose, or used one after another on one connection.

mod broken;
mod connection_reuse;
mod mixed;
mod shared;

use std::collections::BTreeSet;

use crate::Error;
use crate::actor::{Break, Broken, carried_ids};
use crate::check::Unit;
use crate::checks::kind::{CheckKind, Inputs};
use shared::WHOLE;

pub(crate) const KIND: CheckKind = CheckKind {
    kind: shared::NAME,
    tries: "the actor's context unset, empty as a pooled connection leaves it, malformed, mixed with another tenant's, and on a connection that another actor has used",
    plan,
    reads_only: false,
};

fn plan(inputs: &Inputs<'_>) -> Result<Vec<Unit>, Error> {
    let world = inputs.world;
    let mut units = Vec::new();
    let actors = &world.suite.actors;
    for actor in actors.values() {
        let ids = carried_ids(actor);
        for id in &ids {
            for how in Break::ALL {
                let one = BTreeSet::from([id.clone()]);
                units.extend(broken::plan(world, actor, id, &Broken::of(actor, actors, &one, how))?);
            }
            units.extend(mixed::plan(world, actor, id, ids.len()));
        }
        if ids.len() > 1 {
            for how in [Break::Unset, Break::Empty] {
                units.extend(broken::plan(world, actor, WHOLE, &Broken::of(actor, actors, &ids, how))?);
            }
        }
        if !ids.is_empty() {
            units.extend(connection_reuse::swapped(world, actor));
            units.extend(connection_reuse::forgotten(world, actor));
        }
    }
    Ok(units)
}
