//! Foreign keys of rows that an actor may write, pointed at rows that it cannot see.

use std::collections::BTreeSet;

use crate::catalog::Relation;
use crate::check::Unit;
use crate::check::outcome::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::attempt::access::{Access, class_name, watching};
use crate::checks::attempt::cell::Cell;
use crate::checks::attempt::statement::{self, Copy, where_keys};
use crate::judge::classify::ErrorClass;
use crate::judge::effect::{RowKey, show_keys};
use crate::report::record::Evidence;
use crate::session::{AttemptError, Worker};
use crate::sql::Sql;
use crate::sql::quote::{ident, literal};
use crate::suite::resolved::Command;
use crate::world::ContractEntry;

/// One check for each foreign key column that the actor may write, where it sees some rows of the relation that it
/// points at, the own row's among them, and not all. The tenant key's own are tried as moves; of a relation that the
/// actor sees whole, or not at all, nothing says which rows it may point at.
pub(crate) fn plan(cell: &Cell<'_>) -> Vec<Unit> {
    let relation = cell.entry.relation;
    if !cell.grants() || !relation.kind.is_table() || !cell.reads_keys() {
        return Vec::new();
    }
    let keys = relation.constraints.iter().filter_map(|constraint| {
        // Of several columns, one is changed alone: a key over the tenant too is what holds it there.
        let parent = cell.world.catalog.by_oid(constraint.references?)?;
        let mut columns = constraint.columns.iter().zip(&constraint.referenced_columns);
        let (column, referenced) = columns.find(|(column, _)| !cell.tenant_columns().contains(&column.as_str()))?;
        Some((column, parent, referenced))
    });
    let mut units: Vec<Unit> = Vec::new();
    for (column, parent, referenced) in keys {
        let name = format!("references.{column}");
        let planned = units.iter().flat_map(|unit| &unit.checks).any(|check| check.id.ends_with(&format!("/{name}")));
        if !planned
            && cell.may_set(column)
            && let Some(task) = task(cell, column, parent, referenced)
        {
            units.push(cell.unit(&name, task));
        }
    }
    units
}

/// Whether the row `own` with `to` in `column` has a key that another row of the seed has: an INSERT's copy comes beside the row
/// itself, and keeps what no default and no `insert_with` fills anew.
fn collides(cell: &Cell<'_>, own: &RowKey, column: &str, to: &str) -> bool {
    let relation = cell.entry.relation;
    let Some(rows) = cell.world.baseline(relation) else { return false };
    let inserts = cell.command == Command::Insert;
    let with_words = &cell.entry.contract.insert_with;
    let fresh = |name: &String| inserts && (with_words.contains_key(name) || has_default(relation, name));
    let keys = relation.unique.iter().filter(|key| key.columns.iter().any(|name| name == column));
    let with =
        |name: &String| if name == column { Some(to.to_owned()) } else { rows.value(own, name).cloned().flatten() };
    let mut keys = keys.filter(|key| !key.columns.iter().any(|name| name != column && fresh(name)));
    keys.any(|key| {
        let there = cell.granted.iter().chain(&cell.others).filter(|other| inserts || *other != own);
        there
            .into_iter()
            .any(|other| key.columns.iter().all(|name| rows.value(other, name).cloned().flatten() == with(name)))
    })
}

fn has_default(relation: &Relation, name: &str) -> bool {
    relation.column(name).is_some_and(|column| column.default.is_some() || !column.identity.is_empty())
}

fn task(cell: &Cell<'_>, column: &str, parent: &Relation, referenced: &str) -> Option<References> {
    let relation = cell.entry.relation;
    let contract = cell.world.contract(&parent.name)?;
    let above = ContractEntry { relation: parent, contract, follows: false };
    let seen = Cell::of(cell.world, above, cell.actor, Command::Select);
    let (rows, parents) = (cell.world.baseline(relation)?, cell.world.baseline(parent)?);
    let value = |key: &RowKey| parents.value(key, referenced).cloned().flatten();
    let visible: Vec<String> = seen.granted.iter().filter_map(value).collect();
    let own = cell
        .granted
        .iter()
        .find(|key| rows.value(key, column).cloned().flatten().is_some_and(|value| visible.contains(&value)))?;
    // A row of the same key would stop either statement before the foreign key is asked.
    let free = |to: &String| !collides(cell, own, column, to);
    let foreign =
        seen.others.iter().find(|key| value(key).is_some_and(|value| !visible.contains(&value) && free(&value)))?;
    let (unchanged, to) = (rows.value(own, column)?.clone()?, value(foreign)?);
    let from = match cell.command {
        Command::Insert => std::iter::once(unchanged).chain(visible).find(free)?,
        _ => unchanged,
    };
    let sql = |to: &str| -> Option<Sql> {
        if cell.command == Command::Insert {
            let mut copy = Copy::default();
            copy.with.insert(column, cell.value(column, Some(to)));
            return cell.unnumbered(own, &copy);
        }
        Some(statement::update(relation, column, cell.value(column, Some(to)), Some(&where_keys(relation, [own]))))
    };
    Some(References {
        access: cell.access(),
        column: column.to_owned(),
        parent: format!("a row of others in {}: {}", parent.name, show_keys(parents, [foreign])),
        sql: sql(&to)?,
        points: format!("{} = {}", ident(column), literal(&to)),
        control: sql(&from)?,
    })
}

/// An own row pointed at a row of others.
#[derive(Debug)]
pub(super) struct References {
    /// Who and where.
    pub access: Access,
    /// The foreign key's column.
    pub column: String,
    /// What it points at, in words.
    pub parent: String,
    /// The statement.
    pub sql: Sql,
    /// Whether the new row points there: a trigger may have rewritten it.
    pub points: String,
    /// The same with a row that the actor sees, which must be accepted.
    pub control: Sql,
}

impl Task for References {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            vec![match self.decide(worker).await {
                Ok(outcome) => outcome,
                Err(failure) => Outcome::not_tried(&failure, self.evidence(&self.sql, "nothing")),
            }]
        })
    }
}

impl References {
    fn evidence(&self, sql: &Sql, got: impl Into<String>) -> Evidence {
        let expected = format!("refused: {} is not among what the actor sees", self.parent);
        self.access.evidence(sql.shown(), expected, got)
    }

    /// How many rows the statement left there, and how many of them point at the row of others.
    async fn rows(
        &self,
        worker: &mut Worker,
        sql: &Sql,
    ) -> Result<Result<(usize, usize), (ErrorClass, String)>, AttemptError> {
        let world = worker.world.clone();
        let oid = self.access.relation(&world).map(|relation| relation.oid).unwrap_or_default();
        let predicates = watching(oid, vec![self.points.clone()]);
        let attempt = worker.write(&self.access.identity, &[], sql.run(), &predicates).await?;
        Ok(match &attempt.result {
            Ok(_) => {
                let effect = attempt.effects.on.get(&oid).cloned().unwrap_or_default();
                let all = || effect.inserted.iter().chain(&effect.updated);
                let pointing: BTreeSet<&RowKey> =
                    all().filter(|(_, holds)| holds.first() == Some(&true)).map(|(key, _)| key).collect();
                Ok((all().count(), pointing.len()))
            }
            Err(error) => {
                // The schema's own guard: a foreign key over the tenant as well, or a CHECK.
                let guarded = matches!(error.code.as_str(), "23503" | "23514");
                let class = self.access.class(&world, error);
                let class = if class == ErrorClass::PastPolicy && !guarded { ErrorClass::Undecided } else { class };
                Err((class, error.line()))
            }
        })
    }

    async fn decide(&self, worker: &mut Worker) -> Result<Outcome, AttemptError> {
        match self.rows(worker, &self.control).await? {
            Ok((0, _)) => {
                let evidence = self.evidence(&self.control, "no row");
                return Ok(Outcome::error("the control touches no row, so nothing beside it would prove", evidence));
            }
            Ok(_) => {}
            Err((_, line)) => {
                let verdict = "the control is not accepted, so a refusal beside it would prove nothing";
                return Ok(Outcome::error(verdict, self.evidence(&self.control, line)));
            }
        }
        let mut outcome = match self.rows(worker, &self.sql).await? {
            Ok((_, 0)) => Outcome::passed("not pointed there by the schema", self.evidence(&self.sql, "accepted")),
            Ok(_) => {
                let mut evidence = self.evidence(&self.sql, "accepted");
                evidence.notes.push("the check of a foreign key is not held to row security".to_owned());
                evidence.notes.push("if this is allowed by design: a known exception, with the reason".to_owned());
                return Ok(Outcome::failed(
                    format!("`{}` of an own row can point at {}", self.column, self.parent),
                    evidence,
                ));
            }
            Err((ErrorClass::PastPolicy, line)) => {
                Outcome::passed("stopped by a constraint of the schema", self.evidence(&self.sql, line))
            }
            Err((class @ (ErrorClass::Other | ErrorClass::Undecided | ErrorClass::PrivilegeElsewhere), line)) => {
                Outcome::error(format!("no verdict: {}", class_name(&class)), self.evidence(&self.sql, line))
            }
            Err((class, line)) => Outcome::passed(class_name(&class), self.evidence(&self.sql, line)),
        };
        if outcome.status == crate::report::record::Status::Passed {
            outcome.evidence.witness = "the same with a row that the actor sees is accepted".to_owned();
        }
        Ok(outcome)
    }
}
