//! What a statement written by a person names, and whether its actor lacks a privilege on any of it: only then is
//! the ACL's refusal the statement's own, and not that of a sequence behind a default or a table inside a policy.

use std::collections::BTreeSet;

use crate::catalog::{PrivilegeSet, Relation};
use crate::plan::basis::Basis;
use crate::sql::lex::lex;

/// Whether `role` lacks what the statement needs on a relation, a column or a function that it names.
#[must_use]
pub fn lacks_something(basis: &Basis, role: &str, sql: &str) -> bool {
    let words: Vec<String> = lex(sql).filter(|token| !token.is_trivia()).map(|token| fold(token.text)).collect();
    let named: BTreeSet<&str> = words.iter().map(String::as_str).collect();
    let commands = commands(&words);
    let relations = basis.catalog.relations.values().filter(|relation| named.contains(relation.name.name.as_str()));
    let relation_lacks = |relation: &Relation| {
        let held = basis.held(role, relation);
        commands.iter().any(|command| lacks_on(held, relation, command, &named))
    };
    let executable = basis.executable.get(role);
    let function_lacks = basis.catalog.functions.iter().any(|function| {
        named.contains(function.id.name.name.as_str()) && !executable.is_some_and(|held| held.contains(&function.oid))
    });
    relations.into_iter().any(relation_lacks) || function_lacks
}

/// The privilege on the relation as a whole, or on a column that the statement names.
fn lacks_on(held: Option<&PrivilegeSet>, relation: &Relation, command: &str, named: &BTreeSet<&str>) -> bool {
    let Some(held) = held else { return true };
    let by_column = matches!(command, "select" | "insert" | "update" | "references");
    let reaches = |name: &str| named.contains(name) || named.contains("*");
    !held.holds(command)
        || (by_column && relation.columns.iter().any(|c| reaches(&c.name) && !held.holds_column(command, &c.name)))
}

/// The privileges that the statement's verbs need (PostgreSQL docs, the commands' reference pages).
fn commands(words: &[String]) -> Vec<&'static str> {
    let has = |word: &str| words.iter().any(|w| w == word);
    let verbs: Vec<&'static str> =
        ["select", "insert", "update", "delete", "truncate"].into_iter().filter(|verb| has(verb)).collect();
    // A WHERE clause and RETURNING read columns.
    if has("where") || has("returning") { [verbs, vec!["select"]].concat() } else { verbs }
}

/// As the server folds an identifier.
fn fold(text: &str) -> String {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => text.to_lowercase(),
    }
}
