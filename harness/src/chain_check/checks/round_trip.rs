//! `round-trip` fails where a step fails, or the catalogs differ, from the last revision down as far as possible and up
//! again

use super::common::{broken, error, irreversible, passed, whole};
use crate::chain_check::check::{ChainCheck, Judging, PlannedSubject, Verdict, Walk};
use crate::chain_check::observations::WalkDirection;
use crate::chain_check::subject::Subject;
use crate::check::Outcome;
use crate::report::record::Evidence;

pub(super) const CHECK: ChainCheck =
    ChainCheck { name: "round-trip", walks: &[Walk::Up, Walk::Down, Walk::Trip], plan, judge };

fn plan(subject: &Subject) -> Vec<PlannedSubject> {
    if !subject.has_downs() {
        return Vec::new();
    }
    let mut planned = whole(subject, "the chain goes down and up again");
    let last = subject.chain.revisions.get(..subject.top()).and_then(<[_]>::last);
    planned.skip = last.and_then(irreversible).map(|reason| format!("the last revision is {reason}"));
    vec![planned]
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let (subject, seen) = (judging.subject, judging.seen);
    let stays =
        seen.trip.as_ref().and_then(|trip| trip.turn.checked_sub(1)).and_then(|n| subject.chain.revisions.get(n));
    let trip = match &seen.trip {
        Some(trip) => trip,
        None if seen.stopped.is_empty() => {
            return Err(error("nothing takes the last revision back: see down-exists"));
        }
        None => return Err(error(format!("not reached: {}", seen.stopped))),
    };
    let (turn, to) = match stays {
        None => (0, "the empty database".to_owned()),
        Some(revision) => (trip.turn, format!("revision {}", revision.id)),
    };
    let expected = format!("from the last revision down to {to} and up again, with the catalogs of the first way up");
    let evidence = Evidence { expected, ..Evidence::default() };
    // What single revisions leave behind is said of them.
    let guilty = subject.revisions().take(subject.top()).skip(turn).find(|(n, _)| {
        seen.rungs.get(*n).and_then(|rung| rung.down.as_ref().map(|down| (rung, down))).is_some_and(|(rung, down)| {
            down.after.as_ref() != Some(&rung.before) || down.up_after.as_ref() != Some(&rung.after)
        })
    });
    let below = seen.rungs.get(turn).map(|rung| &rung.before);
    let above = subject.top().checked_sub(1).and_then(|top| seen.rungs.get(top)).map(|rung| &rung.after);
    let good = trip.failed.is_none() && trip.below.as_ref() == below && trip.above.as_ref() == above;
    if good {
        let count = subject.top() - turn;
        return Ok(passed(format!("{count} revisions down to {to}, and up again"), evidence));
    }
    if let Some((_, revision)) = guilty {
        let id = &revision.id;
        return Err(error(format!(
            "not as it should be, as revision {id} alone is not: see up-down-up/{id} and no-trace/{id}"
        )));
    }
    if let Some((way, id, failed)) = &trip.failed {
        let what = match way {
            WalkDirection::Down => format!("on the way down, revision {id} cannot be downgraded"),
            WalkDirection::Up => format!("on the way up again, revision {id} does not apply"),
        };
        return Ok(broken(&what, failed, evidence));
    }
    let diff = |from: Option<&_>, to: Option<&_>| match (from, to) {
        (Some(from), Some(to)) if from != to => {
            let (from, to): (&std::sync::Arc<crate::catalog::fingerprint::Fingerprint>, &std::sync::Arc<_>) =
                (from, to);
            from.diff(to).to_string()
        }
        _ => String::new(),
    };
    let (low, high) = (diff(below, trip.below.as_ref()), diff(above, trip.above.as_ref()));
    let (verdict, got) = if low.is_empty() {
        ("the way up again makes another catalog".to_owned(), high)
    } else {
        (format!("taken down to {to}, the catalog is another than it was there"), low)
    };
    Ok(Outcome::failed(verdict, Evidence { got, ..evidence }).into())
}
