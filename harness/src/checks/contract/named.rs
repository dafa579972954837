//! Every relation of the schemas is named in the contract, or follows one that is.

use std::collections::BTreeSet;

use crate::catalog::Relation;
use crate::check::outcome::Outcome;
use crate::check::{Check, Unit};
use crate::checks::attempt::cell::CONTRACT;
use crate::checks::attempt::precomputed::Precomputed;
use crate::report::record::Evidence;
use crate::suite::resolved::{Command, Location};
use crate::world::World;

/// One check for every relation of the schemas: it is named, or follows one that is.
pub(crate) fn plan(world: &World) -> Vec<Unit> {
    let entries: BTreeSet<u32> = world.entries().iter().map(|entry| entry.relation.oid).collect();
    let owners: BTreeSet<&str> = world
        .catalog
        .relations
        .values()
        .filter(|relation| world.schemas.contains(&relation.name.schema))
        .map(|relation| relation.owner.as_str())
        .collect();
    // What the same owners made elsewhere counts as soon as somebody holds something on it.
    let reachable = |relation: &Relation| {
        let roles = world.identities.values().map(crate::actor::Identity::effective_role);
        let all = Command::OF_RELATIONS.into_iter().chain([Command::Usage]);
        owners.contains(relation.owner.as_str())
            && roles.into_iter().any(|role| {
                world.held(role, relation).is_some_and(|held| all.clone().any(|command| held.holds(command.as_str())))
            })
    };
    let here = |relation: &&Relation| {
        let of_the_tool = world.is_bookkeeping(relation) && !entries.contains(&relation.oid);
        !of_the_tool && !relation.of_extension && (world.schemas.contains(&relation.name.schema) || reachable(relation))
    };
    let plan = |relation: &Relation| {
        let contract = world.contract(&relation.name);
        let at = contract.map_or_else(|| Location::of_file(&world.suite.path), |contract| contract.at.clone());
        let mut check =
            Check::new(CONTRACT, [world.suite.name.as_str(), "contract", &relation.name.to_string(), "named"], at)
                .title(format!("{} is named in the contract", relation.name))
                .about(relation.name.to_string(), "named".to_owned())
                .controls(world.controls(CONTRACT, contract.map(|c| c.controls.as_slice()).unwrap_or_default()))
                .skipped(contract.and_then(|contract| contract.skip.clone()));
        if let Some(why) = contract.and_then(|contract| world.out_of_version(contract.versions)) {
            check.skip = Some(why);
        }
        let evidence =
            Evidence { expected: "a line under [contract]; `{}` means nobody".to_owned(), ..Evidence::default() };
        let outcome = if entries.contains(&relation.oid) {
            Outcome::passed("named, or follows one that is", evidence)
        } else {
            Outcome::failed(format!("{} is not named in the contract", relation.name), evidence)
        };
        Unit::one(check, Precomputed(outcome))
    };
    world.catalog.relations.values().filter(here).map(plan).collect()
}
