//! The contract as checks: for every relation, command and actor what is granted must work, and all else must not.

mod columns;
pub(crate) mod commands;
mod insert;
mod named;
mod object;
mod read;
mod references;
mod returning;
mod sequence;
mod unique_keys;
mod write;

use crate::Error;
use crate::catalog::RelationKind;
use crate::check::{Task, Unit};
use crate::checks::attempt::cell::CONTRACT;
use crate::checks::kind::{CheckKind, Inputs};
use crate::suite::resolved::{Actor, Command};
use crate::world::World;

pub(crate) const KIND: CheckKind = CheckKind {
    kind: CONTRACT,
    tries: "every relation × command × actor: each grant works on exactly the granted rows, and everything else is refused; columns, `RETURNING`, upserts, unique keys, foreign keys, and rows moved to another tenant included",
    plan,
    reads_only: false,
};

fn plan(inputs: &Inputs<'_>) -> Result<Vec<Unit>, Error> {
    let world = inputs.world;
    let mut units = Vec::new();
    units.extend(named::plan(world));
    for entry in world.entries() {
        if entry.contract.skip.is_some() || world.out_of_version(entry.contract.versions).is_some() {
            continue;
        }
        for actor in world.actors.values() {
            if entry.relation.kind == RelationKind::Sequence {
                units.extend(sequence::plan(world, &entry, actor));
                continue;
            }
            for command in commands::commands(entry.relation) {
                units.extend(match command {
                    Command::Select => read::plan(world, &entry, actor)?,
                    Command::Insert => insert::plan(world, &entry, actor)?,
                    Command::Update | Command::Delete => write::plan(world, &entry, actor, command)?,
                    _ => object::plan(world, &entry, actor, command).into_iter().collect(),
                });
            }
        }
    }
    Ok(units)
}

/// What is granted to an actor beside reads, as tasks of their own.
pub(crate) fn granted_elsewhere(world: &World, actor: &Actor) -> Result<Vec<Box<dyn Task>>, Error> {
    let mut tasks = Vec::new();
    for entry in world.entries().into_iter().filter(|entry| !entry.follows) {
        for command in [Command::Insert, Command::Update, Command::Delete] {
            if entry.contract.grant(actor, command).is_none() {
                continue;
            }
            let units = match command {
                Command::Insert => insert::plan(world, &entry, actor)?,
                _ => write::plan(world, &entry, actor, command)?,
            };
            let granted = units.into_iter().filter(|unit| unit.checks.iter().any(|check| check.of_grant));
            tasks.extend(granted.filter_map(Unit::into_task));
        }
    }
    Ok(tasks)
}
