//! Privileges that were given and taken.

use super::super::Change;
use super::change::{ChangeClass, ObjectChange};
use super::switches::is_on;

pub(super) fn compare(seen: &mut ObjectChange<'_>) {
    // Of functions, only those that run as their owner: what another may call, it could have done itself.
    let routine = ["function ", "procedure ", "aggregate "].iter().any(|sort| seen.object.starts_with(sort));
    let definer = [seen.old, seen.new].iter().any(|of| of.get("security").is_some_and(|text| text == "definer"));
    let passing = ["type ", "domain ", "language "].iter().any(|sort| seen.object.starts_with(sort));
    if seen.is_gone() || passing || (routine && !definer) {
        return;
    }
    for (property, change) in &seen.diff.properties {
        let Some((grantee, privilege)) = grant(property) else { continue };
        let revoked = |text: &str| text == "revoked";
        match change {
            Change::Removed(text) if revoked(text) => {
                seen.say(property, ChangeClass::NeedsReview, "given back to the owner", "its owner may do more");
            }
            Change::Added(text) if revoked(text) => {
                seen.say(property, ChangeClass::Breaking, "taken from the owner", "what its owner could do is refused");
            }
            Change::Removed(_) => taken(seen, property),
            Change::Added(_) => {
                let (class, why) = given(seen, &grantee, privilege);
                seen.say(property, class, "granted", why);
            }
            Change::Changed { after, .. } if after == "with grant option" => {
                seen.say(property, ChangeClass::NeedsReview, "may be passed on", "others may come to hold it");
            }
            Change::Changed { .. } => {
                seen.say(property, ChangeClass::Breaking, "may no longer be passed on", "who granted it on is refused");
            }
        }
    }
}

fn taken(seen: &mut ObjectChange<'_>, property: &str) {
    if seen.object.starts_with("default privileges ") {
        seen.say(property, ChangeClass::Safe, "no longer by default", "objects that are there keep what they have");
    } else {
        seen.say(property, ChangeClass::Breaking, "revoked", "what it allowed is refused");
    }
}

fn given(seen: &ObjectChange<'_>, grantee: &str, privilege: &str) -> (ChangeClass, &'static str) {
    let sort = |name: &str| seen.object.starts_with(name);
    let open = grantee == "public" || anonymous(grantee);
    let rls = seen.new.get("rls").is_some_and(|text| text == "enabled");
    let invoker = is_on(seen.new.get("option security_invoker").map(String::as_str));
    let relation = ["table ", "foreign table ", "view ", "materialized view "].iter().any(|name| sort(name));
    if relation && privilege == "truncate" {
        return (ChangeClass::Dangerous, "no policy holds TRUNCATE");
    }
    if relation && open && !rls && !invoker {
        return (ChangeClass::Dangerous, "everyone, or an anonymous role, reaches rows that no policy of theirs holds");
    }
    if sort("schema ") && grantee == "public" && privilege == "create" {
        return (ChangeClass::Dangerous, "anyone may put objects where others look for names");
    }
    if sort("default privileges ") && open {
        return (
            ChangeClass::Dangerous,
            "what is made later is open to everyone, or to an anonymous role, before it has a policy",
        );
    }
    if (sort("function ") || sort("procedure ")) && open {
        return (ChangeClass::Dangerous, "everyone, or an anonymous role, may run it with its owner's rights");
    }
    (ChangeClass::NeedsReview, "a role may do more: what, policies and the object decide")
}

/// Grantee and privilege of a property such as `column body/grant app_user/select`.
fn grant(property: &str) -> Option<(String, &str)> {
    let (head, privilege) = property.rsplit_once('/')?;
    // What is before the word is a column's or a class's name; a quoted one may hold the word as well.
    let mut rest = head;
    loop {
        if let Some(grantee) = rest.strip_prefix("grant ") {
            return Some((grantee.trim_matches('"').to_owned(), privilege));
        }
        rest = after_slash(rest)?;
    }
}

/// What follows the first slash that is not within a quoted name.
fn after_slash(text: &str) -> Option<&str> {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '/' if !quoted => return text.get(at + 1..),
            _ => (),
        }
    }
    None
}

/// Whether a role is for those who have not logged in, as its name says.
fn anonymous(role: &str) -> bool {
    role.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| matches!(word, "anon" | "anonymous" | "guest" | "visitor"))
}
