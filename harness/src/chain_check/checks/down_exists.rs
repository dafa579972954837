//! `down-exists` fails where nothing takes the revision back, though other revisions of the chain can be downgraded
//!
//! A chain without any is not tested downwards; that is said once.

use super::common::{each, irreversible, passed, whole};
use crate::chain_check::check::{ChainCheck, Judging, PlannedSubject, Verdict};
use crate::chain_check::subject::Subject;
use crate::check::Outcome;
use crate::report::record::Evidence;

pub(super) const CHECK: ChainCheck = ChainCheck { name: "down-exists", walks: &[], plan, judge };

fn plan(subject: &Subject) -> Vec<PlannedSubject> {
    if !subject.has_downs() {
        let mut planned = whole(subject, "the chain can be downgraded");
        planned.skip = Some("not tested: no revision of the chain can be downgraded".to_owned());
        return vec![planned];
    }
    let mut planned = each(subject, |_| true, |revision| format!("revision {} can be downgraded", revision.id));
    for one in &mut planned {
        let revision = one.revision.as_deref().and_then(|id| subject.revision(id));
        one.skip = revision.and_then(|(_, revision)| irreversible(revision));
    }
    planned
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let (_, revision) = judging.revision()?;
    let evidence =
        Evidence { expected: "a file, or a part of one, that takes it back".to_owned(), ..Evidence::default() };
    Ok(match (&revision.down, &revision.settings.catalog_neutral) {
        (Some(down), _) => passed(format!("downgraded by {}", down.path().display()), evidence),
        (None, Some(reason)) => passed(format!("there is nothing to take back: {}", reason.0), evidence),
        (None, None) => Outcome::failed(
            format!(
                "nothing takes revision {} back, as it is done with others of this chain: write it, or say in chain.toml why \
                 there is none, with `irreversible` or `catalog_neutral`",
                revision.id
            ),
            evidence,
        )
        .into(),
    })
}
