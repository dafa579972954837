//! `fingerprint` fails where the chain makes another catalog than the lock file records

use super::common::{error, passed, whole};
use crate::chain_check::check::{ChainCheck, Judging, PlannedSubject, Verdict, Walk};
use crate::chain_check::subject::Subject;
use crate::check::Outcome;
use crate::report::record::{Evidence, Status};
use crate::suite::resolved::Location;

pub(super) const CHECK: ChainCheck = ChainCheck { name: "fingerprint", walks: &[Walk::Up], plan, judge };

fn plan(subject: &Subject) -> Vec<PlannedSubject> {
    let mut planned = whole(subject, "the chain makes the catalog of its lock file");
    if subject.lock.is_none() {
        planned.skip = subject.not_locked_yet();
    } else {
        planned.at = Location::of_file(&subject.lock_path());
    }
    vec![planned]
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let (subject, seen) = (judging.subject, judging.seen);
    let lock = subject.lock.as_ref().ok_or_else(|| error(subject.lock_is_missing()))?;
    if !seen.stopped.is_empty() {
        return Err(error(format!("not reached: {}", seen.stopped)));
    }
    let now = seen.made().ok_or_else(|| error("the catalog was not read"))?;
    let path = subject.lock_path();
    let evidence = Evidence { expected: format!("the facts of {}", path.display()), ..Evidence::default() };
    if seen.major != lock.postgres {
        let verdict = format!(
            "not tested: the lock was taken with PostgreSQL {}, and this is {}, which words definitions in its own way",
            lock.postgres, seen.major
        );
        return Ok(Outcome { status: Status::Skipped, verdict, evidence }.into());
    }
    let diff = lock.delta().diff(&now);
    if diff.is_empty() {
        let facts: usize = now.facts.values().map(std::collections::BTreeMap::len).sum();
        return Ok(passed(format!("{facts} facts, as the lock has them"), evidence));
    }
    let verdict = format!(
        "the chain makes another catalog than {} has, in {} facts: `rlsgate chain --update` if this is intended",
        path.display(),
        diff.len()
    );
    Ok(Outcome::failed(verdict, Evidence { got: diff.to_string(), ..evidence }).into())
}
