//! What is known of a revision that was applied, or taken back.

use std::time::Duration;

use super::script::TransactionMode;

/// A revision that was applied, or taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedRevision {
    /// Its id.
    pub id: String,
    /// How it stood to transactions.
    pub mode: TransactionMode,
    /// Statements that a superuser session ran in the owner's place, in words.
    pub exempted: Vec<String>,
    /// What a program printed, safe to show; empty where none ran.
    pub output: String,
    /// How long it took.
    pub elapsed: Duration,
}
