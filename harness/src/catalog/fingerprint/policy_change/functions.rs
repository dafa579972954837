//! Functions that run with their owner's rights.

use super::{Class, Seen};

pub(super) fn compare(seen: &mut Seen<'_>) {
    let definer = |of: &super::Properties| of.get("security").is_some_and(|text| text == "definer");
    let (was, is) = (definer(seen.old), definer(seen.new));
    let pinned = |of: &super::Properties| of.contains_key("setting search_path");
    match (was, is) {
        (false, true) if pinned(seen.new) => {
            let why = "whoever may call it acts with its owner's rights";
            seen.say("security", Class::NeedsReview, "runs as its definer", why);
        }
        (false, true) => {
            let why = "who calls it chooses the search_path, and by it the code that runs with its owner's rights";
            seen.say("security", Class::Dangerous, "runs as its definer without a search_path", why);
        }
        (true, false) if seen.is_gone() => {
            seen.say("security", Class::Breaking, "definer function dropped", "what called it is refused");
        }
        (true, false) => {
            seen.say("security", Class::Breaking, "runs as its caller", "what only its owner could do is refused");
        }
        (false, false) => (),
        (true, true) => within(seen),
    }
    if !seen.is_new() && matches!(seen.turn("leakproof"), Some((None, Some(_)))) {
        let why = "it runs on rows before a policy has held them back";
        seen.say("leakproof", Class::NeedsReview, "marked", why);
    }
}

fn within(seen: &mut Seen<'_>) {
    match seen.turn("setting search_path") {
        Some((_, None)) => {
            let why = "who calls it chooses the code that runs with its owner's rights";
            seen.say("setting search_path", Class::Dangerous, "taken away", why);
        }
        Some((None, _)) => seen.say("setting search_path", Class::Safe, "set", "names no longer depend on who calls"),
        Some(_) => {
            let why = "names in it may mean something else";
            seen.say("setting search_path", Class::NeedsReview, "changed", why);
        }
        None => (),
    }
    for property in ["body", "owner", "returns", "language", "library"] {
        if seen.turn(property).is_some() {
            let why = "what it does with its owner's rights is another question now";
            seen.say(property, Class::NeedsReview, "changed", why);
        }
    }
}
