//! A change that concerns who may do what, its class, and one object that is looked through for such changes.

use std::collections::BTreeMap;
use std::fmt;

use crate::catalog::fingerprint::{ObjectDiff, Presence};

/// How a change is classed; the later, the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeClass {
    /// Nobody may do more, and nothing that worked is refused.
    Safe,
    /// Something that worked is refused.
    Breaking,
    /// The catalogs cannot tell.
    NeedsReview,
    /// Rows may be open to those whose they are not.
    Dangerous,
}

impl ChangeClass {
    /// The word for it, in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Breaking => "breaking",
            Self::NeedsReview => "needs-review",
            Self::Dangerous => "dangerous",
        }
    }
}

impl fmt::Display for ChangeClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One change. Its texts hold names as the catalogs do: make them printable before a terminal sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyChange {
    /// The object, as a fingerprint names it.
    pub object: String,
    /// What of it changed: `policy own`, `rls`, `grant anon/select`.
    pub subject: String,
    /// What it means.
    pub class: ChangeClass,
    /// What happened: `restrictive policy dropped`.
    pub what: String,
    /// Why it is classed so.
    pub why: &'static str,
}

pub(super) type Properties = BTreeMap<String, String>;

/// One object that differs, and what has been found so far.
pub(super) struct ObjectChange<'a> {
    pub(super) object: &'a str,
    pub(super) diff: &'a ObjectDiff,
    pub(super) old: &'a Properties,
    pub(super) new: &'a Properties,
    pub(super) found: &'a mut Vec<PolicyChange>,
}

impl ObjectChange<'_> {
    pub(super) fn say(&mut self, subject: &str, class: ChangeClass, what: impl Into<String>, why: &'static str) {
        let (object, subject) = (self.object.to_owned(), subject.to_owned());
        self.found.push(PolicyChange { object, subject, class, what: what.into(), why });
    }

    /// The text before and after, where they differ; an object that is not there has none.
    pub(super) fn turn(&self, property: &str) -> Option<(Option<&str>, Option<&str>)> {
        let (old, new) = (self.old.get(property), self.new.get(property));
        (old != new).then_some((old.map(String::as_str), new.map(String::as_str)))
    }

    /// Whether the object itself is new.
    pub(super) fn is_new(&self) -> bool {
        self.diff.presence == Presence::Added
    }

    /// Whether the object itself is gone.
    pub(super) fn is_gone(&self) -> bool {
        self.diff.presence == Presence::Removed
    }
}
