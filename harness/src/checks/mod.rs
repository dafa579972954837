//! The kinds of check, one file or folder each; `KINDS` is the registry.

pub(crate) mod attempt;
mod case;
mod context;
pub(crate) mod contract;
#[cfg(test)]
mod documented;
mod execute;
mod fact;
pub(crate) mod fidelity;
mod grants;
pub(crate) mod kind;
mod liveness;
mod mutant;

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::check::Unit;
use kind::{CheckKind, Inputs};

/// Every kind of check, in the order in which they are planned.
pub(crate) const KINDS: &[CheckKind] = &[
    contract::KIND,
    context::KIND,
    execute::KIND,
    case::KIND,
    fact::KIND,
    fidelity::KIND,
    mutant::KIND,
    liveness::KIND,
    grants::KIND,
];

/// Kinds that are planned from a chain alone, or are not tried by this version.
const OTHERS: [(&str, &str); 2] =
    [("chain", "the revisions of the chain"), ("audit", "audit rules: none in this version")];

/// The kinds of check that `[controls]` may name, each with what it tries.
#[must_use]
pub(crate) fn names() -> BTreeMap<&'static str, String> {
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    for (name, tries) in KINDS.iter().map(|kind| (kind.kind, kind.tries)).chain(OTHERS) {
        let all = names.entry(name).or_default();
        all.push_str(if all.is_empty() { "" } else { "; " });
        all.push_str(tries);
    }
    names
}

/// What of the suite a live database can be held to, without writing or impersonating anybody.
///
/// # Errors
/// As [`plan`].
pub(crate) fn plan_reading(inputs: &Inputs<'_>) -> Result<Vec<Unit>, Error> {
    planned(inputs, |kind| kind.reads_only)
}

/// Everything that the suite holds and the closed world asks for.
///
/// # Errors
/// A name that the database does not have, with the place in the suite.
pub(crate) fn plan(inputs: &Inputs<'_>) -> Result<Vec<Unit>, Error> {
    planned(inputs, |_| true)
}

fn planned(inputs: &Inputs<'_>, wanted: impl Fn(&CheckKind) -> bool) -> Result<Vec<Unit>, Error> {
    let mut units = Vec::new();
    for kind in KINDS.iter().filter(|kind| wanted(kind)) {
        units.extend((kind.plan)(inputs)?);
    }
    let mut ids = BTreeSet::new();
    for check in units.iter().flat_map(|unit| &unit.checks) {
        if !ids.insert(check.id.as_str()) {
            return Err(check.at.error(
                format!("two checks are called {}", check.id),
                "names that differ only in what an id cannot hold clash: rename one",
            ));
        }
    }
    Ok(units)
}
