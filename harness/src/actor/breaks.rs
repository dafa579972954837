//! Contexts broken on purpose, one id at a time.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::{CLAIMS, Identity};
use crate::suite::resolved::{Actor, Claim, Template};

/// How a context is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Break {
    /// Never set: a fresh connection.
    Unset,
    /// Empty, as a pooled connection reads it after an earlier SET LOCAL.
    Empty,
    /// Not of the id's form. A wildcard, so that a policy that compares by LIKE shows itself.
    Malformed,
}

impl Break {
    /// In the order of reports.
    pub const ALL: [Self; 3] = [Self::Unset, Self::Empty, Self::Malformed];

    /// As check ids spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Empty => "empty",
            Self::Malformed => "malformed",
        }
    }
}

/// A context with one id broken.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The id.
    pub id: String,
    /// How.
    pub how: Break,
    /// What to become; what it calls may fail, which is failing closed.
    pub identity: Identity,
}

const MALFORMED: &str = "%";

impl Broken {
    /// `actor` with `id` broken as `how` says, wherever its claims, settings and calls carry it.
    #[must_use]
    pub fn of(actor: &Actor, actors: &BTreeMap<String, Actor>, id: &str, how: Break) -> Self {
        let mut ids = actor.ids.clone();
        let value = match how {
            Break::Unset | Break::Empty => "",
            Break::Malformed => MALFORMED,
        };
        let value = value.to_owned();
        ids.insert(id.to_owned(), value.clone());
        let mut carrier = actor.clone();
        if how == Break::Unset {
            carrier.claims = carrier.claims.and_then(|claims| without(claims, id));
        }
        let mut identity = Identity::with_ids(&carrier, actors, &ids);
        let alone = carried_ids(actor).len() == 1;
        // Claims that carry nothing else are gone with the id: never set, or what a pooled connection reads later.
        if actor.claims.as_ref().is_some_and(|claims| claim_ids(claims).contains(id)) && alone {
            match how {
                Break::Unset => identity.settings.retain(|(name, _)| name != CLAIMS),
                Break::Empty => {
                    for (_, value) in identity.settings.iter_mut().filter(|(name, _)| name == CLAIMS) {
                        value.clear();
                    }
                }
                Break::Malformed => {}
            }
        }
        let carries = |template: &Template| matches!(template, Template::Id(r) if r.actor.is_none() && r.name == id);
        if how == Break::Unset {
            for (name, template) in &actor.settings {
                if carries(template) {
                    identity.settings.retain(|(set, _)| set != name);
                }
            }
            identity.calls = not_called(actor, &identity, id);
        }
        // What a setter must have set is broken on its own: one that refuses the value would keep it from every policy,
        // and a pooled connection holds it all the same.
        if how != Break::Unset {
            let set: Vec<_> = actor.sets.iter().filter(|(_, template)| carries(template)).collect();
            if !set.is_empty() {
                identity.calls = not_called(actor, &identity, id);
                identity.settings.extend(set.into_iter().map(|(name, _)| (name.clone(), value.clone())));
            }
        }
        // A broken context is not read back: a setter that refuses it has failed closed.
        identity.expected.clear();
        Self { id: id.to_owned(), how, identity }
    }
}

/// The calls of `actor` but for setters of the id, which were never called.
fn not_called(actor: &Actor, identity: &Identity, id: &str) -> Vec<String> {
    let calls = actor.call.iter().zip(&identity.calls);
    calls.filter(|(raw, _)| !mentions(raw, id)).map(|(_, bound)| bound.clone()).collect()
}

/// The claims without those that carry the id; none where nothing is left.
fn without(claim: Claim, id: &str) -> Option<Claim> {
    match claim {
        Claim::Id(reference) if reference.actor.is_none() && reference.name == id => None,
        Claim::Object(entries) => {
            let left = entries.into_iter().filter_map(|(name, value)| Some((name, without(value, id)?)));
            Some(Claim::Object(left.collect()))
        }
        Claim::Array(items) => Some(Claim::Array(items.into_iter().filter_map(|item| without(item, id)).collect())),
        other => Some(other),
    }
}

/// `actor` with one id of `other`.
#[must_use]
pub fn mixed(actor: &Actor, other: &Actor, actors: &BTreeMap<String, Actor>, id: &str) -> Option<Identity> {
    let mut ids = actor.ids.clone();
    ids.insert(id.to_owned(), other.ids.get(id)?.clone());
    Some(Identity::with_ids(actor, actors, &ids))
}

/// The ids of the actor itself that its claims, settings and calls carry.
#[must_use]
pub fn carried_ids(actor: &Actor) -> BTreeSet<String> {
    let mut ids: BTreeSet<String> = actor.claims.as_ref().map(claim_ids).unwrap_or_default();
    for (_, template) in actor.settings.iter().chain(&actor.sets) {
        if let Template::Id(reference) = template
            && reference.actor.is_none()
        {
            ids.insert(reference.name.clone());
        }
    }
    ids.extend(actor.ids.keys().filter(|id| actor.call.iter().any(|sql| mentions(sql, id))).cloned());
    ids
}

fn claim_ids(claim: &Claim) -> BTreeSet<String> {
    match claim {
        Claim::Id(reference) if reference.actor.is_none() => BTreeSet::from([reference.name.clone()]),
        Claim::Id(_) | Claim::Value(_) => BTreeSet::new(),
        Claim::Object(entries) => entries.iter().flat_map(|(_, value)| claim_ids(value)).collect(),
        Claim::Array(items) => items.iter().flat_map(claim_ids).collect(),
    }
}

fn mentions(sql: &str, id: &str) -> bool {
    crate::sql::placeholders::references(sql).iter().any(|(_, r)| r.actor.is_none() && r.name == id)
}
