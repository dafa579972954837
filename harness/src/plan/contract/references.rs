//! Foreign keys of rows that an actor may write, pointed at rows that it cannot see.

use super::super::statement::{self, Copy, where_keys};
use super::entry::{Entry, Place};
use crate::catalog::Relation;
use crate::check::Unit;
use crate::check::references::References;
use crate::judge::effect::{Key, show_keys};
use crate::sql::Sql;
use crate::sql::quote::{ident, literal};
use crate::suite::resolved::Command;

/// One check for each foreign key column that the actor may write, where it sees some rows of the relation that it
/// points at, the own row's among them, and not all. The tenant key's own are tried as moves; of a relation that the
/// actor sees whole, or not at all, nothing says which rows it may point at.
pub(super) fn plan(place: &Place<'_>) -> Vec<Unit> {
    let relation = place.entry.relation;
    if !place.grants() || !relation.kind.is_table() || !place.reads_keys() {
        return Vec::new();
    }
    let keys = relation.constraints.iter().filter_map(|constraint| {
        // Of several columns, one is changed alone: a key over the tenant too is what holds it there.
        let parent = place.basis.catalog.by_oid(constraint.references?)?;
        let mut columns = constraint.columns.iter().zip(&constraint.referenced_columns);
        let (column, referenced) = columns.find(|(column, _)| !place.tenant_columns().contains(&column.as_str()))?;
        Some((column, parent, referenced))
    });
    let mut units: Vec<Unit> = Vec::new();
    for (column, parent, referenced) in keys {
        let name = format!("references.{column}");
        let planned = units.iter().flat_map(|unit| &unit.checks).any(|check| check.id.ends_with(&format!("/{name}")));
        if !planned
            && place.may_set(column)
            && let Some(task) = task(place, column, parent, referenced)
        {
            units.push(place.unit(&name, task));
        }
    }
    units
}

/// Whether the row `own` with `to` in `column` has a key that another row of the seed has: an INSERT's copy comes beside the row
/// itself, and keeps what no default and no `insert_with` fills anew.
fn collides(place: &Place<'_>, own: &Key, column: &str, to: &str) -> bool {
    let relation = place.entry.relation;
    let Some(rows) = place.basis.baseline(relation) else { return false };
    let inserts = place.command == Command::Insert;
    let with_words = &place.entry.contract.insert_with;
    let fresh = |name: &String| inserts && (with_words.contains_key(name) || has_default(relation, name));
    let keys = relation.unique.iter().filter(|key| key.columns.iter().any(|name| name == column));
    let with =
        |name: &String| if name == column { Some(to.to_owned()) } else { rows.value(own, name).cloned().flatten() };
    let mut keys = keys.filter(|key| !key.columns.iter().any(|name| name != column && fresh(name)));
    keys.any(|key| {
        let there = place.granted.iter().chain(&place.others).filter(|other| inserts || *other != own);
        there
            .into_iter()
            .any(|other| key.columns.iter().all(|name| rows.value(other, name).cloned().flatten() == with(name)))
    })
}

fn has_default(relation: &Relation, name: &str) -> bool {
    relation.column(name).is_some_and(|column| column.default.is_some() || !column.identity.is_empty())
}

fn task(place: &Place<'_>, column: &str, parent: &Relation, referenced: &str) -> Option<References> {
    let relation = place.entry.relation;
    let contract = place.basis.contract(&parent.name)?;
    let above = Entry { relation: parent, contract, follows: false };
    let seen = Place::of(place.basis, above, place.actor, Command::Select);
    let (rows, parents) = (place.basis.baseline(relation)?, place.basis.baseline(parent)?);
    let value = |key: &Key| parents.value(key, referenced).cloned().flatten();
    let visible: Vec<String> = seen.granted.iter().filter_map(value).collect();
    let own = place
        .granted
        .iter()
        .find(|key| rows.value(key, column).cloned().flatten().is_some_and(|value| visible.contains(&value)))?;
    // A row of the same key would stop either statement before the foreign key is asked.
    let free = |to: &String| !collides(place, own, column, to);
    let foreign =
        seen.others.iter().find(|key| value(key).is_some_and(|value| !visible.contains(&value) && free(&value)))?;
    let (unchanged, to) = (rows.value(own, column)?.clone()?, value(foreign)?);
    let from = match place.command {
        Command::Insert => std::iter::once(unchanged).chain(visible).find(free)?,
        _ => unchanged,
    };
    let sql = |to: &str| -> Option<Sql> {
        if place.command == Command::Insert {
            let mut copy = Copy::default();
            copy.with.insert(column, place.value(column, Some(to)));
            return place.unnumbered(own, &copy);
        }
        Some(statement::update(relation, column, place.value(column, Some(to)), Some(&where_keys(relation, [own]))))
    };
    Some(References {
        trial: place.trial(),
        column: column.to_owned(),
        parent: format!("a row of others in {}: {}", parent.name, show_keys(parents, [foreign])),
        sql: sql(&to)?,
        points: format!("{} = {}", ident(column), literal(&to)),
        control: sql(&from)?,
    })
}
