//! Publications of what policies hold: a subscriber gets every row.

use super::super::{Change, Fingerprint};
use super::change::{ChangeClass, ObjectChange};

pub(super) fn compare(seen: &mut ObjectChange<'_>, after: &Fingerprint) {
    let held = |table: &str| after.get(table, "rls") == Some("enabled");
    for (property, change) in &seen.diff.properties {
        let published = match change {
            Change::Removed(_) => continue,
            _ if property == "all tables" => after.facts.keys().any(|object| held(object)),
            _ => match property.strip_prefix("schema ") {
                Some(schema) => {
                    let within = format!("table {schema}.");
                    after.facts.keys().any(|object| object.starts_with(&within) && held(object))
                }
                // `table public.notes`, and what of it is published: `table public.notes/where`.
                None => property.starts_with("table ") && (held(property) || is_part(property, &held)),
            },
        };
        if published {
            let why = "whoever subscribes gets its rows, whatever policies say";
            seen.say(property, ChangeClass::NeedsReview, "published", why);
        }
    }
}

fn is_part(property: &str, held: &impl Fn(&str) -> bool) -> bool {
    property.rsplit_once('/').is_some_and(|(table, of)| matches!(of, "where" | "columns") && held(table))
}
