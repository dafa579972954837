//! What turns row security on and off: for a table, for a view's caller.

use super::change::{ChangeClass, ObjectChange};

pub(super) fn table(seen: &mut ObjectChange<'_>) {
    if seen.is_gone() {
        seen.say("table", ChangeClass::Breaking, "dropped", "what read or wrote it is refused");
        return;
    }
    if let Some((Some(_), Some(now))) = seen.turn("rls") {
        if now == "enabled" {
            seen.say("rls", ChangeClass::Breaking, "enabled", "only rows that a policy lets through are seen");
        } else {
            seen.say("rls", ChangeClass::Dangerous, "disabled", "no policy of the table holds any longer");
        }
    }
    if let Some((Some(_), Some(now))) = seen.turn("force rls") {
        if now == "forced" {
            seen.say("force rls", ChangeClass::Breaking, "forced", "policies hold the owner too");
        } else {
            let why = "the owner, and whoever inherits it, passes by every policy";
            seen.say("force rls", ChangeClass::Dangerous, "no longer forced", why);
        }
    }
    if let Some((Some(_), Some(_))) = seen.turn("owner") {
        seen.say("owner", ChangeClass::NeedsReview, "changed", "an owner passes by policies that are not forced");
    }
}

pub(super) fn view(seen: &mut ObjectChange<'_>) {
    if seen.is_gone() {
        seen.say("view", ChangeClass::Breaking, "dropped", "what read it is refused");
        return;
    }
    if seen.is_new() {
        return;
    }
    for (option, lost, gained) in [
        (
            "option security_invoker",
            "policies are those of the view's owner, not of who asks",
            "policies hold who asks",
        ),
        ("option security_barrier", "a function in a condition sees rows that the view leaves out", ""),
    ] {
        let Some((then, now)) = seen.turn(option) else { continue };
        match (is_on(then), is_on(now)) {
            (true, false) => seen.say(option, ChangeClass::Dangerous, "taken away", lost),
            (false, true) if gained.is_empty() => seen.say(option, ChangeClass::Safe, "set", "it only holds back"),
            (false, true) => seen.say(option, ChangeClass::Breaking, "set", gained),
            _ => (),
        }
    }
    for property in ["definition", "owner"] {
        if seen.turn(property).is_some() {
            let why = "which rows are seen, and by whose policies, is another question now";
            seen.say(property, ChangeClass::NeedsReview, "changed", why);
        }
    }
}

/// A Boolean option of a relation as it was written (PostgreSQL docs, "Parameter Names and Values").
pub(super) fn is_on(option: Option<&str>) -> bool {
    // `on`, `true`, `yes`, `1` and what begins them; without a value it is true.
    option.is_some_and(|text| {
        let text = text.to_lowercase();
        matches!(text.as_str(), "" | "1" | "on")
            || (!text.is_empty() && ("true".starts_with(&text) || "yes".starts_with(&text)))
    })
}
