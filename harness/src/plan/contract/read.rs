//! SELECT: what is seen, what is not, columns that are not granted, and RETURNING.

use super::super::basis::Basis;
use super::super::statement;
use super::entry::{Entry, Place};
use crate::Error;
use crate::check::Unit;
use crate::check::column::Column;
use crate::check::returning::Returning;
use crate::check::select::{Probe, Select};
use crate::judge::effect::key_of;
use crate::sql::quote::ident;
use crate::suite::resolved::{Actor, Command};

pub(super) fn plan(basis: &Basis, entry: &Entry<'_>, actor: &Actor) -> Result<Vec<Unit>, Error> {
    let place = Place::of(basis, *entry, actor, Command::Select);
    let mut units = Vec::new();
    let (mut checks, mut probes) = (Vec::new(), Vec::new());
    if place.grants() {
        checks.push(place.check("granted"));
        probes.push(Probe::Granted);
    }
    if place.withholds() && place.is_empty_follower() {
        units.push(place.unit("withheld", place.by_itself()));
    } else if place.withholds() {
        checks.push(place.check("withheld"));
        probes.push(Probe::Withheld);
    }
    if !checks.is_empty() {
        let task = Select { trial: place.trial(), granted: place.granted.clone(), probes };
        units.push(Unit { checks, task: Box::new(task) });
    }
    units.extend(columns(&place, "select", |column| {
        format!("SELECT {} FROM {}", ident(column), entry.relation.name.sql())
    }));
    units.extend(returning(&place));
    Ok(units)
}

/// One check for each column that is not granted.
pub(super) fn columns(place: &Place<'_>, command: &str, sql: impl Fn(&str) -> String) -> Vec<Unit> {
    ungranted(place, command)
        .map(|column| {
            let mut trial = place.trial();
            trial.column = Some(column.to_owned());
            let task = Column { trial, column: column.to_owned(), sql: sql(column) };
            place.unit(&format!("column.{column}"), task)
        })
        .collect()
}

/// The columns that the cell does not name. Where the command is granted to nobody of the role, those that the role
/// holds one by one: a privilege on the whole table may be the platform's default, with row security as the only guard,
/// but a column is granted on purpose, and row security without a policy would hide that.
fn ungranted<'a>(place: &'a Place<'_>, command: &'a str) -> impl Iterator<Item = &'a str> {
    let tried = move |column: &&crate::catalog::Column| {
        let name = &column.name;
        match &place.cell {
            Some(cell) => cell.columns.as_ref().is_some_and(|only| !only.contains(name)),
            None => {
                let held = place.held().filter(|held| !held.table.contains(command));
                held.is_some_and(|held| held.holds_column(command, name)) && !place.role_is_granted()
            }
        }
    };
    let columns = place.entry.relation.columns.iter();
    columns
        .filter(move |column| command == "select" || !column.generated)
        .filter(tried)
        .map(|column| column.name.as_str())
}

/// A write that returns rows shows no others, for an actor that reads and writes.
fn returning(place: &Place<'_>) -> Option<Unit> {
    let relation = place.entry.relation;
    let held = place.held()?;
    if relation.key().is_none()
        || !relation.kind.is_table()
        || !place.withholds()
        || place.is_empty_follower()
        || !place.reads_keys()
        || !(held.holds("update") || held.holds("delete"))
    {
        return None;
    }
    if place.others.is_empty() {
        return Some(place.unit("returning", place.proves_nothing("no row of others on the seed: it proves nothing")));
    }
    let (_, keys) = key_of(relation);
    let baseline = place.basis.baseline(relation)?;
    // What is returned is the new row: one whose key was assigned to would be taken for another.
    let in_key = |column: &String| relation.key().is_some_and(|key| key.contains(column));
    let assigned = held.holds("update").then(|| statement::assignment(relation, baseline, Some(held), None, None));
    let assigned = assigned.flatten().filter(|(column, _)| !in_key(column));
    let write = if let Some((column, to)) = assigned {
        statement::update(relation, &column, place.value(&column, to.as_deref()), None)
    } else if held.holds("delete") {
        statement::delete(relation, None)
    } else {
        return None;
    };
    let sql = write.then(format!(" RETURNING {}", keys.join(", ")));
    Some(place.unit("returning", Returning { trial: place.trial(), sql, granted: place.granted.clone() }))
}
