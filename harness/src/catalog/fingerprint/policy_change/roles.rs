//! What lets a role pass by policies: attributes, and membership in whoever has them or owns what they do not hold.

use std::collections::BTreeSet;

use super::super::{Change, Fingerprint};
use super::change::{ChangeClass, ObjectChange, Properties};

/// Attributes, why having them is dangerous, and what losing them means.
const ATTRIBUTES: [(&str, &str, &str); 4] = [
    ("bypassrls", "no policy holds this role", "policies hold this role now"),
    ("superuser", "no policy holds this role", "policies hold this role now"),
    (
        "createrole",
        "it may make itself a member of other roles, and change them",
        "it may no longer make and change roles",
    ),
    ("replication", "it reads what is written to every table, whatever policies say", "it may no longer replicate"),
];

pub(super) fn compare(seen: &mut ObjectChange<'_>, after: &Fingerprint) {
    for (attribute, given, taken) in ATTRIBUTES {
        match seen.turn(attribute) {
            Some((_, Some("yes"))) => seen.say(attribute, ChangeClass::Dangerous, "given", given),
            Some((Some("yes"), _)) => seen.say(attribute, ChangeClass::Breaking, "taken away", taken),
            _ => (),
        }
    }
    for (property, change) in &seen.diff.properties {
        let Some(group) = property.strip_prefix("member of ") else { continue };
        if matches!(change, Change::Removed(_)) {
            seen.say(property, ChangeClass::Breaking, "membership ended", "what it allowed is refused");
            continue;
        }
        let groups = all_groups(after, group);
        let has = |attribute| groups.iter().any(|group| after.get(&format!("role {group}"), attribute) == Some("yes"));
        let (class, why) = if has("bypassrls") || has("superuser") {
            (ChangeClass::Dangerous, "by SET ROLE it becomes a role that no policy holds")
        } else if after.facts.values().any(|table| is_unforced(table) && groups.contains(owner(table))) {
            (
                ChangeClass::Dangerous,
                "it passes by the policies of tables that the role owns, where they are not forced",
            )
        } else {
            (ChangeClass::NeedsReview, "policies and grants for the group hold for it")
        };
        seen.say(property, class, "membership given", why);
    }
}

/// The role and all that it is a member of, however far.
fn all_groups<'a>(after: &'a Fingerprint, role: &'a str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::from([role]);
    let mut next = vec![role];
    while let Some(role) = next.pop() {
        let properties = after.facts.get(format!("role {role}").as_str()).into_iter().flat_map(|of| of.keys());
        let groups = properties.filter_map(|property| property.strip_prefix("member of "));
        next.extend(groups.filter(|group| found.insert(group)));
    }
    found
}

fn is_unforced(table: &Properties) -> bool {
    let says = |property, text| table.get(property).is_some_and(|found| found == text);
    says("rls", "enabled") && says("force rls", "not forced")
}

fn owner(table: &Properties) -> &str {
    table.get("owner").map(String::as_str).unwrap_or_default()
}
