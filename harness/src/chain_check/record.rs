//! From what was seen to the run record: the facts of a chain, and a line for each of its revisions.

use std::collections::BTreeMap;

use super::checks::policy_changes::counted;
use super::subject::Subject;
use crate::catalog::QName;
use crate::catalog::fingerprint::policy_change::policy_changes;
use crate::chain::script::TransactionMode;
use crate::chain::{Revision, RevisionStep};
use crate::chain_check::observations::{Locked, Observations, OverRows};
use crate::check::record::relative;
use crate::report::record::{ChainRecord, CheckRecord, RevisionRecord, Status, SuiteRecord};

/// The record of a chain; each of its revisions stands as the gravest of its checks.
pub(super) fn suite(
    subject: &Subject,
    facts: BTreeMap<String, String>,
    mut revisions: Vec<RevisionRecord>,
    checks: Vec<CheckRecord>,
) -> SuiteRecord {
    let chain = &subject.chain;
    let prefix = format!("chain/{}/", subject.name);
    for revision in &mut revisions {
        let own = checks.iter().filter(|check| check.id.starts_with(&prefix) && check.object == revision.id);
        let gravest = own.map(|check| check.status).max_by_key(|status| gravity(*status));
        revision.status = gravest.unwrap_or(Status::Skipped);
    }
    SuiteRecord {
        name: format!("chain/{}", subject.name),
        title: format!("Migration chain {}", subject.name),
        file: relative(&subject.manifest().path),
        facts,
        chain: Some(ChainRecord { layout: chain.layout.name.to_owned(), revisions }),
        checks,
    }
}

pub(super) fn facts(subject: &Subject, seen: &Observations) -> BTreeMap<String, String> {
    let chain = &subject.chain;
    let one_by_one =
        seen.rungs.iter().filter_map(|rung| rung.up.as_ref().ok()).filter(|up| up.mode == TransactionMode::OneByOne);
    let one_by_one: Vec<&str> = one_by_one.map(|up| up.id.as_str()).collect();
    let skipped = chain.skipped.iter().map(|(path, why)| format!("{} ({why})", relative(path))).collect::<Vec<_>>();
    let seeds = subject.seeds.values().map(|seed| relative(&seed.path)).collect::<Vec<_>>();
    let made = seen.platform.as_ref().and(seen.rungs.last()).map(|rung| rung.after.digest()).unwrap_or_default();
    [
        ("chain", relative(&chain.dir)),
        ("chain digest", chain.digest()),
        ("layout", chain.layout.name.to_owned()),
        ("postgres", if seen.major == 0 { String::new() } else { seen.major.to_string() }),
        ("catalog digest", if seen.stopped.is_empty() { made } else { String::new() }),
        ("seeds between revisions", seeds.join(", ")),
        ("revisions that ran statement by statement", one_by_one.join(", ")),
        ("files that are no revisions", skipped.join(", ")),
        ("order", chain.remarks.join("; ")),
        ("not traced", untraced(subject)),
    ]
    .into_iter()
    .filter(|(_, fact)| !fact.is_empty())
    .map(|(name, fact)| (name.to_owned(), fact))
    .collect()
}

/// What of the chain nobody looks into.
fn untraced(subject: &Subject) -> String {
    let of = |sort: fn(&RevisionStep) -> bool| subject.chain.revisions.iter().any(|revision| sort(&revision.up));
    let inside = if of(|step| matches!(step, RevisionStep::Alembic(_))) {
        "Alembic"
    } else if of(|step| matches!(step, RevisionStep::Command(_))) {
        "programs"
    } else {
        return String::new();
    };
    format!("what is done inside {inside}: statements, their locks, VACUUM and rows written, and commits in between")
}

/// A line for each revision, before it is known how it stands.
pub(super) fn revisions(subject: &Subject, seen: &Observations) -> Vec<RevisionRecord> {
    subject.revisions().map(|(position, one)| revision(seen, position, one)).collect()
}

fn revision(seen: &Observations, position: usize, revision: &Revision) -> RevisionRecord {
    let rung = seen.rungs.get(position);
    let over = seen.over_rows.get(position);
    let mut tried = Vec::new();
    if let Some(rung) = rung {
        tried.push("up");
        if let Some(down) = &rung.down {
            tried.push("down");
            tried.extend(down.up.as_ref().map(|_| "up"));
        }
        tried.extend(rung.again.as_ref().map(|_| "again"));
    }
    tried.extend(over.filter(|over| over.seeded).map(|_| "over rows"));
    let up = rung.map(|rung| &rung.up).or(over.map(|over| &over.up)).and_then(|up| up.as_ref().ok());
    RevisionRecord {
        id: revision.id.clone(),
        title: revision.settings.title.clone().unwrap_or_default(),
        file: relative(&revision.file),
        tried: tried.join(", "),
        transaction: up.map(|up| up.mode.to_string()).unwrap_or_default(),
        locks: over.filter(|over| over.seeded).map(locks).unwrap_or_default(),
        access: rung
            .filter(|rung| rung.up.is_ok())
            .map(|rung| counted(policy_changes(&rung.before, &rung.after).iter().map(|change| change.class)))
            .unwrap_or_default(),
        status: Status::Skipped,
    }
}

/// What decides where checks of one revision differ.
const fn gravity(status: Status) -> u8 {
    match status {
        Status::Failed => 3,
        Status::Error => 2,
        Status::Passed => 1,
        Status::Skipped => 0,
    }
}

/// The strongest lock on each table that held rows (PostgreSQL docs, "Table-Level Locks", has them in this order).
fn locks(over: &OverRows) -> Vec<String> {
    const MODES: [&str; 8] = [
        "AccessShareLock",
        "RowShareLock",
        "RowExclusiveLock",
        "ShareUpdateExclusiveLock",
        "ShareLock",
        "ShareRowExclusiveLock",
        "ExclusiveLock",
        "AccessExclusiveLock",
    ];
    let strength = |mode: &str| MODES.iter().position(|known| *known == mode);
    let mut strongest = BTreeMap::new();
    let Some(taken) = &over.locks else { return vec!["not traced, inside a program".to_owned()] };
    for lock in taken.iter().filter(|lock| over.held.contains(&lock.relation)) {
        let slot = strongest.entry(&lock.relation).or_insert(lock);
        if strength(&lock.mode) > strength(&slot.mode) {
            *slot = lock;
        }
    }
    let mut strongest: Vec<(&QName, &Locked)> = strongest.into_iter().collect();
    strongest.sort_by_key(|(_, lock)| std::cmp::Reverse(strength(&lock.mode)));
    strongest
        .into_iter()
        .map(|(relation, lock)| format!("{} on {relation} (+{})", lock.mode.trim_end_matches("Lock"), lock.further))
        .collect()
}

/// How long each revision took, and how long AccessExclusive was seen on a table with rows; by revision.
pub(super) fn seconds(subject: &Subject, seen: &Observations) -> BTreeMap<String, BTreeMap<String, f64>> {
    let mut all = BTreeMap::new();
    for (position, revision) in subject.revisions() {
        let mut own = BTreeMap::new();
        let rung = seen.rungs.get(position);
        let mut add = |name: &str, seconds: Option<f64>| {
            if let Some(seconds) = seconds {
                own.insert(name.to_owned(), seconds);
            }
        };
        let taken = |tried: &crate::chain_check::observations::StepResult| {
            tried.as_ref().ok().map(|applied| applied.elapsed.as_secs_f64())
        };
        add("up", rung.and_then(|rung| taken(&rung.up)));
        add("down", rung.and_then(|rung| rung.down.as_ref()).and_then(|down| taken(&down.tried)));
        if let Some(over) = seen.over_rows.get(position) {
            add("up over rows", taken(&over.up));
            let exclusive = over.locks.iter().flatten().filter(|lock| {
                lock.mode == super::trace::locks::ACCESS_EXCLUSIVE && over.held.contains(&lock.relation)
            });
            add("readers locked out", exclusive.map(|lock| lock.held_for.as_secs_f64()).reduce(f64::max));
        }
        if !own.is_empty() {
            all.insert(revision.id.clone(), own);
        }
    }
    all
}
