//! One check for each actor: something that is granted to it is allowed.

use super::basis::Basis;
use super::contract::Place;
use super::id::id;
use crate::Error;
use crate::check::power::Power;
use crate::check::select::{Probe, Select};
use crate::check::{Check, Task, Unit};
use crate::suite::resolved::{Command, Kind};

pub(super) fn plan(basis: &Basis) -> Result<Vec<Unit>, Error> {
    let mut units = Vec::new();
    for actor in basis.suite.actors.values() {
        let mut reads = Vec::new();
        let mut others: Vec<Box<dyn Task>> = Vec::new();
        for entry in basis.entries().into_iter().filter(|entry| !entry.follows) {
            let place = Place::of(basis, entry, actor, Command::Select);
            if !place.granted.is_empty() {
                reads.push(Select { trial: place.trial(), granted: place.granted, probes: vec![Probe::Granted] });
            }
        }
        if reads.is_empty() {
            others.extend(super::contract::granted_elsewhere(basis, actor)?);
            // Calling a function needs no claims, so that it tells nothing of somebody who also has rows.
            let has_cells = basis.entries().iter().any(|entry| {
                Command::OF_RELATIONS.iter().any(|command| entry.contract.cell(actor, *command).is_some())
            });
            if !has_cells {
                others.extend(super::execute::granted(basis, actor));
            }
        }
        let identity = basis.identities.get(&actor.name).cloned();
        let Some(identity) = identity.filter(|_| actor.powerless.is_none()) else { continue };
        let check = Check {
            id: id([basis.suite.name.as_str(), "actor", &actor.name]),
            kind: Kind::Contract,
            title: format!("{} can do something that is granted", actor.name),
            object: "actor".to_owned(),
            command: actor.name.clone(),
            actor: actor.name.clone(),
            at: actor.at.clone(),
            controls: basis.controls(Kind::Contract, &[]),
            source: None,
            step: None,
            remedy: None,
            skip: None,
        };
        units.push(Unit::one(check, Power { identity, reads, others }));
    }
    Ok(units)
}
