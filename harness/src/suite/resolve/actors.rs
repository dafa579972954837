//! Contexts and actors: each actor with its context filled in.

use std::collections::{BTreeMap, BTreeSet};

use super::parts::SuiteParts;
use super::people::People;
use super::template::{claims, template};
use super::texts::{id_name, made_name, maybe_said};
use super::written::{Defined, In};
use crate::suite::file::File;
use crate::suite::problems::Problems;
use crate::suite::raw::{self, At};
use crate::suite::resolved::{Actor, Claim, Reference, Template};

/// Every actor with its context, and everything that its context refers to checked.
pub(crate) fn people(parts: &SuiteParts<'_>, problems: &mut Problems) -> People {
    let mut actors = BTreeMap::new();
    for (name, defined) in &parts.actors {
        actors.insert((*name).to_owned(), actor(parts, name, defined, problems));
    }
    let people = People::new(actors);
    for defined in parts.actors.values() {
        if let Some(context) = context(parts, defined) {
            check_context(&people, context, problems);
        }
    }
    for (name, defined) in &parts.actors {
        check_ids(parts, &people, name, defined, problems);
    }
    people
}

fn context<'a>(parts: &'a SuiteParts<'a>, defined: &Defined<'a, raw::Actor>) -> Option<&'a Defined<'a, raw::Context>> {
    parts.contexts.get(defined.it.context.as_ref()?.value.as_str())
}

fn actor(parts: &SuiteParts<'_>, name: &str, defined: &Defined<'_, raw::Actor>, problems: &mut Problems) -> Actor {
    let (file, it) = (defined.file, defined.it);
    let context = it.context.as_ref().and_then(|named| {
        let found = parts.contexts.get(named.value.as_str());
        if found.is_none() {
            problems.unknown(file, &named.span, "context", &named.value, parts.contexts.keys().copied());
        }
        found
    });
    let role_of = |own: &Option<At<String>>, of: fn(&raw::Context) -> &Option<At<String>>| {
        own.as_ref().or_else(|| of(context?.it).as_ref()).map(|role| role.value.clone())
    };
    let login = role_of(&it.login, |context| &context.login);
    let role = role_of(&it.role, |context| &context.role);
    if login.is_none() && role.is_none() && (it.context.is_none() || context.is_some()) {
        let message = format!("actor `{name}` has no role: neither it nor its context says `role` or `login`");
        problems.add(file, defined.span, message, "name the role that the application becomes");
    }
    let mut groups: BTreeSet<String> = BTreeSet::from([name.to_owned()]);
    for group in &it.groups {
        made_name(problems, file, group, "group");
        if group.value != *name && parts.actors.contains_key(group.value.as_str()) {
            let message = format!("group `{}` has the name of an actor", group.value);
            problems.add(file, &group.span, message, "actors and groups share one namespace: rename one of the two");
        }
        groups.insert(group.value.clone());
    }
    for (id, value) in it.ids.iter() {
        id_name(problems, file, id, "an id");
        if value.value.0.is_empty() {
            problems.add(
                file,
                &value.span,
                format!("id `{}` is empty", id.value),
                "an actor that lacks an id leaves it out",
            );
        }
    }
    Actor {
        name: name.to_owned(),
        at: file.location(defined.span),
        context: it.context.as_ref().map(|context| context.value.clone()),
        login,
        role,
        ids: it.ids.iter().map(|(id, value)| (id.value.clone(), value.value.0.clone())).collect(),
        groups,
        powerless: maybe_said(problems, file, "powerless", it.powerless.as_ref()),
        bypass_rls: maybe_said(problems, file, "bypass_rls", it.bypass_rls.as_ref()),
        claims: context.and_then(|context| {
            let written = context.it.claims.as_ref()?;
            Some(claims(In { file: context.file, it: written }, problems))
        }),
        settings: context.map_or_else(Vec::new, |c| templates(c.file, &c.it.settings, problems)),
        call: context.map_or_else(Vec::new, |c| {
            c.it.call.iter().map(|sql| super::proofs::statement(problems, c.file, "call", sql)).collect()
        }),
        sets: context.map_or_else(Vec::new, |c| templates(c.file, &c.it.sets, problems)),
    }
}

fn templates(file: &File, table: &raw::Table<At<raw::Plain>>, problems: &mut Problems) -> Vec<(String, Template)> {
    table
        .iter()
        .map(|(name, value)| {
            let read = template(&value.value.0).unwrap_or_else(|message| {
                problems.add(file, &value.span, message, "write `::` for a text that begins with a colon");
                Template::Text(value.value.0.clone())
            });
            (name.value.clone(), read)
        })
        .collect()
}

/// That every reference of a context is an id that somebody has.
fn check_context(people: &People, context: &Defined<'_, raw::Context>, problems: &mut Problems) {
    let file = context.file;
    if let (Some((name, _)), true) = (context.it.sets.iter().next(), context.it.call.is_empty()) {
        let message = "`sets` says what `call` must have set, and there is no `call`";
        problems.add(file, &name.span, message, "name the setter in `call`, or use `settings`");
    }
    for (span, reference) in references_of(context) {
        match &reference.actor {
            Some(actor) => people.other_has(problems, file, &span, actor, &reference.name),
            None => {
                people.anybody_has(problems, file, &span, &reference.name);
            }
        }
    }
    for sql in &context.it.call {
        people.refer(problems, In { file, it: sql }, &BTreeSet::new());
    }
}

/// That an actor has the ids that its context needs.
fn check_ids(
    parts: &SuiteParts<'_>,
    people: &People,
    name: &str,
    defined: &Defined<'_, raw::Actor>,
    problems: &mut Problems,
) {
    let (Some(context), Some(actor), Some(named)) =
        (context(parts, defined), people.actors.get(name), &defined.it.context)
    else {
        return;
    };
    let mut needed: BTreeSet<String> = references_of(context)
        .into_iter()
        .filter(|(_, reference)| reference.actor.is_none())
        .map(|(_, reference)| reference.name)
        .collect();
    for sql in &context.it.call {
        let own = crate::sql::placeholders::references(&sql.value).into_iter().filter(|(_, one)| one.actor.is_none());
        needed.extend(own.map(|(_, one)| one.name));
    }
    for id in needed {
        if people.has(&id) && !actor.ids.contains_key(&id) {
            let message = format!("actor `{name}` has no id `{id}`, which context `{}` fills in", named.value);
            problems.add(defined.file, &named.span, message, format!("give `{name}` the id, or another context"));
        }
    }
}

/// The references of claims, settings and `sets`, each with its place.
fn references_of(context: &Defined<'_, raw::Context>) -> Vec<(std::ops::Range<usize>, Reference)> {
    let mut found = Vec::new();
    if let Some(written) = &context.it.claims {
        let tree = claims(In { file: context.file, it: written }, &mut Problems::default());
        in_claim(&tree, &mut |reference| {
            found.push((context.file.within(&written.span, &super::template::written(reference)), reference.clone()));
        });
    }
    for (_, value) in context.it.settings.iter().chain(context.it.sets.iter()) {
        if let Ok(Template::Id(reference)) = template(&value.value.0) {
            found.push((value.span.clone(), reference));
        }
    }
    found
}

fn in_claim(claim: &Claim, found: &mut impl FnMut(&Reference)) {
    match claim {
        Claim::Value(_) => {}
        Claim::Id(reference) => found(reference),
        Claim::Object(entries) => entries.iter().for_each(|(_, claim)| in_claim(claim, found)),
        Claim::Array(list) => list.iter().for_each(|claim| in_claim(claim, found)),
    }
}
