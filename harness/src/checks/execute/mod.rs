//! Functions as checks: whoever is not named must be refused, and who is acts on rows of its own only.

mod acts_on;
pub(crate) mod call;
pub(crate) mod privilege;

use std::collections::BTreeMap;

use crate::Error;
use crate::catalog::Function;
use crate::check::Unit;
use crate::checks::kind::{CheckKind, Inputs};
use crate::suite::resolved::Execute as Contract;
use call::find;

pub(crate) const KIND: CheckKind = CheckKind {
    kind: call::NAME,
    tries: "every function × actor: only the actors that `[execute]` names can call it; a function that takes a key changes and reveals only rows that its caller may reach",
    plan,
    reads_only: false,
};

fn plan(inputs: &Inputs<'_>) -> Result<Vec<Unit>, Error> {
    let world = inputs.world;
    let mut units = Vec::new();
    let mut named: BTreeMap<u32, &Contract> = BTreeMap::new();
    for contract in &world.suite.execute {
        named.insert(find(world, contract)?.oid, contract);
    }
    let here = |function: &&Function| {
        let name = &function.id.name;
        (world.schemas.contains(&name.schema) || named.contains_key(&function.oid))
            && !function.is_trigger
            && !function.of_extension
    };
    for function in world.catalog.functions.iter().filter(here) {
        let contract = named.get(&function.oid).copied();
        for actor in world.actors.values() {
            let granted = contract.is_some_and(|contract| !contract.allow.is_disjoint(&actor.groups));
            units.push(privilege::call(world, function, contract, actor, granted));
            if let Some(contract) = contract.filter(|contract| granted && contract.acts_on.is_some()) {
                units.extend(acts_on::plan(world, function, contract, actor)?);
            }
        }
    }
    Ok(units)
}
