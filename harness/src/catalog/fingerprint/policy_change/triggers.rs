//! Triggers that change rows before they are written.

use super::super::Change;
use super::change::{ChangeClass, ObjectChange};

/// A BEFORE trigger for each row of a table with row security, new or another.
pub(super) fn compare(seen: &mut ObjectChange<'_>) {
    if seen.new.get("rls").is_none_or(|rls| rls != "enabled") {
        return;
    }
    for (property, change) in &seen.diff.properties {
        let (Change::Added(text) | Change::Changed { after: text, .. }) = change else { continue };
        // What the server writes begins with these words; the name, which is quoted where it must be, comes before them.
        let is_definition = text.starts_with("CREATE TRIGGER ") || text.starts_with("CREATE CONSTRAINT TRIGGER ");
        if property.starts_with("trigger ")
            && is_definition
            && text.contains(" BEFORE ")
            && text.contains(" FOR EACH ROW ")
        {
            let what = if matches!(change, Change::Added(_)) { "added" } else { "changed" };
            seen.say(property, ChangeClass::NeedsReview, what, "it decides whose row is written, whatever was sent");
        }
    }
}
