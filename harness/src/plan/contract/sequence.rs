//! Sequences: USAGE, SELECT and UPDATE. One that a column owns follows its table.

use super::super::basis::Basis;
use super::entry::{Entry, Place};
use crate::check::Unit;
use crate::check::object::Object;
use crate::check::sequence::OwnClone;
use crate::sql::quote::literal;
use crate::suite::resolved::{Actor, Command};

pub(super) fn plan(basis: &Basis, entry: &Entry<'_>, actor: &Actor) -> Vec<Unit> {
    let mut units = Vec::new();
    for command in Command::OF_SEQUENCES {
        let place = Place::of(basis, *entry, actor, command);
        let granted = match entry.follows {
            false => place.cell.is_some(),
            // Whoever inserts into the table may need its next value, and whoever may not gains nothing by it.
            true if command == Command::Usage && entry.contract.cell(actor, Command::Insert).is_some() => continue,
            true => false,
        };
        let name = &entry.relation.name;
        let sql = match command {
            Command::Usage => format!("SELECT pg_catalog.nextval({})", literal(&name.sql())),
            Command::Update => format!("SELECT pg_catalog.setval({}, 1)", literal(&name.sql())),
            _ => format!("SELECT last_value FROM {}", name.sql()),
        };
        let task = Object { trial: place.trial(), setup: Vec::new(), sql, granted };
        let probe = if granted { "granted" } else { "withheld" };
        // A sequence does not roll back (PostgreSQL docs, "Sequence Manipulation Functions").
        let moves = command != Command::Select && place.held().is_some_and(|held| held.holds(command.as_str()));
        units.push(if moves { place.unit(probe, OwnClone(task)) } else { place.unit(probe, task) });
    }
    units
}
