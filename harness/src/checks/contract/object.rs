//! TRUNCATE, REFERENCES and TRIGGER.

use crate::check::Unit;
use crate::check::outcome::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::attempt::access::{Access, class_name};
use crate::checks::attempt::cell::Cell;
use crate::checks::attempt::precomputed::Precomputed;
use crate::judge::classify::ErrorClass;
use crate::report::record::Evidence;
use crate::session::Worker;
use crate::sql::quote::ident;
use crate::suite::resolved::{Actor, Command};
use crate::world::{ContractEntry, World};

/// A schema that lives within one rolled-back transaction: REFERENCES is tried by making a table.
const SCRATCH: &str = "rlsgate_scratch";

pub(crate) fn plan(world: &World, entry: &ContractEntry<'_>, actor: &Actor, command: Command) -> Option<Unit> {
    let cell = Cell::of(world, *entry, actor, command);
    let granted = cell.grant.is_some();
    if granted && entry.follows {
        return None;
    }
    let probe = if granted { "granted" } else { "withheld" };
    let name = entry.relation.name.sql();
    let (setup, sql) = match command {
        Command::Truncate => (Vec::new(), format!("TRUNCATE {name}")),
        Command::Trigger => (
            Vec::new(),
            format!(
                "CREATE TRIGGER rlsgate_probe BEFORE UPDATE ON {name} FOR EACH ROW \
                 EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()"
            ),
        ),
        _ => match references(&cell) {
            Some(statements) => statements,
            None => return Some(cell.unit(probe, by_catalog(&cell, granted))),
        },
    };
    Some(cell.unit(probe, Object { access: cell.access(), setup, sql, granted }))
}

/// A table that references the relation's first unique key: not a DEFERRABLE one, which no foreign key can name.
fn references(cell: &Cell<'_>) -> Option<(Vec<String>, String)> {
    let relation = cell.entry.relation;
    let key = relation.unique.iter().find(|key| key.immediate)?;
    let columns: Option<Vec<String>> =
        key.columns.iter().map(|name| Some(format!("{} {}", ident(name), relation.column(name)?.r#type))).collect();
    let names = key.columns.iter().map(|name| ident(name)).collect::<Vec<_>>().join(", ");
    let setup = vec![format!("CREATE SCHEMA {SCRATCH}"), format!("GRANT USAGE, CREATE ON SCHEMA {SCRATCH} TO PUBLIC")];
    let sql = format!(
        "CREATE TABLE {SCRATCH}.probe ({}, FOREIGN KEY ({names}) REFERENCES {} ({names}))",
        columns?.join(", "),
        relation.name.sql()
    );
    Some((setup, sql))
}

/// Without such a key no foreign key can point here; the privilege may be held all the same.
fn by_catalog(cell: &Cell<'_>, granted: bool) -> Precomputed {
    let holds = cell.held().is_some_and(|held| held.holds("references"));
    let evidence = Evidence {
        expected: cell.access().granted,
        got: format!("has_table_privilege says {holds}; the relation has no unique key that can be referred to"),
        ..Evidence::default()
    };
    Precomputed(if holds == granted {
        Outcome::passed(if holds { "held" } else { "not held" }, evidence)
    } else {
        Outcome::failed(if holds { "references is held" } else { "references is not held" }, evidence)
    })
}

/// A statement that a privilege decides.
#[derive(Debug)]
pub(super) struct Object {
    /// Who and where.
    pub access: Access,
    /// Run before, as the witness role.
    pub setup: Vec<String>,
    /// The statement.
    pub sql: String,
    /// Whether it must be allowed.
    pub granted: bool,
}

impl Task for Object {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let world = worker.world.clone();
            let expected = if self.granted { "allowed" } else { "refused by privilege" };
            let expected = format!("{expected}; granted: {}", self.access.granted);
            let tried = match worker
                .statements(&self.access.identity, &self.setup, std::slice::from_ref(&self.sql))
                .await
            {
                Ok(attempt) => attempt.result,
                Err(failure) => {
                    return vec![Outcome::not_tried(&failure, self.access.evidence(&self.sql, expected, "nothing"))];
                }
            };
            let (got, class) = match &tried {
                Ok(_) => ("allowed".to_owned(), None),
                Err(error) => (error.line(), Some(self.access.class(&world, error))),
            };
            let evidence = self.access.evidence(&self.sql, expected, got);
            vec![match (self.granted, class) {
                (true, None) => Outcome::passed("allowed", evidence),
                (true, Some(ErrorClass::PastPolicy)) => {
                    Outcome::passed("allowed, stopped by a foreign key only", evidence)
                }
                (false, Some(ErrorClass::RefusedByPrivilege)) => Outcome::passed("refused by privilege", evidence),
                (false, None) => Outcome::failed(format!("{} is allowed", self.access.command), evidence),
                (false, Some(ErrorClass::PastPolicy)) => Outcome::failed(
                    format!("{} is held, and stopped by a foreign key only", self.access.command),
                    evidence,
                ),
                (true, Some(class @ (ErrorClass::RefusedByPrivilege | ErrorClass::Raised))) => {
                    Outcome::failed(format!("{}, though the contract grants it", class_name(&class)), evidence)
                }
                (_, Some(class)) => Outcome::error(format!("no verdict: {}", class_name(&class)), evidence),
            }]
        })
    }
}
