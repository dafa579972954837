//! RETURNING: a write shows no row that a read would not.

use std::collections::BTreeSet;

use crate::check::Unit;
use crate::check::outcome::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::attempt::access::{Access, class_name, rows};
use crate::checks::attempt::cell::Cell;
use crate::checks::attempt::select::keys_of;
use crate::checks::attempt::statement;
use crate::judge::classify::ErrorClass;
use crate::judge::effect::{RowKey, key_of, show_keys};
use crate::report::record::Evidence;
use crate::session::{Attempt, Worker};
use crate::sql::Sql;

/// A write that returns rows shows no others, for an actor that reads and writes.
pub(crate) fn plan(cell: &Cell<'_>) -> Option<Unit> {
    let relation = cell.entry.relation;
    let held = cell.held()?;
    if relation.key().is_none()
        || !relation.kind.is_table()
        || !cell.withholds()
        || cell.is_empty_follower()
        || !cell.reads_keys()
        || !(held.holds("update") || held.holds("delete"))
    {
        return None;
    }
    if cell.others.is_empty() {
        return Some(cell.unit("returning", cell.proves_nothing("no row of others on the seed: it proves nothing")));
    }
    let (_, keys) = key_of(relation);
    let baseline = cell.world.baseline(relation)?;
    // What is returned is the new row: one whose key was assigned to would be taken for another.
    let in_key = |column: &String| relation.key().is_some_and(|key| key.contains(column));
    let assigned = held.holds("update").then(|| statement::assignment(relation, baseline, Some(held), None, None));
    let assigned = assigned.flatten().filter(|(column, _)| !in_key(column));
    let write = if let Some((column, to)) = assigned {
        statement::update(relation, &column, cell.value(&column, to.as_deref()), None)
    } else if held.holds("delete") {
        statement::delete(relation, None)
    } else {
        return None;
    };
    let sql = write.then(format!(" RETURNING {}", keys.join(", ")));
    Some(cell.unit("returning", Returning { access: cell.access(), sql, granted: cell.granted.clone() }))
}

/// A write that returns the keys of what it touched.
#[derive(Debug)]
pub(super) struct Returning {
    /// Who and where; the command is the read's.
    pub access: Access,
    /// The statement.
    pub sql: Sql,
    /// What may be seen.
    pub granted: BTreeSet<RowKey>,
}

impl Task for Returning {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let world = worker.world.clone();
            let expected = format!("returns only what is granted: {}", self.access.granted);
            let baseline =
                self.access.relation(&world).and_then(|relation| world.baseline(relation)).cloned().unwrap_or_default();
            vec![match worker.read(&self.access.identity, self.sql.run()).await {
                Err(failure) => {
                    Outcome::not_tried(&failure, self.access.evidence(self.sql.shown(), expected, "nothing"))
                }
                Ok(mut attempt) => match &attempt.result {
                    Ok(result) => {
                        let seen = keys_of(result);
                        let leaked: Vec<&RowKey> = seen.difference(&self.granted).collect();
                        let got = format!("{} returned, {} of others among them", rows(seen.len()), leaked.len());
                        if leaked.is_empty() {
                            let evidence = self.access.evidence(self.sql.shown(), expected, got);
                            self.witnessed(&mut attempt, evidence, "returns no row of others").await
                        } else {
                            let mut evidence = self.access.evidence_of_leak(&world, self.sql.shown(), got);
                            evidence.notes.insert(0, format!("returned: {}", show_keys(&baseline, leaked)));
                            Outcome::failed("returns rows of others", evidence)
                        }
                    }
                    Err(error) => {
                        let class = self.access.class(&world, error);
                        let evidence = self.access.evidence(self.sql.shown(), expected, error.line());
                        match class {
                            ErrorClass::RefusedByPrivilege => Outcome::passed(class_name(&class), evidence),
                            ErrorClass::RefusedByPolicy => {
                                self.witnessed(&mut attempt, evidence, class_name(&class)).await
                            }
                            _ => Outcome::error(format!("no verdict: {}", class_name(&class)), evidence),
                        }
                    }
                },
            }]
        })
    }
}

impl Returning {
    /// Passed only if the same statement returns a row as the witness role.
    async fn witnessed(&self, attempt: &mut Attempt<'_>, mut evidence: Evidence, how: &str) -> Outcome {
        match attempt.witness(self.sql.run()).await {
            Ok(Ok(result)) if !result.rows.is_empty() => {
                evidence.witness =
                    format!("the same statement returns {} as the witness role", rows(result.rows.len()));
                Outcome::passed(how, evidence)
            }
            Ok(_) => Outcome::error("vacuous: the same statement returns no row as the witness role either", evidence),
            Err(failure) => Outcome::not_tried(&failure, evidence),
        }
    }
}
