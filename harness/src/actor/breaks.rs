//! Contexts broken on purpose: one id at a time, or all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::{CLAIMS, Identity};
use crate::suite::resolved::{Actor, Claim, Template};

/// How a context is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Break {
    /// Never set: a fresh connection.
    Unset,
    /// Empty, as a pooled connection reads it after an earlier SET LOCAL.
    Empty,
    /// Not of the id's form: that of another actor with a wildcard behind it, so that a policy that compares by LIKE
    /// or by what an id begins with shows itself.
    Malformed,
}

impl Break {
    /// In the order of reports.
    pub(crate) const ALL: [Self; 3] = [Self::Unset, Self::Empty, Self::Malformed];

    /// As check ids spell it.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Empty => "empty",
            Self::Malformed => "malformed",
        }
    }
}

/// A context with ids broken.
#[derive(Debug, Clone)]
pub(crate) struct Broken {
    /// The ids.
    pub ids: BTreeSet<String>,
    /// How.
    pub how: Break,
    /// What to become; what it calls may fail, which is failing closed.
    pub identity: Identity,
}

/// Another's value of the id, and a wildcard; the wildcard alone where nobody has another.
fn malformed(actor: &Actor, actors: &BTreeMap<String, Actor>, id: &str) -> String {
    let own = actor.ids.get(id);
    let other = actors.values().filter_map(|other| other.ids.get(id)).find(|value| Some(*value) != own);
    format!("{}%", other.map(String::as_str).unwrap_or_default())
}

impl Broken {
    /// `actor` with `broken` ids broken as `how` says, wherever its claims, settings and calls carry them.
    #[must_use]
    pub(crate) fn of(actor: &Actor, actors: &BTreeMap<String, Actor>, broken: &BTreeSet<String>, how: Break) -> Self {
        let mut ids = actor.ids.clone();
        let value = |id: &str| match how {
            Break::Unset | Break::Empty => String::new(),
            Break::Malformed => malformed(actor, actors, id),
        };
        ids.extend(broken.iter().map(|id| (id.clone(), value(id))));
        let mut carrier = actor.clone();
        if how == Break::Unset {
            carrier.claims = broken.iter().fold(carrier.claims, |claims, id| without(claims?, id));
        }
        let mut identity = Identity::with_ids(&carrier, actors, &ids);
        let alone = carried_ids(actor).is_subset(broken);
        // Claims that carry nothing else are gone with the id: never set, or what a pooled connection reads later.
        if actor.claims.as_ref().is_some_and(|claims| !claim_ids(claims).is_disjoint(broken)) && alone {
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
        let carried = |template: &Template| match template {
            Template::Id(id) if id.actor.is_none() && broken.contains(&id.name) => Some(id.name.clone()),
            _ => None,
        };
        if how == Break::Unset {
            for (name, template) in &actor.settings {
                if carried(template).is_some() {
                    identity.settings.retain(|(set, _)| set != name);
                }
            }
            identity.calls = not_called(actor, &identity, broken);
        }
        // What a setter must have set is broken on its own: one that refuses the value would keep it from every policy,
        // and a pooled connection holds it all the same.
        if how != Break::Unset {
            let set = actor.sets.iter().filter_map(|(name, template)| Some((name.clone(), value(&carried(template)?))));
            let set: Vec<(String, String)> = set.collect();
            if !set.is_empty() {
                identity.calls = not_called(actor, &identity, broken);
                identity.settings.extend(set);
            }
        }
        // A broken context is not read back: a setter that refuses it has failed closed.
        identity.expected.clear();
        Self { ids: broken.clone(), how, identity }
    }
}

/// The calls of `actor` but for setters of these ids, which were never called.
fn not_called(actor: &Actor, identity: &Identity, ids: &BTreeSet<String>) -> Vec<String> {
    let calls = actor.call.iter().zip(&identity.calls);
    calls.filter(|(raw, _)| !ids.iter().any(|id| mentions(raw, id))).map(|(_, bound)| bound.clone()).collect()
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
pub(crate) fn mixed(actor: &Actor, other: &Actor, actors: &BTreeMap<String, Actor>, id: &str) -> Option<Identity> {
    let mut ids = actor.ids.clone();
    ids.insert(id.to_owned(), other.ids.get(id)?.clone());
    Some(Identity::with_ids(actor, actors, &ids))
}

/// The ids of the actor itself that its claims, settings and calls carry.
#[must_use]
pub(crate) fn carried_ids(actor: &Actor) -> BTreeSet<String> {
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
