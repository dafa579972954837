//! What the contract names and the database does not have: refused before anything is read.

use crate::Error;
use crate::catalog::Relation;
use crate::suite::resolved::{Location, RelationContract as Contract, TenantKey};
use crate::world::World;

/// Every relation and column of the contract is there.
///
/// # Errors
/// [`Error::Input`] at the first that is not, with the nearest name.
pub(crate) fn check(world: &World) -> Result<(), Error> {
    for contract in &world.suite.contract {
        let Some(relation) = world.relation(contract) else {
            let name = world.row_sets().qualified(contract).to_string();
            let known: Vec<String> = world.catalog.relations.keys().map(ToString::to_string).collect();
            return Err(contract.at.unknown("relation", &name, known.iter().map(String::as_str)));
        };
        columns(contract, relation)?;
    }
    Ok(())
}

fn columns(contract: &Contract, relation: &Relation) -> Result<(), Error> {
    let there = |at: &Location, what: &str, name: &String| {
        if relation.column(name).is_some() {
            return Ok(());
        }
        let known = relation.columns.iter().map(|column| column.name.as_str());
        Err(at.unknown(&format!("column of `{}` in {what}", relation.name), name, known))
    };
    match &contract.tenant_key {
        Some(TenantKey::Columns(columns)) => {
            columns.values().try_for_each(|name| there(&contract.at, "tenant_key", name))?;
        }
        Some(TenantKey::Via(name)) => there(&contract.at, "tenant_via", name)?,
        None => {}
    }
    contract.insert_with.keys().try_for_each(|name| there(&contract.at, "insert_with", name))?;
    let cells = contract.allow.values().flat_map(|cells| cells.values());
    for cell in cells {
        cell.columns.iter().flatten().try_for_each(|name| there(&cell.at, "columns", name))?;
    }
    Ok(())
}
