//! Functions that run with their owner's rights, and those that policies call.

use super::super::Fingerprint;
use super::change::{ChangeClass, ObjectChange, Properties};

pub(super) fn compare(seen: &mut ObjectChange<'_>) {
    let definer = |of: &Properties| of.get("security").is_some_and(|text| text == "definer");
    let (was, is) = (definer(seen.old), definer(seen.new));
    let pinned = |of: &Properties| of.contains_key("setting search_path");
    match (was, is) {
        (false, true) if pinned(seen.new) => {
            let why = "whoever may call it acts with its owner's rights";
            seen.say("security", ChangeClass::NeedsReview, "runs as its definer", why);
        }
        (false, true) => {
            let why = "who calls it chooses the search_path, and by it the code that runs with its owner's rights";
            seen.say("security", ChangeClass::Dangerous, "runs as its definer without a search_path", why);
        }
        (true, false) if seen.is_gone() => {
            seen.say("security", ChangeClass::Breaking, "definer function dropped", "what called it is refused");
        }
        (true, false) => {
            seen.say(
                "security",
                ChangeClass::Breaking,
                "runs as its caller",
                "what only its owner could do is refused",
            );
        }
        (false, false) => (),
        (true, true) => within(seen),
    }
    if !seen.is_new() && matches!(seen.turn("leakproof"), Some((None, Some(_)))) {
        let why = "it runs on rows before a policy has held them back";
        seen.say("leakproof", ChangeClass::NeedsReview, "marked", why);
    }
}

fn within(seen: &mut ObjectChange<'_>) {
    match seen.turn("setting search_path") {
        Some((_, None)) => {
            let why = "who calls it chooses the code that runs with its owner's rights";
            seen.say("setting search_path", ChangeClass::Dangerous, "taken away", why);
        }
        Some((None, _)) => {
            seen.say("setting search_path", ChangeClass::Safe, "set", "names no longer depend on who calls")
        }
        Some(_) => {
            let why = "names in it may mean something else";
            seen.say("setting search_path", ChangeClass::NeedsReview, "changed", why);
        }
        None => (),
    }
    for property in ["body", "owner", "returns", "language", "library"] {
        if seen.turn(property).is_some() {
            let why = "what it does with its owner's rights is another question now";
            seen.say(property, ChangeClass::NeedsReview, "changed", why);
        }
    }
}

/// What a function that a policy calls does otherwise than before, beside what is told of it as a definer's.
pub(super) fn of_policies(seen: &mut ObjectChange<'_>, before: &Fingerprint, after: &Fingerprint) {
    let name = seen.object.strip_prefix("function ").unwrap_or_default();
    let called = |of: &Fingerprint| {
        let policies =
            of.facts.values().flat_map(|of| of.iter()).filter(|(property, _)| property.starts_with("policy "));
        policies.filter(|(property, _)| property.ends_with("/functions")).any(|(_, names)| lists(names, name))
    };
    if seen.is_new() || seen.is_gone() || !(called(before) && called(after)) {
        return;
    }
    for property in ["body", "volatility", "owner", "returns", "language", "library", "strict", "setting search_path"] {
        let told = seen.found.iter().any(|one| one.object == seen.object && one.subject == property);
        if seen.turn(property).is_some() && !told {
            let why = "a policy calls it: which rows that lets through is another question now";
            seen.say(property, ChangeClass::NeedsReview, "changed", why);
        }
    }
}

/// Whether `name`, which may hold commas itself, is among the names.
fn lists(names: &str, name: &str) -> bool {
    names.match_indices(name).any(|(at, _)| {
        let (head, tail) = (names.get(..at).unwrap_or_default(), names.get(at + name.len()..).unwrap_or_default());
        (head.is_empty() || head.ends_with("), ")) && (tail.is_empty() || tail.starts_with(", "))
    })
}
