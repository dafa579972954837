//! What of a database matters for security, as sorted facts: compared, digested, and shown as a difference.
//!
//! A fact is an object (`table public.notes`), a property (`policy own/using`) and a text, names quoted as SQL quotes them
//! where they must be. Equal chains on one major version give equal facts: no oid, no locale, no name of the database and
//! no setting of the session has a part in them. A privilege list that was never touched and one that states the default
//! are the same (`acldefault`, PostgreSQL docs, "System Information Functions"); what an owner holds by default is no
//! fact, what was taken from it is one (`revoked`).
//!
//! Left out: system schemas and what was granted on their objects, TOAST, the harness's own roles, attributes of the
//! bootstrap superuser and of predefined roles, objects of extensions (their version stands for them), who granted a privilege
//! (it follows from owner and grant options, and dies with them), comments, security labels, collected statistics
//! and their targets, storage and storage parameters of columns, access methods, transforms, what belongs to an operator family,
//! the locale of a collation, the content of large objects (they are counted), rows, and where a sequence stands. Of a setting
//! or an option whose name speaks of a secret, and of a password, only that it is there; of other options of foreign servers
//! and tables, SHA-256 of their values.

mod columns;
mod database;
mod delta;
mod diff;
mod follow;
mod foreign;
mod functions;
mod json;
mod lesser;
mod members;
mod policies;
pub mod policy_change;
mod read;
mod relations;
mod replication;
mod roles;
mod show;
mod sql;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use delta::Delta;
pub use diff::{Change, Diff, ObjectDiff, Presence};
pub use follow::Follower;
pub use read::{read, read_within};

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

    /// What has changed from `self` to `other`.
    #[must_use]
    pub fn diff(&self, other: &Self) -> Diff {
        let visible = |object: &str, property: &str| !self.hides(object, property) && !other.hides(object, property);
        Diff::between((self.major, &self.facts), (other.major, &other.facts), visible)
    }

    /// What was made on top of `base`, the state of the platform: what a lock file keeps, since the rest is not the
    /// chain's.
    #[must_use]
    pub fn since(&self, base: &Self) -> Delta {
        Delta::between(base, self)
    }
}
