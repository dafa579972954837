//! What differs between two sets of facts.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use super::facts::Fingerprint;

/// The differences, by object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// The major versions, where they are two: definitions may differ by that alone.
    pub majors: Option<(u32, u32)>,
    /// Objects that differ.
    pub objects: BTreeMap<String, ObjectDiff>,
}

/// How one object differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectDiff {
    /// Whether all of it came or went.
    pub presence: Presence,
    /// Properties that differ; all of them where the object came or went.
    pub properties: BTreeMap<String, Change>,
}

/// Whether an object is on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Only after.
    Added,
    /// Only before.
    Removed,
    /// On both sides.
    Altered,
}

/// How one property differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Only after, with this text.
    Added(String),
    /// Only before, with this text.
    Removed(String),
    /// Different texts.
    Changed {
        /// The text before.
        before: String,
        /// The text after.
        after: String,
    },
}

impl Fingerprint {
    /// What has changed from `self` to `other`.
    #[must_use]
    pub fn diff(&self, other: &Self) -> Diff {
        let visible = |object: &str, property: &str| !self.hides(object, property) && !other.hides(object, property);
        Diff::between((self.major, &self.facts), (other.major, &other.facts), visible)
    }
}

impl Diff {
    /// Whether the facts are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// How many facts differ.
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.values().map(|object| object.properties.len()).sum()
    }

    /// Every property that differs, as object, property, change.
    pub fn changes(&self) -> impl Iterator<Item = (&str, &str, &Change)> {
        self.objects.iter().flat_map(|(object, diff)| {
            diff.properties.iter().map(move |(property, change)| (object.as_str(), property.as_str(), change))
        })
    }

    /// The comparison of two sets of facts, each with its major version, of the properties that are `visible`.
    pub(super) fn between<K: Borrow<str> + Ord, V: Borrow<BTreeMap<String, String>>>(
        (old, before): (u32, &BTreeMap<K, V>),
        (new, after): (u32, &BTreeMap<K, V>),
        visible: impl Fn(&str, &str) -> bool,
    ) -> Self {
        let nothing = BTreeMap::new();
        let mut objects = BTreeMap::new();
        for object in before.keys().chain(after.keys()).map(Borrow::borrow).collect::<BTreeSet<&str>>() {
            let (these, those) = (before.get(object).map(Borrow::borrow), after.get(object).map(Borrow::borrow));
            let presence = match (these, those) {
                // Most of two readings of one database is shared.
                (Some(these), Some(those)) if std::ptr::eq(these, those) => continue,
                (None, _) => Presence::Added,
                (_, None) => Presence::Removed,
                _ => Presence::Altered,
            };
            let mut properties = compare(these.unwrap_or(&nothing), those.unwrap_or(&nothing));
            properties.retain(|property, _| visible(object, property));
            if !properties.is_empty() {
                objects.insert(object.to_owned(), ObjectDiff { presence, properties });
            }
        }
        Self { majors: (old != new).then_some((old, new)), objects }
    }
}

fn compare(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> BTreeMap<String, Change> {
    let mut changes = BTreeMap::new();
    for (property, then) in before {
        let change = match after.get(property) {
            None => Change::Removed(then.clone()),
            Some(now) if now == then => continue,
            Some(now) => Change::Changed { before: then.clone(), after: now.clone() },
        };
        changes.insert(property.clone(), change);
    }
    for (property, now) in after {
        if !before.contains_key(property) {
            changes.insert(property.clone(), Change::Added(now.clone()));
        }
    }
    changes
}
