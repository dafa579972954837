//! Conformance facts: what the suite states of relations, functions and extensions, compared with the catalogs, and
//! queries to be run.

mod function;
mod query;
mod relation;
mod stated;

use crate::Error;
use crate::check::{Check, Unit};
use crate::checks::kind::{CheckKind, Inputs};
use crate::suite::resolved_fact::FactOrigin as Place;
use query::QueryCheck;
use stated::{check, fact};

pub(crate) const KIND: CheckKind = CheckKind {
    kind: stated::NAME,
    tries: "the catalogs against stated facts: row security, policies, columns, constraints, indexes, triggers, functions, extensions; and queries with their results",
    plan,
    reads_only: true,
};

fn plan(inputs: &Inputs<'_>) -> Result<Vec<Unit>, Error> {
    let world = inputs.world;
    let mut units = relation::plan(world)?;
    units.extend(function::plan(world));
    let facts = &world.suite.facts;
    for extension in &facts.extensions {
        let stated = Place { at: extension.at.clone(), ..Place::default() };
        let there = world.catalog.extensions.get(&extension.name);
        let fits = there.is_some_and(|version| extension.version == "*" || version.starts_with(&extension.version));
        let wanted = format!("version {}", extension.version);
        let got = there.map_or("not there".to_owned(), |version| format!("version {version}"));
        units.push(fact(world, &stated, &["extension", &extension.name], fits, &wanted, got));
    }
    for query in &facts.queries {
        let check = Check { title: query.title.clone(), ..check(world, &query.stated, &["query", &query.name]) };
        let task = QueryCheck { fact: query.clone() };
        units.push(Unit::reading(check, task));
    }
    Ok(units)
}
