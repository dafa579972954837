//! `upgrade-with-data` fails where the revision does not apply over rows

use super::common::{broken, each, error, passed, whole};
use crate::chain_check::check::{ChainCheck, Judging, PlannedSubject, Verdict, Walk};
use crate::chain_check::subject::Subject;
use crate::report::record::Evidence;

pub(super) const CHECK: ChainCheck = ChainCheck { name: "upgrade-with-data", walks: &[Walk::Rows], plan, judge };

fn plan(subject: &Subject) -> Vec<PlannedSubject> {
    if subject.seeds.is_empty() {
        let mut planned = whole(subject, "revisions apply over rows");
        planned.skip =
            Some("not tested: chain.toml names no rows to be there before a revision (`seed_at`)".to_owned());
        return vec![planned];
    }
    let after_a_seed = |revision: &crate::chain::Revision| {
        subject.revision(&revision.id).is_some_and(|(position, _)| subject.seeded_before(position))
    };
    each(subject, after_a_seed, |revision| format!("revision {} applies over rows", revision.id))
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let (position, revision) = judging.revision()?;
    let over = judging.seen.over_rows(position).map_err(error)?;
    let evidence = Evidence { expected: "it applies where rows are".to_owned(), ..Evidence::default() };
    if over.held.is_empty() {
        return Err(error("no table held a row before it: the seed puts nothing in"));
    }
    Ok(match &over.up {
        Ok(_) => {
            let tables: Vec<String> = over.held.iter().map(ToString::to_string).collect();
            passed("applied", Evidence { witness: format!("rows were in {}", tables.join(", ")), ..evidence })
        }
        // A revision that does not apply at all is `applies`' to say.
        Err(_) if judging.seen.rungs.get(position).is_some_and(|rung| rung.up.is_err()) => {
            return Err(error(format!("it does not apply on an empty database either: see applies/{}", revision.id)));
        }
        Err(failed) => broken(&format!("revision {} does not apply over rows", revision.id), failed, evidence),
    })
}
