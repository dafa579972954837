//! Steps of a case: each its own committed transaction.

use std::collections::BTreeSet;

use super::expect::{expect, is_denial, spelt};
use super::people::{People, lacks};
use super::proofs::{is_zero, statement};
use super::written::In;
use crate::suite::file::File;
use crate::suite::problems::Problems;
use crate::suite::raw::{self, At, Session};
use crate::suite::resolved_case::{Body, HARNESS, Step};

/// The steps in order, on one connection or on several.
pub(crate) fn steps(
    file: &File,
    list: &At<Vec<raw::Step>>,
    written: &raw::Case,
    people: &People,
    problems: &mut Problems,
) -> Body {
    if list.value.is_empty() {
        problems.add(file, &list.span, "`steps` is empty", "say what is tried");
    }
    of_single(file, written, problems);
    let shown = written.witness.as_ref().map_or_else(BTreeSet::new, |witness| {
        super::proofs::witness(problems, file, witness);
        people.refer(problems, In { file, it: witness }, &BTreeSet::new())
    });
    let mut steps = Vec::new();
    for step in &list.value {
        if step.actor.value != HARNESS {
            people.actor(problems, file, &step.actor, "`as` of a step");
        }
        statement(problems, file, "sql", &step.sql);
        let mut needed = people.refer(problems, In { file, it: &step.sql }, &BTreeSet::new());
        let wanted = expect(problems, In { file, it: &step.expect });
        if is_denial(&wanted) {
            needed.extend(shown.iter().cloned());
        }
        if step.actor.value == HARNESS || people.actors.contains_key(&step.actor.value) {
            lacks(file, &step.actor.span, &step.actor.value, &needed, people, problems);
        }
        if (is_denial(&wanted) || is_zero(&wanted)) && written.witness.is_none() {
            let message = format!("`{}` in a step without a `witness` of the case proves nothing", spelt(&wanted));
            let help = "give the case a `witness`: SQL that shows that the row is there";
            problems.add(file, &step.expect.span, message, help);
        }
        steps.push(Step { actor: step.actor.value.clone(), sql: step.sql.value.clone(), expect: wanted });
    }
    let one_session = written.session.as_ref().is_some_and(|session| session.value == Session::One);
    if let (true, Some(session)) = (one_session, &written.session) {
        let logins: BTreeSet<Option<&String>> =
            steps.iter().filter_map(|step| people.actors.get(&step.actor)).map(|actor| actor.login.as_ref()).collect();
        if logins.len() > 1 {
            let names = logins
                .iter()
                .map(|login| login.map_or("the probe's own", String::as_str))
                .collect::<Vec<_>>()
                .join(", ");
            let message = format!("`session = \"one\"` needs one login, and the actors have several: {names}");
            problems.add(file, &session.span, message, "a pooled connection was opened by one role");
        }
    }
    Body::Steps { steps, one_session }
}

/// Keys that belong to a case of one statement.
fn of_single(file: &File, written: &raw::Case, problems: &mut Problems) {
    let keys = [
        ("as", written.actors.as_ref().map(|one| &one.span)),
        ("expect", written.expect.as_ref().map(|one| &one.span)),
        ("setup", written.setup.as_ref().map(|one| &one.span)),
        ("before", written.before.as_ref().map(|one| &one.span)),
        ("control", written.control.as_ref().map(|one| &one.span)),
        ("variants", written.variants.iter().next().map(|(name, _)| &name.span)),
    ];
    for (key, span) in keys {
        if let Some(span) = span {
            let message = format!("`{key}` belongs to a case with `sql`, and this one has `steps`");
            problems.add(file, span, message, "say it in the steps");
        }
    }
}
