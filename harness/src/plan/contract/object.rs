//! TRUNCATE, REFERENCES and TRIGGER.

use super::super::basis::Basis;
use super::entry::{Entry, Place};
use crate::check::Unit;
use crate::check::object::Object;
use crate::check::outcome::Outcome;
use crate::check::stated::Stated;
use crate::report::record::Evidence;
use crate::sql::quote::ident;
use crate::suite::resolved::{Actor, Command};

/// A schema that lives within one rolled-back transaction: REFERENCES is tried by making a table.
const SCRATCH: &str = "rlsgate_scratch";

pub(super) fn plan(basis: &Basis, entry: &Entry<'_>, actor: &Actor, command: Command) -> Option<Unit> {
    let place = Place::of(basis, *entry, actor, command);
    let granted = place.cell.is_some();
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
        _ => match references(&place) {
            Some(statements) => statements,
            None => return Some(place.unit(probe, by_catalog(&place, granted))),
        },
    };
    Some(place.unit(probe, Object { trial: place.trial(), setup, sql, granted }))
}

/// A table that references the relation's first unique key: not a DEFERRABLE one, which no foreign key can name.
fn references(place: &Place<'_>) -> Option<(Vec<String>, String)> {
    let relation = place.entry.relation;
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
fn by_catalog(place: &Place<'_>, granted: bool) -> Stated {
    let holds = place.held().is_some_and(|held| held.holds("references"));
    let evidence = Evidence {
        expected: place.trial().granted,
        got: format!("has_table_privilege says {holds}; the relation has no unique key that can be referred to"),
        ..Evidence::default()
    };
    Stated(if holds == granted {
        Outcome::passed(if holds { "held" } else { "not held" }, evidence)
    } else {
        Outcome::failed(if holds { "references is held" } else { "references is not held" }, evidence)
    })
}
