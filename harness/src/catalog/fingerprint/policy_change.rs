//! What a change of the catalogs means for who may do what: every change to policies, row security, grants, definer
//! functions and roles that bypass, classed.
//!
//! | class | when | because |
//! | --- | --- | --- |
//! | safe | nothing that anyone may do grows, and nothing that worked is refused | |
//! | breaking | a permissive policy, a grant, a membership, an attribute of a role or a function is taken away; RLS or FORCE comes on; a restrictive policy is added | what worked is refused |
//! | needs-review | an expression differs, or a function that a policy calls; a grant, a membership, a permissive policy with a condition, a publication of a table with RLS, or a BEFORE trigger for its rows is added | widens or narrows by what the text means, which the catalogs cannot tell |
//! | dangerous | RLS or FORCE goes; a permissive policy is added or changed to `true` or for PUBLIC; a restrictive one goes; BYPASSRLS, SUPERUSER, CREATEROLE or REPLICATION comes; membership in a role that no policy holds, or that owns tables whose RLS is not forced; TRUNCATE is granted; PUBLIC or an anonymous role is let at a relation that no policy holds; a definer function without `search_path`; a view stops running as its caller | rows of others are open to somebody without any expression standing between |
//!
//! A role is taken for anonymous by its name: `anon`, `anonymous`, `guest`, `visitor`, alone or as a word of the name. Without
//! RLS a policy has no effect, yet it is classed all the same: what it does when RLS comes on is decided here. PostgreSQL docs, "Row
//! Security Policies", "CREATE POLICY", "Writing SECURITY DEFINER Functions Safely".

mod change;
mod functions;
mod grants;
mod policies;
mod publications;
mod roles;
mod switches;
mod triggers;

use std::collections::BTreeMap;

use super::Fingerprint;

pub use change::{ChangeClass, PolicyChange};

use change::ObjectChange;

/// Every change from `before` to `after` that concerns who may do what, by object and subject.
#[must_use]
pub fn policy_changes(before: &Fingerprint, after: &Fingerprint) -> Vec<PolicyChange> {
    let none = BTreeMap::new();
    let mut found = Vec::new();
    for (object, diff) in before.diff(after).objects {
        let old = before.facts.get(object.as_str()).map_or(&none, AsRef::as_ref);
        let new = after.facts.get(object.as_str()).map_or(&none, AsRef::as_ref);
        let mut seen = ObjectChange { object: &object, diff: &diff, old, new, found: &mut found };
        if object.starts_with("table ") || object.starts_with("foreign table ") {
            switches::table(&mut seen);
            policies::compare(&mut seen);
            triggers::compare(&mut seen);
        }
        if object.starts_with("view ") {
            switches::view(&mut seen);
        }
        if object.starts_with("role ") {
            roles::compare(&mut seen, after);
        }
        if object.starts_with("function ") || object.starts_with("procedure ") {
            functions::compare(&mut seen);
            functions::of_policies(&mut seen, before, after);
        }
        if object.starts_with("publication ") {
            publications::compare(&mut seen, after);
        }
        grants::compare(&mut seen);
    }
    found.sort_by(|a, b| (&a.object, &a.subject).cmp(&(&b.object, &b.subject)));
    found
}
