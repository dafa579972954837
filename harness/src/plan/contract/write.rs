//! UPDATE and DELETE: filtered and unfiltered, and rows taken out of what is granted.

use std::collections::BTreeSet;

use super::super::basis::Basis;
use super::super::moves::Assignment;
use super::super::statement::{self, where_keys};
use super::entry::{Entry, NO_GRANTED, Place};
use super::read::columns;
use crate::Error;
use crate::check::all::All;
use crate::check::write::Write;
use crate::check::{Task, Unit};
use crate::judge::effect::Key;
use crate::sql::Sql;
use crate::sql::quote::ident;
use crate::suite::resolved::{Actor, Cell, Command, Rows};

/// Rows tried one by one where a policy stops the whole statement.
const SINGLES: usize = 8;

pub(super) fn plan(basis: &Basis, entry: &Entry<'_>, actor: &Actor, command: Command) -> Result<Vec<Unit>, Error> {
    let place = Place::of(basis, *entry, actor, command);
    let statements = Statements::of(&place)?;
    let mut units = Vec::new();
    if place.withholds() && place.is_empty_follower() {
        units.push(place.unit("withheld", place.by_itself()));
        return Ok(units);
    }
    if place.cell.is_none() {
        units.push(place.unit("withheld", statements.write(None, &BTreeSet::new())));
        units.extend(single_columns(&place));
        return Ok(units);
    }
    if place.grants() {
        let keyed = place.reads_keys().then(|| where_keys(entry.relation, &place.granted));
        if place.granted.is_empty() {
            units.push(place.unit("granted", place.proves_nothing(NO_GRANTED)));
        } else {
            units.push(place.unit("granted", statements.write(keyed.as_deref(), &place.granted)));
        }
    }
    if place.withholds() && place.reads_keys() {
        let keyed = where_keys(entry.relation, &place.others);
        let mut write = statements.write(Some(&keyed), &BTreeSet::new());
        if !entry.relation.kind.is_table() {
            // Of a view only the number of rows may be known: those of this statement are all of others.
            write.may.clear();
        }
        units.push(place.unit("withheld", write));
    }
    if place.withholds() && place.others.is_empty() {
        units.push(place.unit("unfiltered", place.proves_nothing("no row of others on the seed: it proves nothing")));
    } else if place.withholds() {
        let must = if place.grants() { place.granted.clone() } else { BTreeSet::new() };
        units.push(place.unit("unfiltered", statements.write(None, &must)));
    }
    if command == Command::Update {
        units.extend(moves(&place)?);
        units.extend(super::references::plan(&place));
    }
    units.extend(single_columns(&place));
    Ok(units)
}

/// One check for each column that may not be updated.
fn single_columns(place: &Place<'_>) -> Vec<Unit> {
    if place.command != Command::Update {
        return Vec::new();
    }
    let relation = place.entry.relation;
    columns(place, "update", |column| format!("UPDATE {} SET {} = DEFAULT", relation.name.sql(), ident(column)))
}

/// Builds the statements of one cell.
struct Statements<'a> {
    place: &'a Place<'a>,
    assignment: (String, Option<String>),
    /// Where an UPDATE must leave the rows that it touches: a trigger may take them elsewhere.
    within: Option<String>,
}

impl<'a> Statements<'a> {
    fn of(place: &'a Place<'a>) -> Result<Self, Error> {
        let relation = place.entry.relation;
        let only = place.cell.as_ref().and_then(|cell| cell.columns.as_ref());
        let to = place.cell.as_ref().filter(|_| place.command == Command::Update).map(to);
        let first = relation.columns.first().map(|column| (column.name.clone(), None));
        let assignment = place
            .basis
            .baseline(relation)
            .and_then(|baseline| statement::assignment(relation, baseline, place.held(), only, place.granted.first()))
            .or(first);
        let within = to.map(|rows| place.predicate(rows)).transpose()?;
        Ok(Self { place, assignment: assignment.unwrap_or_default(), within })
    }

    fn sql(&self, filter: Option<&str>) -> Sql {
        let relation = self.place.entry.relation;
        match self.place.command {
            Command::Delete => statement::delete(relation, filter),
            _ => {
                let (column, to) = &self.assignment;
                statement::update(relation, column, self.place.value(column, to.as_deref()), filter)
            }
        }
    }

    fn write(&self, filter: Option<&str>, must: &BTreeSet<Key>) -> Write {
        let place = self.place;
        let relation = place.entry.relation;
        let singles = if place.reads_keys() { place.others.iter().take(SINGLES).collect() } else { Vec::new() };
        let without = match place.command {
            Command::Delete => statement::drop_references(&place.basis.catalog, relation),
            _ => Vec::new(),
        };
        Write {
            trial: place.trial(),
            sql: self.sql(filter),
            must: must.clone(),
            may: place.granted.clone(),
            within: self.within.clone(),
            each: singles.into_iter().map(|key| self.sql(Some(&where_keys(relation, [key])))).collect(),
            without,
        }
    }
}

/// Where the cell lets an UPDATE take a row.
fn to(cell: &Cell) -> &Rows {
    cell.to.as_ref().unwrap_or(&cell.rows)
}

/// Own rows taken out of what is granted, and rows of others taken in: none may be. Filtered, where the SELECT policy
/// holds as well, and unfiltered, where it does not.
fn moves(place: &Place<'_>) -> Result<Option<Unit>, Error> {
    let Some(cell) = &place.cell else { return Ok(None) };
    let relation = place.entry.relation;
    let key = (relation.oid, place.actor.name.clone(), Command::Update);
    let Some(moves) = place.basis.moves.get(&key) else { return Ok(None) };
    let within = place.predicate(to(cell))?;
    let held = place.held();
    // A column that is not granted is tried as such.
    let granted = |column: &String| cell.columns.as_ref().is_none_or(|only| only.contains(column));
    let mut tasks: Vec<Box<dyn Task>> = Vec::new();
    let out = moves.out.iter().map(|one| (one, Some(&within)));
    for (one, within) in out.chain(moves.into.iter().map(|one| (one, None))) {
        let Assignment { column, to } = &one.assigned;
        if !granted(column) {
            continue;
        }
        let mut trial = place.trial();
        // Column privileges may already be what refuses it.
        trial.column = held.filter(|held| !held.table.contains("update")).map(|_| column.clone());
        let keyed = place.reads_keys().then(|| Some(where_keys(relation, [&one.key])));
        let bare = (one.unfiltered || keyed.is_none()).then_some(None);
        for filter in keyed.into_iter().chain(bare) {
            let task = Write {
                trial: trial.clone(),
                sql: statement::update(relation, column, place.value(column, to.as_deref()), filter.as_deref()),
                must: BTreeSet::new(),
                may: place.granted.clone(),
                within: within.cloned(),
                each: Vec::new(),
                without: Vec::new(),
            };
            tasks.push(Box::new(task));
        }
    }
    Ok((!tasks.is_empty()).then(|| place.unit("move", All(tasks))))
}
