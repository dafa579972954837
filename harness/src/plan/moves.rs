//! Where a row could be taken: assignments after which it is no longer among the rows that the contract grants.
//!
//! Only columns that a row set names can matter, so only those are asked about; one query for each actor, command and
//! relation tells which values leave the set.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::{Basis, query};
use crate::Error;
use crate::catalog::Relation;
use crate::judge::effect::Key;
use crate::run::session::Session;
use crate::sql::Sql;
use crate::sql::lex::lex;
use crate::sql::quote::ident;
use crate::suite::resolved::{Command, Relation as Contract, Rows};

use super::statement::where_keys;

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Move {
    /// The row that is taken: one that the actor may write.
    pub key: Key,
    /// The column.
    pub column: String,
    /// What is assigned.
    pub to: Option<String>,
}

/// Moves by relation, actor and command.
pub(super) type Moves = BTreeMap<(u32, String, Command), Vec<Move>>;

/// Values tried for each column.
const VALUES: usize = 2;

/// The moves of every cell of the contract.
pub(super) async fn read(session: &mut Session, basis: &Basis) -> Result<Moves, Error> {
    let mut moves = Moves::new();
    for contract in &basis.suite.contract {
        let Some(relation) = basis.relation(contract).filter(|relation| basis.baseline(relation).is_some()) else {
            continue;
        };
        for actor in basis.actors.values() {
            for command in [Command::Insert, Command::Update] {
                let Some(cell) = contract.cell(actor, command) else { continue };
                let to = cell.to.clone().unwrap_or_else(|| cell.rows.clone());
                let source = basis.keys(relation, &actor.name, &cell.rows);
                let (Rows::Sets(_), Some(key)) = (&to, source.first()) else { continue };
                let predicate = basis.row_sets().predicate(contract, &to, &actor.ids)?;
                let tried = candidates(basis, relation, key, &predicate, &source);
                let leaving = leaving(session, relation, contract, key, &predicate, tried).await?;
                moves.insert((relation.oid, actor.name.clone(), command), leaving);
            }
        }
    }
    Ok(moves)
}

/// Assignments worth asking about: what others' rows have in the columns that the predicate names, NULL, and the
/// other boolean.
fn candidates(
    basis: &Basis,
    relation: &Relation,
    key: &Key,
    predicate: &str,
    own: &BTreeSet<Key>,
) -> Vec<(String, Option<String>)> {
    let named: BTreeSet<String> = lex(predicate).map(|token| token.text.trim_matches('"').to_owned()).collect();
    let Some(baseline) = basis.baseline(relation) else { return Vec::new() };
    let mut out = Vec::new();
    for column in relation.columns.iter().filter(|column| !column.generated && named.contains(&column.name)) {
        let mine = baseline.value(key, &column.name).cloned().flatten();
        let others: BTreeSet<Option<String>> = baseline
            .rows
            .keys()
            .filter(|other| !own.contains(*other))
            .filter_map(|other| baseline.value(other, &column.name).cloned())
            .filter(|other| *other != mine && other.is_some())
            .collect();
        out.extend(others.into_iter().take(VALUES).map(|other| (column.name.clone(), other)));
        if column.nullable && mine.is_some() {
            out.push((column.name.clone(), None));
        }
        if column.category == "B" {
            let other = if mine.as_deref() == Some("t") { "f" } else { "t" };
            out.push((column.name.clone(), Some(other.to_owned())));
        }
    }
    out.sort();
    out.dedup();
    out
}

async fn leaving(
    session: &mut Session,
    relation: &Relation,
    contract: &Contract,
    key: &Key,
    predicate: &str,
    tried: Vec<(String, Option<String>)>,
) -> Result<Vec<Move>, Error> {
    if tried.is_empty() {
        return Ok(Vec::new());
    }
    let filter = where_keys(relation, [key]);
    let branches: Vec<String> = tried
        .iter()
        .enumerate()
        .map(|(n, (assigned, to))| {
            let columns: Vec<String> = relation
                .columns
                .iter()
                .map(|column| {
                    let name = ident(&column.name);
                    if column.name == *assigned {
                        format!("{}::{} AS {name}", Sql::value(to.as_deref(), true).run(), column.r#type)
                    } else {
                        name
                    }
                })
                .collect();
            // The alias is the relation's name, so that a qualified column still binds.
            format!(
                "SELECT {n}, (SELECT ({predicate}) IS TRUE FROM (SELECT {} FROM {} WHERE {filter}) AS {})",
                columns.join(", "),
                relation.name.sql(),
                ident(&relation.name.name)
            )
        })
        .collect();
    let result = query(session, &branches.join(" UNION ALL "), contract).await?;
    let stays: BTreeSet<usize> = result
        .rows
        .iter()
        .filter(|row| row.get(1).and_then(Option::as_deref) == Some("t"))
        .filter_map(|row| row.first()?.as_deref()?.parse().ok())
        .collect();
    let leaves = tried.into_iter().enumerate().filter(|(n, _)| !stays.contains(n));
    Ok(leaves.map(|(_, (column, to))| Move { key: key.clone(), column, to }).collect())
}
