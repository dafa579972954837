//! The contract as checks: for every relation, command and actor what is granted must work, and all else must not.

mod conflict;
mod entry;
mod insert;
pub(super) mod names;
mod object;
mod read;
mod references;
mod sequence;
mod write;

use std::collections::BTreeSet;

use super::basis::Basis;
use super::id::id;
use crate::Error;
use crate::catalog::{Relation, RelationKind};
use crate::check::outcome::Outcome;
use crate::check::stated::Stated;
use crate::check::{Check, Task, Unit};
use crate::report::record::Evidence;
use crate::suite::resolved::{Actor, Command, Kind, Location};

pub(super) use entry::{Entry, Place};

pub(super) fn plan(basis: &Basis) -> Result<Vec<Unit>, Error> {
    let mut units = Vec::new();
    units.extend(named(basis));
    for entry in basis.entries() {
        if entry.contract.skip.is_some() || !entry.in_versions(basis) {
            continue;
        }
        for actor in basis.actors.values() {
            if entry.relation.kind == RelationKind::Sequence {
                units.extend(sequence::plan(basis, &entry, actor));
                continue;
            }
            for command in commands(entry.relation) {
                units.extend(match command {
                    Command::Select => read::plan(basis, &entry, actor)?,
                    Command::Insert => insert::plan(basis, &entry, actor)?,
                    Command::Update | Command::Delete => write::plan(basis, &entry, actor, command)?,
                    _ => object::plan(basis, &entry, actor, command).into_iter().collect(),
                });
            }
        }
    }
    Ok(units)
}

/// The commands that can be tried on a relation of this kind (`pg_relation_is_updatable`; bits as `CmdType`).
pub(super) fn commands(relation: &Relation) -> Vec<Command> {
    match relation.kind {
        RelationKind::Table | RelationKind::Partitioned => Command::OF_RELATIONS.to_vec(),
        RelationKind::MaterializedView => vec![Command::Select],
        RelationKind::Sequence => Vec::new(),
        RelationKind::View | RelationKind::ForeignTable => {
            let bit = |command| match command {
                Command::Update => 1 << 2,
                Command::Insert => 1 << 3,
                Command::Delete => 1 << 4,
                _ => 0,
            };
            let mut commands = vec![Command::Select];
            commands.extend(
                [Command::Insert, Command::Update, Command::Delete]
                    .into_iter()
                    .filter(|command| relation.updatable & bit(*command) != 0),
            );
            commands
        }
    }
}

/// One check for every relation of the schemas: it is named, or follows one that is.
fn named(basis: &Basis) -> Vec<Unit> {
    let entries: BTreeSet<u32> = basis.entries().iter().map(|entry| entry.relation.oid).collect();
    let owners: BTreeSet<&str> = basis
        .catalog
        .relations
        .values()
        .filter(|relation| basis.schemas.contains(&relation.name.schema))
        .map(|relation| relation.owner.as_str())
        .collect();
    // What the same owners made elsewhere counts as soon as somebody holds something on it.
    let reachable = |relation: &Relation| {
        let roles = basis.identities.values().map(crate::actor::Identity::effective_role);
        let all = Command::OF_RELATIONS.into_iter().chain([Command::Usage]);
        owners.contains(relation.owner.as_str())
            && roles.into_iter().any(|role| {
                basis.held(role, relation).is_some_and(|held| all.clone().any(|command| held.holds(command.as_str())))
            })
    };
    let here = |relation: &&Relation| {
        let of_the_tool = basis.is_bookkeeping(relation) && !entries.contains(&relation.oid);
        !of_the_tool && !relation.of_extension && (basis.schemas.contains(&relation.name.schema) || reachable(relation))
    };
    let plan = |relation: &Relation| {
        let contract = basis.contract(&relation.name);
        let at = contract.map_or_else(|| Location::of_file(&basis.suite.path), |contract| contract.at.clone());
        let mut check = Check {
            id: id([basis.suite.name.as_str(), "contract", &relation.name.to_string(), "named"]),
            kind: Kind::Contract,
            title: format!("{} is named in the contract", relation.name),
            object: relation.name.to_string(),
            command: "named".to_owned(),
            actor: String::new(),
            at,
            controls: basis.controls(Kind::Contract, contract.map(|c| c.controls.as_slice()).unwrap_or_default()),
            source: None,
            step: None,
            remedy: None,
            skip: contract.and_then(|contract| contract.skip.clone()),
        };
        if let Some(why) = contract.and_then(|contract| basis.out_of_version(contract.versions)) {
            check.skip = Some(why);
        }
        let evidence =
            Evidence { expected: "a line under [contract]; `{}` means nobody".to_owned(), ..Evidence::default() };
        let outcome = if entries.contains(&relation.oid) {
            Outcome::passed("named, or follows one that is", evidence)
        } else {
            Outcome::failed(format!("{} is not named in the contract", relation.name), evidence)
        };
        Unit::one(check, Stated(outcome))
    };
    basis.catalog.relations.values().filter(here).map(plan).collect()
}

/// What is granted to an actor beside reads, as tasks of their own.
pub(super) fn granted_elsewhere(basis: &Basis, actor: &Actor) -> Result<Vec<Box<dyn Task>>, Error> {
    let mut tasks = Vec::new();
    for entry in basis.entries().into_iter().filter(|entry| !entry.follows) {
        for command in [Command::Insert, Command::Update, Command::Delete] {
            if entry.contract.cell(actor, command).is_none() {
                continue;
            }
            let units = match command {
                Command::Insert => insert::plan(basis, &entry, actor)?,
                _ => write::plan(basis, &entry, actor, command)?,
            };
            let granted =
                units.into_iter().filter(|unit| unit.checks.iter().any(|check| check.id.ends_with("/granted")));
            tasks.extend(granted.map(|unit| unit.task));
        }
    }
    Ok(tasks)
}
