//! `single-head` fails where `alembic heads` names several revisions

use super::common::{passed, whole};
use crate::chain_check::check::{ChainCheck, Judged, Judging, PlannedSubject, Verdict};
use crate::chain_check::subject::Subject;
use crate::check::Outcome;
use crate::report::record::Evidence;
use crate::suite::resolved::Location;

pub(super) const CHECK: ChainCheck = ChainCheck { name: "single-head", walks: &[], plan, judge };

fn plan(subject: &Subject) -> Vec<PlannedSubject> {
    // Where order comes from names, there is one last name.
    if subject.keeps_account() { vec![whole(subject, "the chain ends in one revision")] } else { Vec::new() }
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let heads = &judging.subject.chain.heads;
    let named: Vec<String> = heads.iter().map(|head| format!("{} ({})", head.id, head.path.display())).collect();
    let evidence = Evidence { expected: "one head".to_owned(), got: named.join("\n"), ..Evidence::default() };
    Ok(match heads.as_slice() {
        [one] => passed(format!("it ends in {}", one.id), evidence),
        several => {
            let at = several.last().map(|head| Location::of_file(&head.path));
            let verdict = format!("the chain ends in {} revisions: {}; merge them", several.len(), named.join(", "));
            Judged { outcome: Outcome::failed(verdict, evidence), at }
        }
    })
}
