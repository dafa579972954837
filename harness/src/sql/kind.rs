//! What a runner must know of a statement before it sends it: how it stands to transactions.

use super::lex::Token;

/// How a statement stands to transaction blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementKind {
    /// Runs in a transaction block or out of it.
    Ordinary,
    /// BEGIN, START TRANSACTION.
    Begin,
    /// COMMIT, END, ROLLBACK, ABORT, PREPARE TRANSACTION.
    End,
    /// SAVEPOINT, RELEASE, ROLLBACK TO: only within a block.
    Savepoint,
    /// Refused by the server within a block: VACUUM, … CONCURRENTLY, CREATE DATABASE and the like.
    Unblocked,
}

impl StatementKind {
    /// Whether a file with this statement cannot be wrapped in one transaction from outside.
    #[must_use]
    pub const fn rules_its_own_transaction(self) -> bool {
        matches!(self, Self::Begin | Self::End | Self::Unblocked)
    }
}

/// The kind of the statement that these tokens (without blanks and comments) are.
///
/// The commands that cannot run in a block are those of which the PostgreSQL reference pages say so. What depends
/// on the catalog (REINDEX of a partitioned table) or on code (CALL of a procedure that commits) cannot be seen here.
#[must_use]
pub(crate) fn classify(tokens: &[Token<'_>]) -> StatementKind {
    let words = Words(tokens);
    let unblocked = |yes: bool| if yes { StatementKind::Unblocked } else { StatementKind::Ordinary };
    match words.upper(0).as_str() {
        "BEGIN" | "START" => StatementKind::Begin,
        "COMMIT" | "ROLLBACK" if words.at(1, "PREPARED") => StatementKind::Unblocked,
        "ROLLBACK" if words.at(1, "TO") || words.at(2, "TO") => StatementKind::Savepoint,
        "COMMIT" | "END" | "ROLLBACK" | "ABORT" => StatementKind::End,
        "PREPARE" if words.at(1, "TRANSACTION") => StatementKind::End,
        "SAVEPOINT" | "RELEASE" => StatementKind::Savepoint,
        "VACUUM" => StatementKind::Unblocked,
        "CLUSTER" => unblocked(words.bare_cluster()),
        "CREATE" => unblocked(words.of_the_cluster(1) || words.index_concurrently()),
        "DROP" => unblocked(words.of_the_cluster(1) || words.index_concurrently()),
        "ALTER" => unblocked(words.alter_unblocked()),
        "REINDEX" => unblocked(words.reindex_unblocked()),
        "DISCARD" => unblocked(words.at(1, "ALL")),
        _ => StatementKind::Ordinary,
    }
}

struct Words<'a>(&'a [Token<'a>]);

impl Words<'_> {
    fn at(&self, n: usize, keyword: &str) -> bool {
        self.0.get(n).is_some_and(|token| token.is(keyword))
    }

    fn any(&self, n: usize, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.at(n, keyword))
    }

    fn upper(&self, n: usize) -> String {
        self.0.get(n).map_or_else(String::new, |token| token.text.to_ascii_uppercase())
    }

    fn has(&self, keywords: &[&str]) -> bool {
        let n = keywords.len();
        self.0.windows(n).any(|some| some.iter().zip(keywords).all(|(token, keyword)| token.is(keyword)))
    }

    /// Position after a parenthesised option list that may stand at `n`.
    fn after_options(&self, n: usize) -> usize {
        let open = self.0.get(n).is_some_and(|token| token.text == "(");
        let close = self.0.iter().position(|token| token.text == ")");
        if open { close.map_or(n, |at| at + 1) } else { n }
    }

    fn of_the_cluster(&self, n: usize) -> bool {
        self.any(n, &["DATABASE", "TABLESPACE", "SUBSCRIPTION"])
    }

    fn index_concurrently(&self) -> bool {
        let n = if self.at(1, "UNIQUE") { 2 } else { 1 };
        self.at(n, "INDEX") && self.at(n + 1, "CONCURRENTLY")
    }

    fn alter_unblocked(&self) -> bool {
        self.at(1, "SYSTEM")
            || (self.at(1, "DATABASE") && self.has(&["SET", "TABLESPACE"]))
            || (self.at(1, "TABLE") && self.has(&["DETACH", "PARTITION"]) && self.has(&["CONCURRENTLY"]))
            || (self.at(1, "SUBSCRIPTION") && self.has(&["PUBLICATION"]))
    }

    fn reindex_unblocked(&self) -> bool {
        self.any(self.after_options(1), &["DATABASE", "SYSTEM", "SCHEMA"]) || self.has(&["CONCURRENTLY"])
    }

    /// CLUSTER of every table; with VERBOSE or options only.
    fn bare_cluster(&self) -> bool {
        let n = self.after_options(1);
        self.0.len() == if self.at(n, "VERBOSE") { n + 1 } else { n }
    }
}

#[cfg(test)]
mod tests {
    use super::{StatementKind, classify};
    use crate::sql::lex::lex;

    fn kind(text: &str) -> StatementKind {
        classify(&lex(text).filter(|token| !token.is_trivia()).collect::<Vec<_>>())
    }

    #[test]
    fn transaction_control() {
        for text in ["begin", "START TRANSACTION READ ONLY", "Begin isolation level serializable"] {
            assert_eq!(kind(text), StatementKind::Begin, "{text}");
        }
        for text in ["commit", "END", "rollback work", "ABORT", "COMMIT AND CHAIN", "prepare transaction 'x'"] {
            assert_eq!(kind(text), StatementKind::End, "{text}");
        }
        for text in ["savepoint a", "release a", "rollback to a", "ROLLBACK /* */ WORK TO SAVEPOINT a"] {
            assert_eq!(kind(text), StatementKind::Savepoint, "{text}");
        }
        for text in ["prepare x as select 1", "select 1", "\"commit\"", "", "(select 1)"] {
            assert_eq!(kind(text), StatementKind::Ordinary, "{text}");
        }
    }

    #[test]
    fn what_the_server_refuses_in_a_block() {
        for text in [
            "vacuum (analyze) t",
            "create index concurrently on t (a)",
            "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)",
            "drop index concurrently i",
            "reindex index concurrently i",
            "reindex (verbose, concurrently) table t",
            "reindex (verbose) database d",
            "reindex system d",
            "alter table t detach partition p concurrently",
            "create database d",
            "drop database if exists d",
            "create tablespace t location '/x'",
            "alter system set work_mem = 1",
            "create subscription s connection '' publication p",
            "alter subscription s refresh publication",
            "alter database d set tablespace t",
            "commit prepared 'x'",
            "cluster",
            "cluster (verbose)",
            "discard all",
        ] {
            assert_eq!(kind(text), StatementKind::Unblocked, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_it() {
        for text in [
            "refresh materialized view concurrently m",
            "create index concurrently_made on t (a)",
            "create index \"concurrently\" on t (a)",
            "alter table t detach partition p",
            "alter database d set work_mem = 1",
            "alter table t rename column system to b",
            "cluster t using i",
            "reindex table t",
            "comment on database d is 'x'",
        ] {
            assert_eq!(kind(text), StatementKind::Ordinary, "{text}");
        }
    }
}
