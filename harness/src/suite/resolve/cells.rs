//! What one group may do with one relation, command by command.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::parts::In;
use super::people::People;
use super::row_sets::RowSets;
use crate::suite::file::File;
use crate::suite::problems::Problems;
use crate::suite::raw::{self, At, Or};
use crate::suite::resolved::{Actor, Cell, Command, Rows};

const DML: [Command; 4] = [Command::Select, Command::Insert, Command::Update, Command::Delete];

/// A short or a long cell: they differ only in how `rows`, `to` and `columns` are got at.
struct Written<'a> {
    file: &'a File,
    /// Whether the cell stands under that very command, and not under one for several.
    by_name: bool,
    span: &'a Range<usize>,
    rows: Option<Rows>,
    long: Option<&'a raw::Cell>,
}

/// The cells of one group, all names in them checked, and every actor of the group looked at for the ids it needs.
pub(crate) fn cells(
    relation: &str,
    grants: In<'_, (At<String>, At<Or<raw::Grants>>)>,
    sets: &RowSets<'_>,
    people: &People,
    problems: &mut Problems,
) -> BTreeMap<Command, Cell> {
    let (file, (group, written)) = (grants.file, grants.it);
    let actors = people.members(problems, file, group);
    let mut cells = BTreeMap::new();
    match &written.value {
        Or::Table(table) => {
            for (command, by_name, cell) in table.cells() {
                let long = if let Or::Table(long) = &cell.value { Some(long) } else { None };
                let rows = long.is_none().then(|| sets.rows(problems, file, relation, cell));
                let written = Written { file, by_name, span: &cell.span, rows, long };
                cells.insert(command, one(relation, group, command, &written, sets, problems));
            }
        }
        Or::Text(_) | Or::List(_) => {
            for command in DML {
                let rows = Some(sets.rows(problems, file, relation, written));
                let written = Written { file, by_name: false, span: &written.span, rows, long: None };
                cells.insert(command, one(relation, group, command, &written, sets, problems));
            }
        }
    }
    let places = places(written);
    for (command, cell) in &cells {
        let span = places.get(command).unwrap_or(&written.span);
        check_actors(relation, group, cell, In { file, it: span }, people, &actors, sets, problems);
    }
    cells
}

fn places(written: &At<Or<raw::Grants>>) -> BTreeMap<Command, Range<usize>> {
    match &written.value {
        Or::Table(table) => table.cells().into_iter().map(|(command, _, cell)| (command, cell.span.clone())).collect(),
        Or::Text(_) | Or::List(_) => BTreeMap::new(),
    }
}

fn one(
    relation: &str,
    group: &At<String>,
    command: Command,
    written: &Written<'_>,
    sets: &RowSets<'_>,
    problems: &mut Problems,
) -> Cell {
    let file = written.file;
    let mut names = |names: &raw::Names| sets.rows(problems, file, relation, names);
    let rows = match (&written.rows, written.long) {
        (Some(rows), _) => rows.clone(),
        (None, Some(long)) => names(&long.rows),
        (None, None) => Rows::All,
    };
    let to = written.long.and_then(|long| long.to.as_ref()).filter(|_| command == Command::Update).map(&mut names);
    if !DML.contains(&command) && rows != Rows::All && rows != Rows::Sets(BTreeSet::new()) {
        let message = format!("`{command}` has no rows, and `{rows}` is a row set");
        problems.add(file, written.span, message, "write `all` or `none`");
    }
    Cell {
        rows,
        to,
        columns: columns(command, written, problems),
        at: file.location(written.span),
        group: group.value.clone(),
    }
}

/// The only columns, for commands that have a privilege by column (PostgreSQL docs, "Privileges").
fn columns(command: Command, written: &Written<'_>, problems: &mut Problems) -> Option<BTreeSet<String>> {
    let long = written.long?;
    if let (Some(to), true) = (&long.to, written.by_name && command != Command::Update) {
        let message = format!("`to` says where an UPDATE may take a row, and this is `{command}`");
        problems.add(written.file, &to.span, message, "write it under `update`");
    }
    let columns = long.columns.as_ref()?;
    if columns.value.is_empty() {
        problems.add(
            written.file,
            &columns.span,
            "`columns` names no column",
            "write the cell `none` where nothing is granted",
        );
    }
    let by_column = matches!(command, Command::Select | Command::Insert | Command::Update | Command::References);
    if written.by_name && !by_column {
        let message = format!("`{command}` has no columns: PostgreSQL grants it on the whole relation");
        problems.add(written.file, &columns.span, message, "leave `columns` out");
    }
    by_column.then(|| columns.value.iter().map(|column| column.value.clone()).collect())
}

/// That each actor of the group has the ids that the cell's row sets need, and is not said to be powerless.
fn check_actors(
    relation: &str,
    group: &At<String>,
    cell: &Cell,
    place: In<'_, Range<usize>>,
    people: &People,
    actors: &[&Actor],
    sets: &RowSets<'_>,
    problems: &mut Problems,
) {
    let granted = cell.rows != Rows::Sets(BTreeSet::new());
    for actor in actors {
        let who = if actor.name == group.value {
            format!("actor `{}`", actor.name)
        } else {
            format!("actor `{}` (group `{}`)", actor.name, group.value)
        };
        if granted && actor.powerless.is_some() {
            let message = format!("{who} is `powerless`, and `{relation}` grants it something");
            problems.add(place.file, place.it, message, "take one of the two back");
        }
        let needed = sets.needed(&cell.rows).into_iter().chain(cell.to.iter().flat_map(|to| sets.needed(to)));
        for (id, set, does) in needed {
            // That nobody has it is said once, where the row set or the tenant key stands.
            if !actor.ids.contains_key(id) && people.has(id) {
                let message = format!("{who} has no id `{id}`, which row set `{set}` of `{relation}` {does}");
                let help = format!(
                    "give `{}` the id, name another row set, or take `{}` out of this relation",
                    actor.name, group.value
                );
                problems.add(place.file, place.it, message, help);
            }
        }
    }
}
