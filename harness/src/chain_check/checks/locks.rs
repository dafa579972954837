//! `locks` fails where more further statements than `lock_budget` follow an AccessExclusive lock on a table that held
//! rows
//!
//! AccessExclusive is the one mode that a plain SELECT waits for (PostgreSQL docs, "Table-Level Locks"). The time is told
//! and not judged: rows of a seed are too few for it.

use super::common::{each, error, passed, whole};
use crate::chain::{Revision, RevisionStep};
use crate::chain_check::check::{ChainCheck, Judged, Judging, PlannedSubject, Verdict, Walk};
use crate::chain_check::observations::Locked;
use crate::chain_check::subject::Subject;
use crate::chain_check::trace::locks::ACCESS_EXCLUSIVE;
use crate::check::Outcome;
use crate::report::record::Evidence;

pub(super) const CHECK: ChainCheck = ChainCheck { name: "locks", walks: &[Walk::Rows], plan, judge };

fn plan(subject: &Subject) -> Vec<PlannedSubject> {
    let chain_wide = subject.chain.manifest.lock_budget;
    // A budget for the whole chain is meant for what meets rows; one for a revision, for that revision.
    let budgeted = |revision: &Revision| {
        let meets_rows = subject.revision(&revision.id).is_some_and(|(position, _)| subject.seeded_before(position));
        revision.settings.lock_budget.is_some() || (chain_wide.is_some() && meets_rows)
    };
    let mut planned = each(subject, budgeted, |revision| format!("revision {} keeps its lock budget", revision.id));
    for one in &mut planned {
        let revision = one.revision.as_deref().and_then(|id| subject.revision(id));
        one.skip = revision.and_then(|(_, revision)| untraceable(revision));
    }
    if planned.is_empty() && chain_wide.is_some() {
        planned.push(whole(subject, "revisions keep their lock budget"));
    }
    planned
}

/// Why what a revision locks cannot be seen.
fn untraceable(revision: &Revision) -> Option<String> {
    let inside = match revision.up {
        RevisionStep::Sql(_) => return None,
        RevisionStep::Command(_) => "a program",
        RevisionStep::Alembic(_) => "Alembic",
    };
    Some(format!("not tested: what is locked inside {inside} cannot be traced statement by statement"))
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let no_rows =
        || error("a lock budget is given, and no table held a row: put some in before it with `seed_at` in chain.toml");
    if judging.revision.is_empty() {
        return Err(no_rows());
    }
    let (position, revision) = judging.revision()?;
    if !judging.subject.seeded_before(position) {
        return Err(no_rows());
    }
    let over = judging.seen.over_rows(position).map_err(error)?;
    if over.held.is_empty() {
        return Err(no_rows());
    }
    if over.up.is_err() {
        return Err(error(format!("it does not apply over rows: see upgrade-with-data/{}", revision.id)));
    }
    let taken = over.locks.as_ref().ok_or_else(|| error("what it locks was not traced"))?;
    let budget = revision.settings.lock_budget.or(judging.subject.chain.manifest.lock_budget).unwrap_or_default();
    let on_rows: Vec<&Locked> = taken.iter().filter(|lock| over.held.contains(&lock.relation)).collect();
    let tables: Vec<String> = over.held.iter().map(ToString::to_string).collect();
    let mut evidence = Evidence {
        expected: format!("AccessExclusive on a table that held rows is kept for at most {budget} further statements"),
        witness: format!("rows were in {}", tables.join(", ")),
        notes: on_rows.iter().map(|lock| told(lock)).collect(),
        ..Evidence::default()
    };
    if over.alone > 0 {
        let note =
            format!("{} statements ran outside a transaction: what they locked was free again after each", over.alone);
        evidence.notes.push(note);
    }
    let exclusive = |lock: &&&Locked| lock.mode == ACCESS_EXCLUSIVE;
    let on_none: Vec<&Locked> =
        taken.iter().filter(|lock| lock.stores && !over.held.contains(&lock.relation)).collect();
    let on_none: Vec<&&Locked> = on_none.iter().filter(exclusive).collect();
    evidence.notes.extend(on_none.iter().map(|lock| format!("{}, which held no row: it proves nothing", told(lock))));
    let longest = on_rows.iter().filter(exclusive).max_by_key(|lock| lock.further);
    let held =
        |lock: &Locked| format!("AccessExclusive on {} is kept for {} further statements", lock.relation, lock.further);
    if let Some(longest) = longest.filter(|lock| lock.further > budget) {
        let outcome = Outcome::failed(format!("{}; the budget is {budget}", held(longest)), evidence);
        return Ok(Judged { outcome, at: Some(longest.at.clone()) });
    }
    // Within the budget it is whatever the table holds; how long the platform's tables may be kept is not the chain's to say.
    if let Some(lock) = on_none.iter().find(|lock| lock.own && lock.further > budget) {
        let why = "and it held no row: whether anybody is kept waiting is not shown; put some in with `seed_at`";
        return Ok(Judged {
            outcome: Outcome::error(format!("{}, of {budget}, {why}", held(lock)), evidence),
            at: Some(lock.at.clone()),
        });
    }
    Ok(match longest {
        None => passed("AccessExclusive is kept on no table that held rows", evidence),
        Some(longest) => passed(format!("{}, of {budget}", held(longest)), evidence),
    })
}

fn told(lock: &Locked) -> String {
    let mode = lock.mode.trim_end_matches("Lock");
    format!("{}: {mode} on {}, kept for {} further statements", lock.at, lock.relation, lock.further)
}
