//! The facts of a database.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Text by property, by object.
pub type Facts = BTreeMap<String, BTreeMap<String, String>>;

/// The same, of which several readings of one database share what does not differ.
pub type SharedFacts = BTreeMap<Arc<str>, Arc<BTreeMap<String, String>>>;

/// Everything in a database, and of its cluster's roles, that matters for security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// The server's major version: definitions are written differently by different ones.
    pub major: u32,
    /// What the session had no right to read, as `role/password`: the sort of an object and the beginning of a property.
    /// A comparison leaves it out on both sides.
    pub unread: BTreeSet<String>,
    /// The facts.
    pub facts: SharedFacts,
}

impl Fingerprint {
    /// The text of one fact.
    #[must_use]
    pub fn get(&self, object: &str, property: &str) -> Option<&str> {
        self.facts.get(object)?.get(property).map(String::as_str)
    }

    /// Whether the session had no right to read this fact.
    #[must_use]
    pub fn hides(&self, object: &str, property: &str) -> bool {
        let sort = object.split(' ').next().unwrap_or_default();
        self.unread
            .iter()
            .filter_map(|name| name.split_once('/'))
            .any(|(of, start)| of == sort && property.starts_with(start))
    }
}
