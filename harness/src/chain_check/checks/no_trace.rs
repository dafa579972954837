//! `no-trace` fails where taking the revision back does not restore the catalog

use super::common::{each_down, error, passed};
use crate::catalog::fingerprint::{Diff, ObjectDiff, Presence};
use crate::chain::Revision;
use crate::chain_check::check::{ChainCheck, Judged, Judging, PlannedSubject, Verdict, Walk};
use crate::chain_check::subject::{Subject, down_line, mention};
use crate::check::Outcome;
use crate::report::record::Evidence;
use crate::text::one_line;

pub(super) const CHECK: ChainCheck = ChainCheck { name: "no-trace", walks: &[Walk::Up, Walk::Down], plan, judge };

fn plan(subject: &Subject) -> Vec<PlannedSubject> {
    each_down(subject, |revision| format!("taking revision {} back leaves no trace", revision.id))
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let (revision, rung) = judging.rung()?;
    let down = rung.down.as_ref().ok_or_else(|| error("it was not downgraded"))?;
    let after =
        down.after.as_ref().ok_or_else(|| error(format!("it cannot be downgraded: see up-down-up/{}", revision.id)))?;
    let expected = format!("the catalog is as it was before {}", revision.id);
    let evidence = Evidence { expected, ..Evidence::default() };
    if *after == rung.before {
        return Ok(passed(format!("the catalog is as it was, digest {}", short(&after.digest())), evidence));
    }
    let diff = rung.before.diff(after);
    let verdict = format!("taking revision {} back leaves a trace: {}", revision.id, summary(&diff, revision));
    let outcome = Outcome::failed(verdict, Evidence { got: diff.to_string(), ..evidence });
    Ok(Judged { outcome, at: Some(down_line(revision)) })
}

/// Objects that are told of; the rest is in the difference.
const TOLD: usize = 3;

/// What is left, and what is missing, in words.
fn summary(diff: &Diff, revision: &Revision) -> String {
    let told = |(object, one): (&String, &ObjectDiff)| {
        let named = mention(revision, bare_name(object)).map(|at| format!(" (named at {at})")).unwrap_or_default();
        match one.presence {
            Presence::Added => format!("{object} is left{named}"),
            Presence::Removed => format!("{object} is gone"),
            Presence::Altered => {
                let properties: Vec<&str> = one.properties.keys().map(String::as_str).take(TOLD).collect();
                let more = one.properties.len().saturating_sub(TOLD);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!("{object} differs in {}{more}", properties.join(", "))
            }
        }
    };
    let mut told: Vec<String> = diff.objects.iter().map(told).collect();
    let more = told.len().saturating_sub(TOLD);
    told.truncate(TOLD);
    if more > 0 {
        told.push(format!("{more} more objects"));
    }
    one_line(&told.join("; ")).into_owned()
}

/// The name that a statement would call an object by: of `function public.f(integer)`, `f`.
fn bare_name(object: &str) -> &str {
    let name = object.split_once(' ').map_or(object, |(_, name)| name);
    let name = name.split('(').next().unwrap_or(name);
    name.rsplit('.').next().unwrap_or(name).trim_matches('"')
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

#[cfg(test)]
mod tests {
    use super::bare_name;

    #[test]
    fn an_object_is_looked_for_by_its_last_name() {
        for (object, name) in [
            ("type public.status", "status"),
            ("function app.f(integer, text)", "f"),
            ("role app_user", "app_user"),
            ("table public.\"Mixed\"", "Mixed"),
            ("database", "database"),
        ] {
            assert_eq!(bare_name(object), name);
        }
    }
}
