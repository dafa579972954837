//! What a chain made on top of its platform.

use std::sync::Arc;

use super::diff::Diff;
use super::facts::{Facts, Fingerprint, SharedFacts};

/// What stands in a comparison for a fact of the platform that a chain took away.
const TAKEN: &str = "(taken from the platform)";

/// The facts by which a state differs from the platform that it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// The server's major version.
    pub major: u32,
    /// Facts that were added, or changed, as they are now.
    pub facts: Facts,
    /// Facts of the platform that are there no longer, as they were.
    pub removed: Facts,
}

impl Fingerprint {
    /// What was made on top of `base`, the state of the platform: what a lock file keeps, since the rest is not the
    /// chain's.
    #[must_use]
    pub fn since(&self, base: &Self) -> Delta {
        Delta::between(base, self)
    }
}

impl Delta {
    pub(super) fn between(base: &Fingerprint, state: &Fingerprint) -> Self {
        let visible = |object: &str, property: &str| !base.hides(object, property) && !state.hides(object, property);
        let facts = beyond(&state.facts, &base.facts, |now, then| then != Some(now), visible);
        let removed = beyond(&base.facts, &state.facts, |_, now| now.is_none(), visible);
        Self { major: state.major, facts, removed }
    }

    /// What has changed from `self` to `other`: from a committed state to the present one.
    #[must_use]
    pub fn diff(&self, other: &Self) -> Diff {
        Diff::between((self.major, &self.whole()), (other.major, &other.whole()), |_, _| true)
    }

    fn whole(&self) -> Facts {
        let mut whole = self.facts.clone();
        for (object, properties) in &self.removed {
            let taken = properties.keys().map(|property| (property.clone(), TAKEN.to_owned()));
            whole.entry(object.clone()).or_default().extend(taken);
        }
        whole
    }
}

/// The facts of `these` that are to be kept, seen beside the same fact of `those`.
fn beyond(
    these: &SharedFacts,
    those: &SharedFacts,
    keep: impl Fn(&String, Option<&String>) -> bool,
    visible: impl Fn(&str, &str) -> bool,
) -> Facts {
    let mut kept = Facts::new();
    for (object, properties) in these {
        let beside = those.get(object);
        if beside.is_some_and(|beside| Arc::ptr_eq(beside, properties)) {
            continue;
        }
        for (property, text) in properties.iter() {
            if visible(object, property) && keep(text, beside.and_then(|beside| beside.get(property))) {
                kept.entry(object.to_string()).or_default().insert(property.clone(), text.clone());
            }
        }
    }
    kept
}
