//! What one group may do with one relation, command by command.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::people::People;
use super::row_sets::RowSetNames;
use super::written::WrittenEntry;
use crate::suite::file::File;
use crate::suite::problems::Problems;
use crate::suite::raw::{self, At, Or};
use crate::suite::resolved::{Actor, Command, Grant, Rows};

const DML: [Command; 4] = [Command::Select, Command::Insert, Command::Update, Command::Delete];

/// One line under `allow`, and what its names are looked up in.
pub(crate) struct AllowLine<'a> {
    relation: &'a str,
    file: &'a File,
    group: &'a At<String>,
    written: &'a At<Or<raw::Grants>>,
    sets: &'a RowSetNames<'a>,
    people: &'a People,
}

/// A cell, short or long.
struct WrittenCell<'a> {
    command: Command,
    /// Whether it stands under that very command, and not under one word for several.
    by_name: bool,
    span: &'a Range<usize>,
    rows: Vec<At<String>>,
    long: Option<&'a raw::Cell>,
}

impl<'a> AllowLine<'a> {
    pub(crate) fn new(
        relation: &'a str,
        entry: WrittenEntry<'a, At<Or<raw::Grants>>>,
        sets: &'a RowSetNames<'_>,
        people: &'a People,
    ) -> Self {
        Self { relation, file: entry.file, group: &entry.it.0, written: &entry.it.1, sets, people }
    }

    /// The cells, all names in them checked, and every actor of the group looked at for the ids that they need.
    pub(crate) fn cells(&self, problems: &mut Problems) -> BTreeMap<Command, Grant> {
        let actors = self.people.members(problems, self.file, self.group);
        let mut cells = BTreeMap::new();
        for written in self.each() {
            let cell = self.cell(&written, problems);
            for actor in &actors {
                self.check(actor, &cell, written.span, problems);
            }
            cells.insert(written.command, cell);
        }
        cells
    }

    fn each(&self) -> Vec<WrittenCell<'a>> {
        let Or::Table(table) = &self.written.value else {
            let span = &self.written.span;
            let short = |command| WrittenCell { command, by_name: false, span, rows: self.written.texts(), long: None };
            return DML.map(short).into();
        };
        let one = |(command, by_name, cell): (Command, bool, &'a At<Or<raw::Cell>>)| match &cell.value {
            Or::Table(long) => {
                WrittenCell { command, by_name, span: &cell.span, rows: long.rows.texts(), long: Some(long) }
            }
            Or::Text(_) | Or::List(_) => {
                WrittenCell { command, by_name, span: &cell.span, rows: cell.texts(), long: None }
            }
        };
        table.cells().into_iter().map(one).collect()
    }

    fn cell(&self, written: &WrittenCell<'_>, problems: &mut Problems) -> Grant {
        let command = written.command;
        let rows = self.sets.rows(problems, self.file, self.relation, written.span, &written.rows);
        if !DML.contains(&command) && rows != Rows::All && !is_nothing(&rows) {
            let message = format!("`{command}` has no rows, and `{rows}` is a row set");
            problems.add(self.file, written.span, message, "write `all` or `none`");
        }
        Grant {
            rows,
            to: self.to(written, problems),
            columns: self.columns(written, problems),
            at: self.file.location(written.span),
            group: self.group.value.clone(),
        }
    }

    /// Where an UPDATE may take a row.
    fn to(&self, written: &WrittenCell<'_>, problems: &mut Problems) -> Option<Rows> {
        let to = written.long?.to.as_ref()?;
        if written.by_name && written.command != Command::Update {
            let message = format!("`to` says where an UPDATE may take a row, and this is `{}`", written.command);
            problems.add(self.file, &to.span, message, "write it under `update`");
        }
        let rows = self.sets.rows(problems, self.file, self.relation, &to.span, &to.texts());
        (written.command == Command::Update).then_some(rows)
    }

    /// The only columns, for commands that have a privilege by column (PostgreSQL docs, "Privileges").
    fn columns(&self, written: &WrittenCell<'_>, problems: &mut Problems) -> Option<BTreeSet<String>> {
        let columns = written.long?.columns.as_ref()?;
        if columns.value.is_empty() {
            let help = "write the cell `none` where nothing is granted";
            problems.add(self.file, &columns.span, "`columns` names no column", help);
        }
        let by_column =
            matches!(written.command, Command::Select | Command::Insert | Command::Update | Command::References);
        if written.by_name && !by_column {
            let message = format!("`{}` has no columns: PostgreSQL grants it on the whole relation", written.command);
            problems.add(self.file, &columns.span, message, "leave `columns` out");
        }
        by_column.then(|| columns.value.iter().map(|column| column.value.clone()).collect())
    }

    /// That an actor has the ids that the cell's row sets need, and is not said to be powerless.
    fn check(&self, actor: &Actor, cell: &Grant, span: &Range<usize>, problems: &mut Problems) {
        let (relation, group) = (self.relation, &self.group.value);
        let who = if actor.name == *group {
            format!("actor `{group}`")
        } else {
            format!("actor `{}` (group `{group}`)", actor.name)
        };
        if actor.powerless.is_some() && !is_nothing(&cell.rows) {
            let message = format!("{who} is `powerless`, and `{relation}` grants it something");
            problems.add(self.file, span, message, "take one of the two back");
        }
        let needed = self.sets.needed(&cell.rows).into_iter();
        for (id, set, does) in needed.chain(cell.to.iter().flat_map(|to| self.sets.needed(to))) {
            // That nobody has it is said once, where the row set or the tenant key stands.
            if !actor.ids.contains_key(id) && self.people.has(id) {
                let message = format!("{who} has no id `{id}`, which row set `{set}` of `{relation}` {does}");
                let help = format!(
                    "give `{}` the id, name another row set, or take `{group}` out of this relation",
                    actor.name
                );
                problems.add(self.file, span, message, help);
            }
        }
    }
}

fn is_nothing(rows: &Rows) -> bool {
    matches!(rows, Rows::Sets(names) if names.is_empty())
}
