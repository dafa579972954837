//! One check for each actor: an operation granted to this actor works.

use crate::Error;
use crate::check::outcome::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::check::{Check, Unit};
use crate::checks::attempt::cell::{CONTRACT, Cell};
use crate::checks::attempt::select::{Probe, Select};
use crate::checks::kind::{CheckKind, Inputs};
use crate::report::record::{Evidence, Status};
use crate::session::Worker;
use crate::suite::resolved::Command;

pub(crate) const KIND: CheckKind = CheckKind {
    kind: CONTRACT,
    tries: "at least one granted operation of each actor succeeds, since an actor for which everything fails proves nothing by being refused",
    plan,
    reads_only: false,
};

fn plan(inputs: &Inputs<'_>) -> Result<Vec<Unit>, Error> {
    let world = inputs.world;
    let mut units = Vec::new();
    for actor in world.suite.actors.values() {
        let mut reads = Vec::new();
        let mut others: Vec<Box<dyn Task>> = Vec::new();
        for entry in world.entries().into_iter().filter(|entry| !entry.follows) {
            let cell = Cell::of(world, entry, actor, Command::Select);
            if !cell.granted.is_empty() {
                reads.push(Select { access: cell.access(), granted: cell.granted, probes: vec![Probe::Granted] });
            }
        }
        if reads.is_empty() {
            others.extend(crate::checks::contract::granted_elsewhere(world, actor)?);
            // Calling a function needs no claims, so that it tells nothing of somebody who also has rows.
            let has_cells = world.entries().iter().any(|entry| {
                Command::OF_RELATIONS.iter().any(|command| entry.contract.grant(actor, *command).is_some())
            });
            if !has_cells {
                others.extend(crate::checks::execute::privilege::granted(world, actor));
            }
        }
        let identity = world.identities.get(&actor.name).cloned();
        let Some(identity) = identity.filter(|_| actor.powerless.is_none()) else { continue };
        let check = Check::new(CONTRACT, [world.suite.name.as_str(), "actor", &actor.name], actor.at.clone())
            .title(format!("{} can do something that is granted", actor.name))
            .about("actor".to_owned(), actor.name.clone())
            .by(actor.name.clone())
            .controls(world.controls(CONTRACT, &[]));
        units.push(Unit::one(check, Liveness { identity, reads, others }));
    }
    Ok(units)
}

/// Tries what is granted until something is allowed.
#[derive(Debug)]
pub(super) struct Liveness {
    /// How the actor is become.
    pub identity: crate::actor::Identity,
    /// Reads that are granted.
    pub reads: Vec<Select>,
    /// Other tasks of granted checks, tried where no read is allowed.
    pub others: Vec<Box<dyn Task>>,
}

impl Task for Liveness {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let reads = self.reads.iter().map(|read| read as &dyn Task);
            for task in reads.chain(self.others.iter().map(|task| &**task as &dyn Task)) {
                let allowed = task.run(worker).await.into_iter().find(|outcome| outcome.status == Status::Passed);
                if let Some(outcome) = allowed {
                    return vec![Outcome::passed("an operation granted to this actor works", outcome.evidence)];
                }
            }
            let evidence = Evidence { context: self.identity.describe(), ..Evidence::default() };
            vec![Outcome::error(
                "every operation granted to this actor failed, so its denials prove nothing; check its claims, \
                 or set `powerless`",
                evidence,
            )]
        })
    }
}
