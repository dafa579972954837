//! Hand-written cases as checks: one for each actor and variant, or one for all steps.

mod privileges;
mod single;
mod steps;

use std::collections::BTreeMap;

use crate::Error;
use crate::check::{Check, Unit};
use crate::checks::case::single::{CaseActor, SingleCase, resolver};
use crate::checks::case::steps::{CaseStep, Steps};
use crate::checks::kind::{CheckKind, Inputs};
use crate::sql::{StatementKind, placeholders};
use crate::suite::resolved_case::{Body, Case, HARNESS, Single as Written};
use crate::world::World;

pub(crate) const KIND: CheckKind = CheckKind {
    kind: "case",
    tries: "statements written by hand, each with a witness or a control, in one transaction or in several",
    plan,
    reads_only: false,
};

fn plan(inputs: &Inputs<'_>) -> Result<Vec<Unit>, Error> {
    let world = inputs.world;
    let mut units = Vec::new();
    for case in &world.suite.cases {
        match &case.body {
            Body::Single(single) => units.extend(singles(world, case, single)?),
            Body::Steps { steps, one_session } => units.push(with_steps(world, case, steps, *one_session)?),
        }
    }
    Ok(units)
}

fn check(world: &World, case: &Case, parts: &[&str], actor: &str) -> Check {
    let all = [world.suite.name.as_str(), "case", case.name.as_str()].into_iter().chain(parts.iter().copied());
    let who = parts.join(", ");
    Check {
        source: case.source.clone(),
        step: case.step.clone(),
        remedy: case.remedy.clone(),
        ..Check::new(KIND.kind, all, case.at.clone())
            .title(if who.is_empty() { case.title.clone() } else { format!("{} ({who})", case.title) })
            .about("case".to_owned(), case.name.clone())
            .by(actor.to_owned())
            .controls(world.controls(KIND.kind, &case.controls))
            .skipped(case.skip.clone().or_else(|| world.out_of_version(case.versions)))
    }
}

fn singles(world: &World, case: &Case, single: &Written) -> Result<Vec<Unit>, Error> {
    let none = BTreeMap::from([(String::new(), BTreeMap::new())]);
    let variants = if single.variants.is_empty() { &none } else { &single.variants };
    let mut units = Vec::new();
    for actor in &single.actors {
        for (variant, params) in variants {
            let bind = |sql: &str, who: &str| statements(world, case, sql, who, None, params);
            // A text without the harness's ids is bound with the actor's.
            let ids_of = if actor == HARNESS { "" } else { actor };
            let witness = case.witness.as_deref().map(|sql| bind(sql, ids_of)).transpose()?.unwrap_or_default();
            let control = match &single.control {
                None => None,
                Some(control) => {
                    let ids = if control == HARNESS { ids_of } else { control };
                    Some((who(world, control), statements(world, case, &single.sql, ids, Some(ids_of), params)?))
                }
            };
            let mut before = Vec::new();
            for sql in &single.before {
                before.extend(bind(sql, ids_of)?);
            }
            let sql = bind(&single.sql, ids_of)?;
            let task = SingleCase {
                who: who(world, actor),
                setup: single.setup.as_deref().map(|sql| bind(sql, ids_of)).transpose()?.unwrap_or_default(),
                before,
                sql,
                expect: single.expect.clone(),
                witness,
                control,
            };
            let mut parts = vec![actor.as_str()];
            if !variant.is_empty() {
                parts.push(variant);
            }
            units.push(Unit::one(check(world, case, &parts, actor), task));
        }
    }
    Ok(units)
}

fn with_steps(
    world: &World,
    case: &Case,
    steps: &[crate::suite::resolved_case::Step],
    one_session: bool,
) -> Result<Unit, Error> {
    let none = BTreeMap::new();
    let mut tried = Vec::new();
    for step in steps {
        let ids = if step.actor == HARNESS { "" } else { &step.actor };
        let sql = statements(world, case, &step.sql, ids, None, &none)?;
        tried.push(CaseStep { who: who(world, &step.actor), sql, expect: step.expect.clone() });
    }
    let witness = case.witness.as_deref().map(|sql| statements(world, case, sql, "", None, &none)).transpose()?;
    let task = Steps { steps: tried, one_session, witness: witness.unwrap_or_default() };
    Ok(Unit::one(check(world, case, &[], ""), task))
}

fn who(world: &World, name: &str) -> CaseActor {
    world.identities.get(name).map_or(CaseActor::Harness, |identity| CaseActor::Actor(identity.clone()))
}

/// The statements of a text, ids and parameters filled in; ids that `actor` lacks are those of `instead`.
fn statements(
    world: &World,
    case: &Case,
    sql: &str,
    actor: &str,
    instead: Option<&str>,
    params: &BTreeMap<String, String>,
) -> Result<Vec<String>, Error> {
    let own = resolver(world, actor, params);
    // A control that has no such id, as one without ids at all, is tried with the acting actor's.
    let other = instead.map(|instead| resolver(world, instead, params));
    let resolve = |reference: &placeholders::Reference| own(reference).or_else(|| other.as_ref()?(reference));
    let bound = placeholders::bind(sql, resolve).map_err(|unknown| {
        case.at.error(
            format!("case `{}` refers to `:{}`, which nobody has", case.name, unknown.name),
            "give the actor the id, or the variant the parameter",
        )
    })?;
    let split = crate::sql::split(&bound)
        .map_err(|error| case.at.error(format!("case `{}`: {}", case.name, error.message), error.help))?;
    if let Some(control) =
        split.iter().find(|statement| matches!(statement.kind, StatementKind::Begin | StatementKind::End))
    {
        let text = bound.get(control.text.clone()).unwrap_or_default();
        return Err(case.at.error(
            format!("case `{}` has transaction control: {text}", case.name),
            "every case is a transaction that is rolled back; use steps for several that commit",
        ));
    }
    Ok(split.iter().filter_map(|statement| bound.get(statement.text.clone())).map(ToOwned::to_owned).collect())
}
