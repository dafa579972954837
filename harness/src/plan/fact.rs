//! Conformance facts: what the suite states of relations, functions and extensions, compared with the catalogs, and
//! queries to be run.

mod function;
mod relation;

use super::basis::Basis;
use super::id::id;
use crate::Error;
use crate::check::outcome::Outcome;
use crate::check::query::Query;
use crate::check::stated::Stated;
use crate::check::{Check, Unit};
use crate::report::record::Evidence;
use crate::suite::resolved::Kind;
use crate::suite::resolved_fact::Stated as Place;

pub(super) fn plan(basis: &Basis) -> Result<Vec<Unit>, Error> {
    let mut units = relation::plan(basis)?;
    units.extend(function::plan(basis));
    let facts = &basis.suite.facts;
    for extension in &facts.extensions {
        let stated = Place { at: extension.at.clone(), ..Place::default() };
        let there = basis.catalog.extensions.get(&extension.name);
        let fits = there.is_some_and(|version| extension.version == "*" || version.starts_with(&extension.version));
        let wanted = format!("version {}", extension.version);
        let got = there.map_or("not there".to_owned(), |version| format!("version {version}"));
        units.push(fact(basis, &stated, &["extension", &extension.name], fits, &wanted, got));
    }
    for query in &facts.queries {
        let check = Check { title: query.title.clone(), ..check(basis, &query.stated, &["query", &query.name]) };
        let task = Query { fact: query.clone() };
        units.push(Unit::one(check, task));
    }
    Ok(units)
}

fn check(basis: &Basis, stated: &Place, parts: &[&str]) -> Check {
    let all = [basis.suite.name.as_str(), "fact"].into_iter().chain(parts.iter().copied());
    Check {
        id: id(all),
        kind: Kind::Fact,
        title: parts.join(" "),
        object: parts.first().copied().unwrap_or_default().to_owned(),
        command: parts.get(1).copied().unwrap_or_default().to_owned(),
        actor: String::new(),
        at: stated.at.clone(),
        controls: basis.controls(Kind::Fact, &stated.controls),
        source: stated.source.clone(),
        step: stated.step.clone(),
        remedy: stated.remedy.clone(),
        skip: stated.skip.clone().or_else(|| basis.out_of_version(stated.versions)),
    }
}

/// One comparison.
fn fact(basis: &Basis, stated: &Place, parts: &[&str], holds: bool, wanted: &str, got: impl Into<String>) -> Unit {
    let got = got.into();
    let evidence = Evidence { expected: wanted.to_owned(), got: got.clone(), ..Evidence::default() };
    let outcome = if holds {
        Outcome::passed("as stated", evidence)
    } else {
        Outcome::failed(format!("{got} instead of {wanted}"), evidence)
    };
    Unit::one(check(basis, stated, parts), Stated(outcome))
}
