//! Fidelity blocks: a check for everything that one clean run of the revision tells, and one for each way of running it
//! otherwise.

mod comparison;
mod copies;
mod judge;
mod kill;
mod printed;
mod rerun;
mod rollback;
mod transactional;
mod writers;

use crate::Error;
use crate::check::task::Task;
use crate::check::{Check, Unit};
use crate::checks::fidelity::comparison::{Comparison, ComparisonPart};
use crate::checks::fidelity::copies::ConcurrentCopies;
use crate::checks::fidelity::kill::{AfterRows, AtRandom};
use crate::checks::fidelity::rerun::Rerun;
use crate::checks::fidelity::rollback::TakenBack;
use crate::checks::fidelity::transactional::Transactional;
use crate::checks::fidelity::writers::ConcurrentWriters;
use crate::checks::kind::{CheckKind, Inputs};
use crate::fidelity::planned::PlannedBlock;
use crate::fidelity::verdict;
use crate::suite::resolved_fidelity::{Behaviour, Fidelity};
use crate::world::World;

pub(crate) const KIND: CheckKind = CheckKind {
    kind: "fidelity",
    tries: "a data migration: counts, orphans, duplicate keys, values, tenants, and which rows each actor sees before and after; the migration run again, several times at once, and killed midway",
    plan,
    reads_only: false,
};

fn plan(inputs: &Inputs<'_>) -> Result<Vec<Unit>, Error> {
    let world = inputs.world;
    Ok(inputs.migrations.iter().flat_map(|planned| units(world, planned)).collect())
}

/// The check of a block whose id ends with `name`.
pub(crate) fn check(world: &World, spec: &Fidelity, name: &str, actor: &str) -> Check {
    Check {
        step: spec.step.clone(),
        ..Check::new(KIND.kind, [world.suite.name.as_str(), "fidelity", spec.name.as_str(), name], spec.at.clone())
            .title(format!("{}: {name}", spec.title))
            .about(spec.name.clone(), name.split_once('.').map_or(name, |(sort, _)| sort).to_owned())
            .by(actor.to_owned())
            .controls(world.controls(KIND.kind, &spec.controls))
    }
}

fn units(world: &World, planned: &PlannedBlock) -> Vec<Unit> {
    let block = &planned.block;
    let spec = &block.spec;
    let check = |name: &str, actor: &str| check(world, spec, name, actor);
    let mut checks = Vec::new();
    let mut asked = Vec::new();
    for name in verdict::names(&block.as_written(), &planned.values) {
        checks.push(check(&name, ""));
        asked.push(ComparisonPart::Compared(name));
    }
    for (n, name) in spec.untouched.iter().enumerate() {
        let name = block.relation(name);
        let shown = if name.schema == block.schema { name.name } else { name.to_string() };
        checks.push(check(&format!("untouched.{shown}"), ""));
        asked.push(ComparisonPart::Untouched(n));
    }
    if !spec.output.is_empty() {
        checks.push(check("output", ""));
        asked.push(ComparisonPart::Output);
    }
    for (n, seer) in block.seers.iter().enumerate() {
        checks.push(check(&format!("visibility.{}", seer.identity.name), &seer.identity.name));
        asked.push(ComparisonPart::Visibility(n));
    }
    let mut units = vec![Unit::of(checks, Box::new(Comparison { block: block.clone(), asked }))];
    let mut one = |name: &str, task: Box<dyn Task>| units.push(Unit::of(vec![check(name, "")], task));
    let Behaviour { copies, kill_after_rows, kill_random, writers, rollback, .. } = &spec.behaviour;
    if planned.rerun {
        one("rerun", Box::new(Rerun(block.clone())));
    }
    if planned.whole {
        one("transactional", Box::new(Transactional(block.clone())));
    }
    for number in copies {
        one(&format!("copies.{number}"), Box::new(ConcurrentCopies { block: block.clone(), number: *number }));
    }
    for after in kill_after_rows {
        one(&format!("kill.after-{after}"), Box::new(AfterRows { block: block.clone(), after: *after }));
    }
    if *kill_random > 0 {
        let name = format!("kill.random-{kill_random}");
        let id = check(&name, "").id;
        one(&name, Box::new(AtRandom { block: block.clone(), moments: *kill_random, id }));
    }
    if let Some(spec) = writers {
        one("writers", Box::new(ConcurrentWriters { block: block.clone(), spec: spec.clone() }));
    }
    if let Some(rollback) = rollback {
        let keeps: Vec<_> = rollback.keeps.iter().map(|name| block.relation(name)).collect();
        let shown = |name: &crate::catalog::QName| {
            if name.schema == block.schema { name.name.clone() } else { name.to_string() }
        };
        let mut checks: Vec<Check> =
            keeps.iter().map(|name| check(&format!("rollback.keeps.{}", shown(name)), "")).collect();
        let own_rows = rollback.removes_only_own_rows;
        checks.extend(own_rows.then(|| check("rollback.own-rows", "")));
        if !checks.is_empty() {
            units.push(Unit::of(checks, Box::new(TakenBack { block: block.clone(), keeps, own_rows })));
        }
    }
    units
}
