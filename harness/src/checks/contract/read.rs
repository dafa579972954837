//! SELECT: what is seen, and what is not.

use super::columns::columns;
use super::returning;
use crate::Error;
use crate::check::Unit;
use crate::checks::attempt::cell::Cell;
use crate::checks::attempt::select::{Probe, Select};
use crate::sql::quote::ident;
use crate::suite::resolved::{Actor, Command};
use crate::world::{ContractEntry, World};

pub(crate) fn plan(world: &World, entry: &ContractEntry<'_>, actor: &Actor) -> Result<Vec<Unit>, Error> {
    let cell = Cell::of(world, *entry, actor, Command::Select);
    let mut units = Vec::new();
    let (mut checks, mut probes) = (Vec::new(), Vec::new());
    if cell.grants() {
        checks.push(cell.check("granted"));
        probes.push(Probe::Granted);
    }
    if cell.withholds() && cell.is_empty_follower() {
        units.push(cell.unit("withheld", cell.by_itself()));
    } else if cell.withholds() {
        checks.push(cell.check("withheld"));
        probes.push(Probe::Withheld);
    }
    if !checks.is_empty() {
        let task = Select { access: cell.access(), granted: cell.granted.clone(), probes };
        units.push(Unit::of(checks, Box::new(task)));
    }
    units.extend(columns(&cell, "select", |column| {
        format!("SELECT {} FROM {}", ident(column), entry.relation.name.sql())
    }));
    units.extend(returning::plan(&cell));
    Ok(units)
}
