//! What a statement written by a person names, and whether its actor lacks a privilege on any of it: only then is
//! the ACL's refusal the statement's own, and not that of a sequence behind a default or a table inside a policy.

use std::collections::BTreeSet;

use crate::catalog::{PrivilegeSet, Relation};
use crate::sql::lex::lex;
use crate::sql::quote;
use crate::world::World;

/// Whether `role` lacks what the statement needs: its verb's privilege on the relation that it writes, SELECT on the
/// others that it names, EXECUTE on a function.
#[must_use]
pub(super) fn lacks_something(world: &World, role: &str, sql: &str) -> bool {
    let words: Vec<String> = lex(sql).filter(|token| !token.is_trivia()).map(|token| quote::fold(token.text)).collect();
    let named: BTreeSet<&str> = words.iter().map(String::as_str).collect();
    let (command, target) = written(&words);
    let reads = command == "select" || named.contains("where") || named.contains("returning");
    // A relation of the same name in another schema is meant only where that schema is named.
    let meant = |relation: &&Relation| {
        let schema = &relation.name.schema;
        named.contains(relation.name.name.as_str())
            && (world.schemas.contains(schema) || named.contains(schema.as_str()))
    };
    let relation_lacks = |relation: &Relation| {
        let held = world.held(role, relation);
        let is_target = target.is_some_and(|target| target == relation.name.name);
        let writes = is_target && command != "select";
        (writes && lacks_on(held, relation, command, &named))
            || ((!writes || reads) && lacks_on(held, relation, "select", &named))
    };
    let executable = world.executable.get(role);
    let function_lacks = world.catalog.functions.iter().any(|function| {
        named.contains(function.id.name.name.as_str()) && !executable.is_some_and(|held| held.contains(&function.oid))
    });
    world.catalog.relations.values().filter(meant).any(relation_lacks) || function_lacks
}

/// The command of a statement and the relation that it writes.
fn written(words: &[String]) -> (&'static str, Option<&str>) {
    let verbs = [("insert", "into"), ("delete", "from"), ("update", "update"), ("truncate", "truncate")];
    for (verb, before) in verbs {
        if !words.iter().any(|word| word == verb) {
            continue;
        }
        let after = words.iter().position(|word| word == before).map_or(0, |n| n + 1);
        let mut rest = words.iter().skip(after).map(String::as_str).filter(|word| !matches!(*word, "table" | "only"));
        let first = rest.next();
        let target = if rest.next() == Some(".") { rest.next() } else { first };
        return (verb, target);
    }
    ("select", None)
}

/// The privilege on the relation as a whole, or on a column that the statement names.
fn lacks_on(held: Option<&PrivilegeSet>, relation: &Relation, command: &str, named: &BTreeSet<&str>) -> bool {
    let Some(held) = held else { return true };
    let by_column = matches!(command, "select" | "insert" | "update" | "references");
    let reaches = |name: &str| named.contains(name) || named.contains("*");
    !held.holds(command)
        || (by_column && relation.columns.iter().any(|c| reaches(&c.name) && !held.holds_column(command, &c.name)))
}
