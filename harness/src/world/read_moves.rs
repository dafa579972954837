//! Where a row could be taken: assignments after which an own row is no longer among those that the contract grants,
//! or a row of others is.
//!
//! Only columns that a row set names can matter, so only those are asked about; one query for each actor, command and
//! relation tells what each assignment would do.

use std::collections::BTreeSet;

use super::moves::{AllMoves, Assignment, Move, Moves};
use crate::Error;
use crate::catalog::{Column, Relation};
use crate::judge::effect::{Baseline, RowKey, key_of};
use crate::pg::session::{ResultSet, Session};
use crate::sql::Sql;
use crate::sql::lex::lex;
use crate::sql::quote::{fold, ident};
use crate::suite::resolved::{Command, RelationContract as Contract, Rows};
use crate::world::World;
use crate::world::seed::{SeedQuery, queries_at_once};

/// Values tried for each column.
const VALUES: usize = 2;
/// Rows of others tried for each assignment.
const ROWS: usize = 2;

/// The assignments of one cell, and what asks what each of them would do.
struct MoveQuery<'a> {
    contract: &'a Contract,
    cell: (u32, String, Command),
    /// An own row.
    key: RowKey,
    /// The rows that the cell grants.
    source: BTreeSet<RowKey>,
    out: BTreeSet<Assignment>,
    into: BTreeSet<Assignment>,
    /// The context in which the rows are seen, where they depend on one.
    context: Option<String>,
    sql: String,
}

/// The moves of every cell of the contract.
pub(crate) async fn read(session: &mut Session, world: &World) -> Result<AllMoves, Error> {
    let asked = asked(world)?;
    let queries =
        asked.iter().map(|one| SeedQuery { context: one.context.as_deref(), sql: &one.sql, of: one.contract });
    let answers = queries_at_once(session, queries.collect()).await?;
    Ok(asked.into_iter().zip(answers).map(|(asked, answer)| asked.moves(answer)).collect())
}

fn asked(world: &World) -> Result<Vec<MoveQuery<'_>>, Error> {
    let mut all = Vec::new();
    for contract in &world.suite.contract {
        let Some((relation, baseline)) =
            world.relation(contract).and_then(|relation| Some((relation, world.baseline(relation)?)))
        else {
            continue;
        };
        for actor in world.actors.values() {
            for command in [Command::Insert, Command::Update] {
                let Some(cell) = contract.grant(actor, command) else { continue };
                let to = cell.to.clone().unwrap_or_else(|| cell.rows.clone());
                let source = world.keys(relation, &actor.name, &cell.rows);
                let (Rows::Sets(_), Some(key)) = (&to, source.first().cloned()) else { continue };
                let predicate = world.row_sets().predicate(contract, &to, &actor.ids)?;
                let out = leaving(relation, baseline, &predicate, &key, &source);
                let into = entering(relation, baseline, &predicate, &source);
                let tried: Vec<&Assignment> = out.iter().chain(&into).collect();
                let sql = holding_sql(relation, &predicate, &tried).join(" UNION ALL ");
                let context = world.context_of(relation, &actor.name);
                let cell = (relation.oid, actor.name.clone(), command);
                all.push(MoveQuery { contract, cell, key, source, out, into, context, sql });
            }
        }
    }
    Ok(all)
}

impl MoveQuery<'_> {
    fn moves(self, answer: ResultSet) -> ((u32, String, Command), Moves) {
        let Self { cell, key, source, out, into, .. } = self;
        let mut within = holding(answer, out.len() + into.len()).into_iter();
        let out = out.into_iter().zip(within.by_ref()).filter(|(_, within)| !within.contains(&key));
        let out =
            out.map(|(assigned, within)| Move { key: key.clone(), assigned, unfiltered: within.is_disjoint(&source) });
        let out = out.collect();
        let into = into.into_iter().zip(within).flat_map(|(assigned, within)| {
            let taken: Vec<RowKey> = within.difference(&source).take(ROWS).cloned().collect();
            let take = move |(n, key)| Move { key, assigned: assigned.clone(), unfiltered: n == 0 };
            taken.into_iter().enumerate().map(take)
        });
        (cell, Moves { out, into: into.collect() })
    }
}

/// The columns that a predicate names and that can be assigned.
fn named<'a>(relation: &'a Relation, predicate: &str) -> impl Iterator<Item = &'a Column> {
    let named: BTreeSet<String> = lex(predicate).map(|token| fold(token.text)).collect();
    relation.columns.iter().filter(move |column| !column.generated && named.contains(&column.name))
}

/// Assignments that may take `key` out: what others' rows have in the columns that the predicate names, NULL, and the
/// other boolean.
fn leaving(
    relation: &Relation,
    baseline: &Baseline,
    predicate: &str,
    key: &RowKey,
    own: &BTreeSet<RowKey>,
) -> BTreeSet<Assignment> {
    let mut out = BTreeSet::new();
    for column in named(relation, predicate) {
        let mut add = |to: Option<String>| {
            out.insert(Assignment { column: column.name.clone(), to });
        };
        let mine = baseline.value(key, &column.name).cloned().flatten();
        let others: BTreeSet<Option<String>> = baseline
            .rows
            .keys()
            .filter(|other| !own.contains(*other))
            .filter_map(|other| baseline.value(other, &column.name).cloned())
            .filter(|other| *other != mine && other.is_some())
            .collect();
        others.into_iter().take(VALUES).for_each(&mut add);
        // Of a view's column nothing says whether its table accepts NULL.
        if column.nullable && relation.kind.is_table() && mine.is_some() {
            add(None);
        }
        if column.category == "B" {
            add(Some(if mine.as_deref() == Some("t") { "f" } else { "t" }.to_owned()));
        }
    }
    out
}

/// Assignments that may bring rows of others in: what all own rows have in a column that the predicate names. It
/// changes none of them, so no constraint of theirs is in the way of a statement without a condition.
fn entering(relation: &Relation, baseline: &Baseline, predicate: &str, own: &BTreeSet<RowKey>) -> BTreeSet<Assignment> {
    let common = |column: &Column| {
        let values: BTreeSet<&Option<String>> =
            own.iter().filter_map(|key| baseline.value(key, &column.name)).collect();
        let to = values.first().filter(|_| values.len() == 1).copied()?.clone();
        Some(Assignment { column: column.name.clone(), to })
    };
    named(relation, predicate).filter_map(common).collect()
}

/// For each of so many assignments, the rows for which the predicate would hold after it.
fn holding(answer: ResultSet, tried: usize) -> Vec<BTreeSet<RowKey>> {
    let mut holding = vec![BTreeSet::new(); tried];
    for row in answer.rows {
        let mut cells = row.into_iter().map(Option::unwrap_or_default);
        let n: Option<usize> = cells.next().and_then(|n| n.parse().ok());
        if let Some(keys) = n.and_then(|n| holding.get_mut(n)) {
            keys.insert(cells.collect());
        }
    }
    holding
}

/// For each assignment, a query for its number and the keys for which the predicate would hold after it.
fn holding_sql(relation: &Relation, predicate: &str, tried: &[&Assignment]) -> Vec<String> {
    let names: Vec<String> = (0..key_of(relation).1.len()).map(|n| format!("rlsgate_key_{n}")).collect();
    let keys: Vec<String> =
        key_of(relation).1.iter().zip(&names).map(|(part, name)| format!("{part} AS {name}")).collect();
    let branch = |(n, assigned): (usize, &&Assignment)| {
        let changed = |column: &Column| {
            let name = ident(&column.name);
            if column.name == assigned.column {
                format!("{}::{} AS {name}", Sql::value(assigned.to.as_deref(), true).run(), column.r#type)
            } else {
                name
            }
        };
        // The alias is the relation's name, so that a qualified column still binds.
        format!(
            "SELECT {n}, {} FROM (SELECT {}, {} FROM {}) AS {} WHERE ({predicate}) IS TRUE",
            names.join(", "),
            keys.join(", "),
            relation.columns.iter().map(changed).collect::<Vec<_>>().join(", "),
            relation.name.sql(),
            ident(&relation.name.name)
        )
    };
    tried.iter().enumerate().map(branch).collect()
}
