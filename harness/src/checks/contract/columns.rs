//! Columns that a cell does not name: each is tried, and must be refused by privilege.

use crate::check::Unit;
use crate::check::outcome::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::attempt::access::{Access, class_name};
use crate::checks::attempt::cell::Cell;
use crate::judge::classify::ErrorClass;
use crate::session::Worker;

/// One check for each column that is not granted.
pub(crate) fn columns(cell: &Cell<'_>, command: &str, sql: impl Fn(&str) -> String) -> Vec<Unit> {
    ungranted(cell, command)
        .map(|column| {
            let mut access = cell.access();
            access.column = Some(column.to_owned());
            let task = UngrantedColumn { access, column: column.to_owned(), sql: sql(column) };
            cell.unit(&format!("column.{column}"), task)
        })
        .collect()
}

/// The columns that the cell does not name. Where the command is granted to nobody of the role, those that the role
/// holds one by one: a privilege on the whole table may be the platform's default, with row security as the only guard,
/// but a column is granted on purpose, and row security without a policy would hide that.
fn ungranted<'a>(cell: &'a Cell<'_>, command: &'a str) -> impl Iterator<Item = &'a str> {
    let tried = move |column: &&crate::catalog::Column| {
        let name = &column.name;
        match &cell.grant {
            Some(grant) => grant.columns.as_ref().is_some_and(|only| !only.contains(name)),
            None => {
                let held = cell.held().filter(|held| !held.table.contains(command));
                held.is_some_and(|held| held.holds_column(command, name)) && !cell.role_is_granted()
            }
        }
    };
    let columns = cell.entry.relation.columns.iter();
    columns
        .filter(move |column| command == "select" || !column.generated)
        .filter(tried)
        .map(|column| column.name.as_str())
}

/// One column that is not granted.
#[derive(Debug)]
pub(super) struct UngrantedColumn {
    /// Who and where.
    pub access: Access,
    /// The column.
    pub column: String,
    /// A statement that needs the privilege on this column and on nothing else.
    pub sql: String,
}

impl Task for UngrantedColumn {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let world = worker.world.clone();
            let tried = worker.read(&self.access.identity, &self.sql).await;
            let expected = format!("refused by privilege; granted: {}", self.access.granted);
            let tried = match tried {
                Ok(attempt) => attempt.result,
                Err(failure) => {
                    return vec![Outcome::not_tried(&failure, self.access.evidence(&self.sql, expected, "nothing"))];
                }
            };
            let outcome = match tried {
                Ok(result) => Outcome::failed(
                    format!("column `{}` can be reached", self.column),
                    self.access.evidence(&self.sql, expected, format!("{} rows", result.affected)),
                ),
                Err(error) => {
                    let class = self.access.class(&world, &error);
                    let evidence = self.access.evidence(&self.sql, expected, error.line());
                    match class {
                        ErrorClass::RefusedByPrivilege => Outcome::passed(class_name(&class), evidence),
                        ErrorClass::RefusedByPolicy | ErrorClass::PastPolicy => Outcome::failed(
                            format!("column `{}` is held: {}", self.column, class_name(&class)),
                            evidence,
                        ),
                        _ => Outcome::error(format!("no verdict: {}", class_name(&class)), evidence),
                    }
                }
            };
            vec![outcome]
        })
    }
}
