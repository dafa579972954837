//! Sequences: USAGE, SELECT and UPDATE. One that a column owns follows its table.

use super::object::Object;
use crate::check::Unit;
use crate::check::task::{Isolation, OutcomesFuture, Task};
use crate::checks::attempt::cell::Cell;
use crate::session::Worker;
use crate::sql::quote::literal;
use crate::suite::resolved::{Actor, Command};
use crate::world::{ContractEntry, World};

pub(crate) fn plan(world: &World, entry: &ContractEntry<'_>, actor: &Actor) -> Vec<Unit> {
    let mut units = Vec::new();
    for command in Command::OF_SEQUENCES {
        let cell = Cell::of(world, *entry, actor, command);
        let granted = match entry.follows {
            false => cell.grant.is_some(),
            // Whoever inserts into the table may need its next value, and whoever may not gains nothing by it.
            true if command == Command::Usage && entry.contract.grant(actor, Command::Insert).is_some() => continue,
            true => false,
        };
        let name = &entry.relation.name;
        let sql = match command {
            Command::Usage => format!("SELECT pg_catalog.nextval({})", literal(&name.sql())),
            Command::Update => format!("SELECT pg_catalog.setval({}, 1)", literal(&name.sql())),
            _ => format!("SELECT last_value FROM {}", name.sql()),
        };
        let task = Object { access: cell.access(), setup: Vec::new(), sql, granted };
        let probe = if granted { "granted" } else { "withheld" };
        // A sequence does not roll back (PostgreSQL docs, "Sequence Manipulation Functions").
        let moves = command != Command::Select && cell.held().is_some_and(|held| held.holds(command.as_str()));
        units.push(if moves { cell.unit(probe, OwnClone(task)) } else { cell.unit(probe, task) });
    }
    units
}

/// The same task, elsewhere.
#[derive(Debug)]
pub(super) struct OwnClone<T>(pub T);

impl<T: Task> Task for OwnClone<T> {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        self.0.run(worker)
    }

    fn isolation(&self) -> Isolation {
        Isolation::OwnClone
    }
}
