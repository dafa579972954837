//! Rows that an assignment takes over the line that the contract draws.

use std::collections::BTreeMap;

use crate::judge::effect::RowKey;
use crate::suite::resolved::Command;

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Assignment {
    /// The column.
    pub column: String,
    /// What is assigned.
    pub to: Option<String>,
}

/// A row and what takes it over the line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Move {
    /// The row.
    pub key: RowKey,
    /// What takes it.
    pub assigned: Assignment,
    /// Whether it is also tried without a condition: no row that the actor may write is in the way.
    pub unfiltered: bool,
}

/// The moves of one cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Moves {
    /// Of a row that the actor may write, out of what is granted.
    pub out: Vec<Move>,
    /// Of a row of others, into what is granted.
    pub into: Vec<Move>,
}

/// Moves by relation, actor and command.
pub(super) type AllMoves = BTreeMap<(u32, String, Command), Moves>;
