//! Policies that came, went or differ.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{ChangeClass, ObjectChange, Properties};

type PolicyFacts<'a> = BTreeMap<&'a str, &'a str>;

/// The table's policies by name, each with its own properties. A name may hold a slash, a property does not.
fn policies(properties: &Properties) -> BTreeMap<&str, PolicyFacts<'_>> {
    let mut found: BTreeMap<&str, PolicyFacts<'_>> = BTreeMap::new();
    for (property, text) in properties {
        if property.starts_with("policy ")
            && let Some((name, of)) = property.rsplit_once('/')
        {
            found.entry(name).or_default().insert(of, text);
        }
    }
    found
}

pub(super) fn compare(seen: &mut ObjectChange<'_>) {
    if seen.is_gone() {
        return;
    }
    let (old, new) = (policies(seen.old), policies(seen.new));
    for name in old.keys().chain(new.keys()).copied().collect::<BTreeSet<_>>() {
        match (old.get(name), new.get(name)) {
            (None, Some(policy)) => added(seen, name, policy),
            (Some(policy), None) => dropped(seen, name, policy),
            (Some(then), Some(now)) if then.get("as") != now.get("as") || then.get("command") != now.get("command") => {
                dropped(seen, name, then);
                added(seen, name, now);
            }
            (Some(then), Some(now)) if then != now => {
                roles(seen, name, then, now);
                expressions(seen, name, then, now);
            }
            _ => (),
        }
    }
}

fn permissive(policy: &PolicyFacts<'_>) -> bool {
    policy.get("as") == Some(&"permissive")
}

/// What a policy lets through of one of its two expressions, where the text decides it.
#[derive(Clone, Copy, PartialEq)]
enum PolicyReach {
    All,
    None,
    Some,
}

/// A missing USING or WITH CHECK holds nothing back, but for a WITH CHECK beside a USING, which stands for both
/// (PostgreSQL docs, "CREATE POLICY").
fn reach(policy: &PolicyFacts<'_>, of: &str) -> Option<PolicyReach> {
    let command = policy.get("command").copied().unwrap_or_default();
    let applies = if of == "using" { command != "insert" } else { !matches!(command, "select" | "delete") };
    let text = policy.get(of).or_else(|| policy.get("using"));
    applies.then_some(match text {
        None | Some(&"true") => PolicyReach::All,
        Some(&"false") => PolicyReach::None,
        Some(_) => PolicyReach::Some,
    })
}

fn reaches<'a>(policy: &'a PolicyFacts<'_>) -> impl Iterator<Item = PolicyReach> + 'a {
    ["using", "check"].into_iter().filter_map(|of| reach(policy, of))
}

fn names<'a>(policy: &PolicyFacts<'a>) -> BTreeSet<&'a str> {
    policy.get("roles").copied().unwrap_or_default().split(", ").collect()
}

fn added(seen: &mut ObjectChange<'_>, name: &str, policy: &PolicyFacts<'_>) {
    let all = reaches(policy).any(|reach| reach == PolicyReach::All);
    if !permissive(policy) {
        if reaches(policy).all(|reach| reach == PolicyReach::All) {
            seen.say(name, ChangeClass::Safe, "restrictive policy added", "it is true for every row");
        } else if seen.is_new() {
            seen.say(name, ChangeClass::Safe, "restrictive policy added", "on a table that is new it only holds back");
        } else {
            seen.say(name, ChangeClass::Breaking, "restrictive policy added", "rows that were reached are refused");
        }
    } else if reaches(policy).all(|reach| reach == PolicyReach::None) {
        seen.say(name, ChangeClass::Safe, "permissive policy added", "it is true for no row");
    } else if all {
        seen.say(
            name,
            ChangeClass::Dangerous,
            "permissive policy added",
            "it is true for every row, whatever others say",
        );
    } else if names(policy).contains("public") {
        seen.say(
            name,
            ChangeClass::Dangerous,
            "permissive policy added",
            "it is for PUBLIC: every role, also one without context",
        );
    } else {
        seen.say(
            name,
            ChangeClass::NeedsReview,
            "permissive policy added",
            "more rows are reached: which, its condition says",
        );
    }
}

fn dropped(seen: &mut ObjectChange<'_>, name: &str, policy: &PolicyFacts<'_>) {
    if permissive(policy) {
        seen.say(name, ChangeClass::Breaking, "permissive policy dropped", "rows that it let through are refused");
    } else {
        seen.say(name, ChangeClass::Dangerous, "restrictive policy dropped", "rows that it held back are reached");
    }
}

fn roles(seen: &mut ObjectChange<'_>, name: &str, then: &PolicyFacts<'_>, now: &PolicyFacts<'_>) {
    let (old, new) = (names(then), names(now));
    if old == new {
        return;
    }
    let (more, less) = if permissive(now) { (&new, &old) } else { (&old, &new) };
    let everyone = |these: &BTreeSet<&str>| these.contains("public");
    // PUBLIC covers every role: beside it the others say nothing.
    let wider = !everyone(less) && (everyone(more) || more.difference(less).next().is_some());
    let narrower = !everyone(more) && (everyone(less) || less.difference(more).next().is_some());
    if wider && !permissive(now) {
        seen.say(
            name,
            ChangeClass::Dangerous,
            "fewer roles are restricted",
            "what was held back from a role is reached by it",
        );
    } else if wider && everyone(&new) {
        seen.say(name, ChangeClass::Dangerous, "opened to PUBLIC", "it is for every role, also one without context");
    } else if wider {
        seen.say(name, ChangeClass::NeedsReview, "more roles", "its rows are reached by more roles");
    }
    if narrower {
        seen.say(name, ChangeClass::Breaking, "roles narrowed", "a role that reached rows by it is refused");
    }
}

fn expressions(seen: &mut ObjectChange<'_>, name: &str, then: &PolicyFacts<'_>, now: &PolicyFacts<'_>) {
    for of in ["using", "check"] {
        if then.get(of) == now.get(of) {
            continue;
        }
        let (Some(old), Some(new)) = (reach(then, of), reach(now, of)) else { continue };
        let what = format!("{} changed", if of == "using" { "USING" } else { "WITH CHECK" });
        match (old, new) {
            (PolicyReach::All, PolicyReach::All) | (PolicyReach::None, PolicyReach::None) => {
                seen.say(name, ChangeClass::Safe, what, "it means the same");
            }
            (_, PolicyReach::All) => seen.say(name, ChangeClass::Dangerous, what, "it is true for every row now"),
            (PolicyReach::All, _) | (_, PolicyReach::None) => {
                seen.say(name, ChangeClass::Breaking, what, "rows that it let through are refused");
            }
            _ => seen.say(name, ChangeClass::NeedsReview, what, "whether it lets more rows through cannot be decided"),
        }
    }
}
