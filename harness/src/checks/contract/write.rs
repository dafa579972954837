//! UPDATE and DELETE: filtered and unfiltered, and rows taken out of what is granted.

use std::collections::BTreeSet;

use crate::Error;
use crate::check::{Task, Unit};
use crate::checks::attempt::all::All;
use crate::checks::attempt::cell::{Cell, NO_GRANTED};
use crate::checks::attempt::statement::{self, where_keys};
use crate::checks::attempt::write::Write;
use crate::checks::contract::columns::columns;
use crate::judge::effect::RowKey;
use crate::sql::Sql;
use crate::sql::quote::ident;
use crate::suite::resolved::{Actor, Command, Grant, Rows};
use crate::world::{Assignment, ContractEntry, World};

/// Rows tried one by one where a policy stops the whole statement.
const SINGLES: usize = 8;

pub(crate) fn plan(
    world: &World,
    entry: &ContractEntry<'_>,
    actor: &Actor,
    command: Command,
) -> Result<Vec<Unit>, Error> {
    let cell = Cell::of(world, *entry, actor, command);
    let statements = Statements::of(&cell)?;
    let mut units = Vec::new();
    if cell.withholds() && cell.is_empty_follower() {
        units.push(cell.unit("withheld", cell.by_itself()));
        return Ok(units);
    }
    if cell.grant.is_none() {
        units.push(cell.unit("withheld", statements.write(None, &BTreeSet::new())));
        units.extend(single_columns(&cell));
        return Ok(units);
    }
    if cell.grants() {
        let keyed = cell.reads_keys().then(|| where_keys(entry.relation, &cell.granted));
        if cell.granted.is_empty() {
            units.push(cell.unit("granted", cell.proves_nothing(NO_GRANTED)));
        } else {
            units.push(cell.unit("granted", statements.write(keyed.as_deref(), &cell.granted)));
        }
    }
    if cell.withholds() && cell.reads_keys() {
        let keyed = where_keys(entry.relation, &cell.others);
        let mut write = statements.write(Some(&keyed), &BTreeSet::new());
        if !entry.relation.kind.is_table() {
            // Of a view only the number of rows may be known: those of this statement are all of others.
            write.may.clear();
        }
        units.push(cell.unit("withheld", write));
    }
    if cell.withholds() && cell.others.is_empty() {
        units.push(cell.unit("unfiltered", cell.proves_nothing("no row of others on the seed: it proves nothing")));
    } else if cell.withholds() {
        let must = if cell.grants() { cell.granted.clone() } else { BTreeSet::new() };
        units.push(cell.unit("unfiltered", statements.write(None, &must)));
    }
    if command == Command::Update {
        units.extend(moves(&cell)?);
        units.extend(crate::checks::contract::references::plan(&cell));
    }
    units.extend(single_columns(&cell));
    Ok(units)
}

/// One check for each column that may not be updated.
fn single_columns(cell: &Cell<'_>) -> Vec<Unit> {
    if cell.command != Command::Update {
        return Vec::new();
    }
    let relation = cell.entry.relation;
    columns(cell, "update", |column| format!("UPDATE {} SET {} = DEFAULT", relation.name.sql(), ident(column)))
}

/// Builds the statements of one cell.
struct Statements<'a> {
    cell: &'a Cell<'a>,
    assignment: (String, Option<String>),
    /// Where an UPDATE must leave the rows that it touches: a trigger may take them elsewhere.
    within: Option<String>,
}

impl<'a> Statements<'a> {
    fn of(cell: &'a Cell<'a>) -> Result<Self, Error> {
        let relation = cell.entry.relation;
        let only = cell.grant.as_ref().and_then(|grant| grant.columns.as_ref());
        let to = cell.grant.as_ref().filter(|_| cell.command == Command::Update).map(to);
        let first = relation.columns.first().map(|column| (column.name.clone(), None));
        let assignment = cell
            .world
            .baseline(relation)
            .and_then(|baseline| statement::assignment(relation, baseline, cell.held(), only, cell.granted.first()))
            .or(first);
        let within = to.map(|rows| cell.predicate(rows)).transpose()?;
        Ok(Self { cell, assignment: assignment.unwrap_or_default(), within })
    }

    fn sql(&self, filter: Option<&str>) -> Sql {
        let relation = self.cell.entry.relation;
        match self.cell.command {
            Command::Delete => statement::delete(relation, filter),
            _ => {
                let (column, to) = &self.assignment;
                statement::update(relation, column, self.cell.value(column, to.as_deref()), filter)
            }
        }
    }

    fn write(&self, filter: Option<&str>, must: &BTreeSet<RowKey>) -> Write {
        let cell = self.cell;
        let relation = cell.entry.relation;
        let singles = if cell.reads_keys() { cell.others.iter().take(SINGLES).collect() } else { Vec::new() };
        let without = match cell.command {
            Command::Delete => statement::drop_references(&cell.world.catalog, relation),
            _ => Vec::new(),
        };
        Write {
            access: cell.access(),
            sql: self.sql(filter),
            must: must.clone(),
            may: cell.granted.clone(),
            within: self.within.clone(),
            each: singles.into_iter().map(|key| self.sql(Some(&where_keys(relation, [key])))).collect(),
            without,
        }
    }
}

/// Where the cell lets an UPDATE take a row.
fn to(grant: &Grant) -> &Rows {
    grant.to.as_ref().unwrap_or(&grant.rows)
}

/// Own rows taken out of what is granted, and rows of others taken in: none may be. Filtered, where the SELECT policy
/// holds as well, and unfiltered, where it does not.
fn moves(cell: &Cell<'_>) -> Result<Option<Unit>, Error> {
    let Some(grant) = &cell.grant else { return Ok(None) };
    let relation = cell.entry.relation;
    let key = (relation.oid, cell.actor.name.clone(), Command::Update);
    let Some(moves) = cell.world.moves.get(&key) else { return Ok(None) };
    let within = cell.predicate(to(grant))?;
    let held = cell.held();
    // A column that is not granted is tried as such.
    let granted = |column: &String| grant.columns.as_ref().is_none_or(|only| only.contains(column));
    let mut tasks: Vec<Box<dyn Task>> = Vec::new();
    let out = moves.out.iter().map(|one| (one, Some(&within)));
    for (one, within) in out.chain(moves.into.iter().map(|one| (one, None))) {
        let Assignment { column, to } = &one.assigned;
        if !granted(column) {
            continue;
        }
        let mut access = cell.access();
        // Column privileges may already be what refuses it.
        access.column = held.filter(|held| !held.table.contains("update")).map(|_| column.clone());
        let keyed = cell.reads_keys().then(|| Some(where_keys(relation, [&one.key])));
        let bare = (one.unfiltered || keyed.is_none()).then_some(None);
        for filter in keyed.into_iter().chain(bare) {
            let task = Write {
                access: access.clone(),
                sql: statement::update(relation, column, cell.value(column, to.as_deref()), filter.as_deref()),
                must: BTreeSet::new(),
                may: cell.granted.clone(),
                within: within.cloned(),
                each: Vec::new(),
                without: Vec::new(),
            };
            tasks.push(Box::new(task));
        }
    }
    Ok((!tasks.is_empty()).then(|| cell.unit("move", All(tasks))))
}
