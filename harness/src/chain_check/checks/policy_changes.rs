//! `policy-changes` fails never: it reports what the revision changes about access

use super::common::{each, passed};
use crate::chain_check::check::{ChainCheck, Judging, PlannedSubject, Verdict, Walk};
use crate::chain_check::subject::Subject;
use std::collections::BTreeMap;

use crate::catalog::fingerprint::policy_change::{ChangeClass, PolicyChange, policy_changes};
use crate::report::record::Evidence;

pub(super) const CHECK: ChainCheck = ChainCheck { name: "policy-changes", walks: &[Walk::Up], plan, judge };

fn plan(subject: &Subject) -> Vec<PlannedSubject> {
    each(subject, |_| true, |revision| format!("what revision {} changes about access", revision.id))
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let (_, rung) = judging.rung()?;
    let changes = policy_changes(&rung.before, &rung.after);
    let notes = changes.iter().map(told).collect();
    Ok(passed(counted(changes.iter().map(|change| change.class)), Evidence { notes, ..Evidence::default() }))
}

/// How many of each class, the gravest first.
pub(in crate::chain_check) fn counted(classes: impl Iterator<Item = ChangeClass>) -> String {
    let mut counts: BTreeMap<ChangeClass, usize> = BTreeMap::new();
    for class in classes {
        *counts.entry(class).or_default() += 1;
    }
    let words: Vec<String> = counts.iter().rev().map(|(class, n)| format!("{n} {class}")).collect();
    if words.is_empty() { "it changes nothing about access".to_owned() } else { words.join(", ") }
}

fn told(change: &PolicyChange) -> String {
    let PolicyChange { object, subject, class, what, why } = change;
    format!("{class}: {object}, {subject}: {what} ({why})")
}
