//! Actors and groups by name, and what SQL may refer to.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::proofs::statement;
use super::written::In;
use crate::sql::placeholders::references;
use crate::suite::file::File;
use crate::suite::problems::Problems;
use crate::suite::raw::At;
use crate::suite::resolved::Actor;

/// Everybody in a suite.
#[derive(Debug, Default)]
pub(crate) struct People {
    pub(crate) actors: BTreeMap<String, Actor>,
    members: BTreeMap<String, BTreeSet<String>>,
}

impl People {
    pub(crate) fn new(actors: BTreeMap<String, Actor>) -> Self {
        let mut members: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for actor in actors.values() {
            for group in &actor.groups {
                members.entry(group.clone()).or_default().insert(actor.name.clone());
            }
        }
        Self { actors, members }
    }

    /// The actors of a group, or the actor of that name; a problem where there is neither.
    pub(crate) fn members(&self, problems: &mut Problems, file: &File, group: &At<String>) -> Vec<&Actor> {
        let Some(names) = self.members.get(&group.value) else {
            problems.unknown(
                file,
                &group.span,
                "actor or group",
                &group.value,
                self.members.keys().map(String::as_str),
            );
            return Vec::new();
        };
        names.iter().filter_map(|name| self.actors.get(name)).collect()
    }

    /// One actor; a problem where the name is a group's or nobody's.
    pub(crate) fn actor(&self, problems: &mut Problems, file: &File, name: &At<String>, what: &str) -> Option<&Actor> {
        let found = self.actors.get(&name.value);
        if found.is_none() && self.members.contains_key(&name.value) {
            let message = format!("`{}` is a group, and {what} is one actor", name.value);
            problems.add(file, &name.span, message, "name one of its actors");
        } else if found.is_none() {
            let known = self.actors.keys().map(String::as_str).chain([crate::suite::resolved_case::HARNESS]);
            problems.unknown(file, &name.span, "actor", &name.value, known);
        }
        found
    }

    /// Whether anybody has this id.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.actors.values().any(|actor| actor.ids.contains_key(id))
    }

    /// Whether anybody has this id; a problem at `span` where nobody does.
    pub(crate) fn anybody_has(&self, problems: &mut Problems, file: &File, span: &Range<usize>, id: &str) -> bool {
        let found = self.has(id);
        if !found {
            let known = self.actors.values().flat_map(|actor| actor.ids.keys().map(String::as_str));
            problems.unknown(file, span, "id", id, known.collect::<BTreeSet<_>>());
        }
        found
    }

    /// Whether that actor is there and has the id; a problem at `span` otherwise.
    pub(crate) fn other_has(&self, problems: &mut Problems, file: &File, span: &Range<usize>, actor: &str, id: &str) {
        match self.actors.get(actor) {
            None => problems.unknown(file, span, "actor", actor, self.actors.keys().map(String::as_str)),
            Some(other) if !other.ids.contains_key(id) => {
                let (message, help) = no_id(other, id);
                problems.add(file, span, message, help);
            }
            Some(_) => {}
        }
    }

    /// Checks every reference of `sql` that is not one of `parameters`; the ids that the acting actor must have.
    pub(crate) fn refer(
        &self,
        problems: &mut Problems,
        sql: In<'_, At<String>>,
        parameters: &BTreeSet<&str>,
    ) -> BTreeSet<String> {
        let mut needed = BTreeSet::new();
        for (range, reference) in references(&sql.it.value) {
            let text = sql.it.value.get(range).unwrap_or_default();
            let span = sql.file.within(&sql.it.span, text);
            match reference.actor {
                Some(actor) => self.other_has(problems, sql.file, &span, &actor, &reference.name),
                None if parameters.contains(reference.name.as_str()) => {}
                None => {
                    if self.anybody_has(problems, sql.file, &span, &reference.name) {
                        needed.insert(reference.name);
                    }
                }
            }
        }
        needed
    }
}

/// That an actor lacks an id, and what it has.
fn no_id(actor: &Actor, id: &str) -> (String, String) {
    let known: Vec<String> = actor.ids.keys().map(|id| format!("`{id}`")).collect();
    let help = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
    (format!("actor `{}` has no id `{id}`", actor.name), help)
}

/// SQL of nobody: it may name an id of an actor, not one of the acting actor.
pub(crate) fn sql_of_nobody(problems: &mut Problems, people: &People, sql: In<'_, At<String>>) -> String {
    for id in people.refer(problems, sql, &BTreeSet::new()) {
        let span = sql.file.within(&sql.it.span, &format!(":{id}"));
        let message = format!("`:{id}` is an id of the acting actor, and here nobody acts");
        problems.add(sql.file, &span, message, format!("name whose it is: `:actor.{id}`"));
    }
    statement(problems, sql.file, "sql", sql.it)
}

/// That `actor` has every id that the SQL refers to.
pub(crate) fn lacks(
    file: &File,
    span: &Range<usize>,
    actor: &str,
    needed: &BTreeSet<String>,
    people: &People,
    problems: &mut Problems,
) {
    for id in needed {
        if people.actors.get(actor).is_none_or(|actor| !actor.ids.contains_key(id)) {
            let message = format!("actor `{actor}` has no id `{id}`, which the SQL refers to");
            problems.add(file, span, message, format!("give `{actor}` the id, or name whose it is: `:actor.{id}`"));
        }
    }
}
