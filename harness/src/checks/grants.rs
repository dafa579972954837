//! Two checks for each actor: it passes nothing on, and makes nothing of its own in the schemas. The catalogs decide: a
//! GRANT that is not held is no error but a warning (PostgreSQL docs, GRANT, "Notes").

use crate::Error;
use crate::actor::Identity;
use crate::check::outcome::Outcome;
use crate::check::{Check, Unit};
use crate::checks::attempt::cell::CONTRACT;
use crate::checks::attempt::precomputed::Precomputed;
use crate::checks::kind::{CheckKind, Inputs};
use crate::report::record::Evidence;
use crate::suite::resolved::Actor;
use crate::world::World;

pub(crate) const KIND: CheckKind = CheckKind {
    kind: CONTRACT,
    tries: "no actor can grant a privilege of the contract to others, or create objects in the schemas",
    plan,
    reads_only: false,
};

fn plan(inputs: &Inputs<'_>) -> Result<Vec<Unit>, Error> {
    let world = inputs.world;
    let tried: Vec<&crate::catalog::Relation> =
        world.entries().into_iter().filter(|entry| entry.contract.skip.is_none()).map(|entry| entry.relation).collect();
    let here = |schema: &String| world.schemas.contains(schema);
    let functions = world.catalog.functions.iter().filter(|f| here(&f.id.name.schema) && !f.of_extension);
    let functions: Vec<&crate::catalog::Function> = functions.collect();
    let mut units = Vec::new();
    for actor in world.actors.values() {
        let role = world.identities.get(&actor.name).map(Identity::effective_role).unwrap_or_default();
        let Some(reach) = world.reach.get(role) else { continue };
        let relations = tried.iter().filter(|one| reach.relations.contains(&one.oid)).map(|one| one.name.to_string());
        let calls = functions.iter().filter(|one| reach.functions.contains(&one.oid)).map(|one| one.id.to_string());
        let passed: Vec<String> = relations.chain(calls).collect();
        let asked = format!("{} relations and {} functions asked", tried.len(), functions.len());
        units.push(unit(world, actor, "grant-option", "may grant on", &passed, &asked));
        let made: Vec<String> = reach.schemas.iter().cloned().collect();
        let asked = format!("schemas asked: {}", world.schemas.join(", "));
        units.push(unit(world, actor, "create", "may create in", &made, &asked));
    }
    Ok(units)
}

fn unit(world: &World, actor: &Actor, probe: &str, may: &str, found: &[String], asked: &str) -> Unit {
    let check = Check::new(CONTRACT, [world.suite.name.as_str(), "actor", &actor.name, probe], actor.at.clone())
        .title(format!("{} {may} nothing of the contract", actor.name))
        .about("actor".to_owned(), probe.to_owned())
        .by(actor.name.clone())
        .controls(world.controls(CONTRACT, &[]));
    let got = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
    let notes = vec![asked.to_owned()];
    let evidence =
        Evidence { expected: format!("{may} nothing that is not its own"), got, notes, ..Evidence::default() };
    Unit::one(
        check,
        Precomputed(if found.is_empty() {
            Outcome::passed(format!("{may} nothing"), evidence)
        } else {
            Outcome::failed(format!("{may} {}", found.join(", ")), evidence)
        }),
    )
}
