//! Cases: one statement per actor and variant, or steps.

use std::collections::BTreeSet;

use super::expect::{expect, is_denial, spelt};
use super::parts::SuiteParts;
use super::people::{People, lacks};
use super::proofs::{asks_relation, is_zero, statement};
use super::steps::steps;
use super::texts::{controls, made_name, maybe_said, title, versions};
use super::variants::Variants;
use super::written::In;
use crate::suite::file::File;
use crate::suite::problems::Problems;
use crate::suite::raw::{self, At};
use crate::suite::resolved_case::{Body, Case, HARNESS, Single};

/// Every case that can be understood.
pub(crate) fn cases(parts: &SuiteParts<'_>, people: &People, problems: &mut Problems) -> Vec<Case> {
    let file = parts.file;
    let mut cases = Vec::new();
    for (name, written) in parts.suite.cases.iter() {
        made_name(problems, file, name, "case");
        let Some(body) = body(file, name, written, people, problems) else { continue };
        cases.push(Case {
            name: name.value.clone(),
            title: title(written.title.as_ref(), &name.value),
            at: file.location(&name.span),
            body,
            witness: written.witness.as_ref().map(|sql| sql.value.clone()),
            controls: controls(problems, file, &written.controls),
            source: written.source.clone(),
            step: written.step.clone(),
            remedy: maybe_said(problems, file, "remedy", written.remedy.as_ref()),
            skip: maybe_said(problems, file, "skip", written.skip.as_ref()),
            versions: versions(
                problems,
                written.min_postgres.as_ref().map(|it| In { file, it }),
                written.max_postgres.as_ref().map(|it| In { file, it }),
            ),
        });
    }
    cases
}

/// One statement, or steps; nothing where it cannot be told what is tried.
fn body(file: &File, name: &At<String>, written: &raw::Case, people: &People, problems: &mut Problems) -> Option<Body> {
    match (&written.sql, &written.steps) {
        (Some(sql), None) => single(file, name, sql, written, people, problems).map(Box::new).map(Body::Single),
        (None, Some(list)) => Some(steps(file, list, written, people, problems)),
        (Some(_), Some(list)) => {
            let message = format!("case `{}` has `sql` and `steps`", name.value);
            problems.add(file, &list.span, message, "one statement, or steps of a statement each");
            None
        }
        (None, None) => {
            let message = format!("case `{}` has neither `sql` nor `steps`", name.value);
            problems.add(file, &name.span, message, "say what is tried");
            None
        }
    }
}

fn single(
    file: &File,
    name: &At<String>,
    sql: &At<String>,
    written: &raw::Case,
    people: &People,
    problems: &mut Problems,
) -> Option<Single> {
    if let Some(session) = &written.session {
        let message = "`session` is how steps share a connection, and there are none";
        problems.add(file, &session.span, message, "take it out");
    }
    let (Some(named), Some(wanted)) = (&written.actors, &written.expect) else {
        let missing = if written.actors.is_none() { "as" } else { "expect" };
        let message = format!("case `{}` has no `{missing}`", name.value);
        problems.add(file, &name.span, message, "a case with `sql` needs `as` and `expect`");
        return None;
    };
    let actors = actors(file, &named.texts(), people, problems);
    if named.texts().is_empty() {
        problems.add(file, &named.span, "`as` names nobody", "name an actor or a group");
    }
    let variants = Variants::new(file, &written.variants, people, problems);
    let before = written.before.as_ref().map_or(&[][..], |before| &before.value);
    let once = [("sql", Some(sql)), ("setup", written.setup.as_ref()), ("witness", written.witness.as_ref())];
    let once = once.into_iter().filter_map(|(key, sql)| Some((key, sql?)));
    let mut needed = BTreeSet::new();
    for (key, text) in once.chain(before.iter().map(|sql| ("before", sql))) {
        statement(problems, file, key, text);
        needed.extend(variants.refer(people, In { file, it: text }, problems));
    }
    for actor in &actors {
        lacks(file, &named.span, actor, &needed, people, problems);
    }
    written.witness.iter().for_each(|sql| asks_relation(problems, file, sql));
    let expect = expect(problems, In { file, it: wanted });
    let control = control(file, written.control.as_ref(), &actors, people, problems);
    if is_denial(&expect) && written.control.is_none() && written.witness.is_none() {
        let message = format!("`{}` without a `witness` or a `control` proves nothing", spelt(&expect));
        let help =
            "name who must be allowed the same statement (`control`), or SQL that shows the row is there (`witness`)";
        problems.add(file, &wanted.span, message, help);
    } else if is_zero(&expect) && written.witness.is_none() {
        let message = format!("`{}` of nothing without a `witness` proves nothing", spelt(&expect));
        problems.add(file, &wanted.span, message, "SQL that shows that the row is there (`witness`)");
    }
    Some(Single {
        actors: actors.into_iter().collect(),
        sql: sql.value.clone(),
        setup: written.setup.as_ref().map(|sql| sql.value.clone()),
        before: before.iter().map(|sql| sql.value.clone()).collect(),
        expect,
        control,
        variants: variants.resolved(),
    })
}

/// Actors by name, groups expanded, in the order of names.
fn actors(file: &File, named: &[At<String>], people: &People, problems: &mut Problems) -> BTreeSet<String> {
    let mut actors = BTreeSet::new();
    for name in named {
        if name.value == HARNESS {
            actors.insert(HARNESS.to_owned());
        } else {
            actors.extend(people.members(problems, file, name).iter().map(|actor| actor.name.clone()));
        }
    }
    actors
}

fn control(
    file: &File,
    named: Option<&At<String>>,
    actors: &BTreeSet<String>,
    people: &People,
    problems: &mut Problems,
) -> Option<String> {
    let named = named?;
    if actors.contains(&named.value) {
        let message = format!("`{}` is both who is refused and who must be allowed the same", named.value);
        problems.add(file, &named.span, message, "name another `control`");
    } else if named.value != HARNESS {
        people.actor(problems, file, named, "a `control`");
    }
    Some(named.value.clone())
}
