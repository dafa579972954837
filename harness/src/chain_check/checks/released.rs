//! `released` fails where a revision of the lock file was edited, removed or reordered, or a new one comes before it

use super::common::{error, passed, whole};
use crate::chain::lock::{ChainLock, Released};
use crate::chain_check::check::{ChainCheck, Judged, Judging, PlannedSubject, Verdict};
use crate::chain_check::subject::{Subject, down_line, first_line};
use crate::check::Outcome;
use crate::report::record::Evidence;
use crate::suite::resolved::Location;

pub(super) const CHECK: ChainCheck = ChainCheck { name: "released", walks: &[], plan, judge };

fn plan(subject: &Subject) -> Vec<PlannedSubject> {
    let Some(lock) = &subject.lock else {
        let mut planned = whole(subject, "released revisions are as they were");
        planned.skip = subject.not_locked_yet();
        return vec![planned];
    };
    let listed = lock.revisions.iter().map(|released| PlannedSubject {
        revision: Some(released.id.clone()),
        title: format!("revision {} is as it was released", released.id),
        at: subject
            .revision(&released.id)
            .map_or_else(|| Location::of_file(&subject.lock_path()), |(_, revision)| first_line(revision)),
        skip: None,
    });
    let early = subject.revisions().filter(|(position, revision)| is_early(subject, lock, *position, &revision.id));
    let early = early.map(|(_, revision)| PlannedSubject {
        revision: Some(revision.id.clone()),
        title: format!("revision {} comes after those that were released", revision.id),
        at: first_line(revision),
        skip: None,
    });
    let files = lock.files.keys().map(|name| PlannedSubject {
        revision: Some(name.clone()),
        title: format!("{name} is as it was released"),
        at: Location::of_file(&subject.chain.dir.join(name)),
        skip: None,
    });
    listed.chain(early).chain(files).collect()
}

/// Whether a revision that is not released stands before one that is.
fn is_early(subject: &Subject, lock: &ChainLock, position: usize, id: &str) -> bool {
    let released = |id: &str| lock.revisions.iter().any(|released| released.id == id);
    !released(id) && subject.revisions().skip(position + 1).any(|(_, later)| released(&later.id))
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let (subject, id) = (judging.subject, judging.revision);
    let lock = subject.lock.as_ref().ok_or_else(|| error(subject.lock_is_missing()))?;
    let path = subject.lock_path();
    let evidence = Evidence { expected: format!("as {} has it", path.display()), ..Evidence::default() };
    let failed = |verdict: String, at| Judged { outcome: Outcome::failed(verdict, evidence.clone()), at };
    if let Some(digest) = lock.files.get(id) {
        let now = subject.chain.project.as_ref().and_then(|project| project.code.get(id));
        let what = match now {
            Some(now) if now == digest => return Ok(passed("as it was released", evidence)),
            Some(_) => "was edited",
            None => "is gone",
        };
        let verdict = format!(
            "{id} {what} after revisions were released that run it: where they are applied they did something else; take that \
             back, or release it with `rlsgate chain --update`"
        );
        return Ok(failed(verdict, None));
    }
    let Some((place, released)) = lock.revisions.iter().enumerate().find(|(_, released)| released.id == id) else {
        let (position, revision) = judging.revision()?;
        let later = subject
            .revisions()
            .skip(position + 1)
            .find(|(_, later)| lock.revisions.iter().any(|one| one.id == later.id));
        let later = later.map_or("", |(_, later)| later.id.as_str());
        let verdict = format!(
            "revision {id} was added before {later}, which is released: where that is applied, this one never runs; give it a \
             later place"
        );
        return Ok(failed(verdict, Some(first_line(revision))));
    };
    let Some((position, revision)) = subject.revision(id) else {
        let verdict = format!("revision {id} was released and is not in the chain any more: put it back");
        return Ok(failed(verdict, None));
    };
    let before = lock
        .revisions
        .iter()
        .take(place)
        .find(|earlier| subject.revision(&earlier.id).is_some_and(|(earlier, _)| earlier > position));
    if let Some(earlier) = before {
        let verdict = format!("revision {id} was released after {}, and now comes before it", earlier.id);
        return Ok(failed(verdict, Some(first_line(revision))));
    }
    let now = Released::of(revision);
    if now.up != released.up {
        let file = revision.up.path().display();
        let verdict =
            format!("{file} was edited after it was released: take the edit back, and write a further revision");
        return Ok(failed(verdict, Some(first_line(revision))));
    }
    if now.down != released.down {
        let what = match (&released.down, &now.down) {
            (Some(_), None) => "is gone",
            (None, Some(_)) => "was added",
            _ => "was edited",
        };
        let verdict = format!("what takes revision {id} back {what} after it was released");
        return Ok(failed(verdict, Some(down_line(revision))));
    }
    Ok(passed("as it was released", evidence))
}
