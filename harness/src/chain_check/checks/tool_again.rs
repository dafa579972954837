//! `tool-again` fails where running the tool or a repeatable revision again changes a row version, a sequence or the
//! catalog

use super::common::{broken, each, error, passed, rewrote, whole};
use crate::chain_check::check::{ChainCheck, Judging, PlannedSubject, Verdict, Walk};
use crate::chain_check::subject::Subject;
use crate::check::Outcome;
use crate::report::record::Evidence;

pub(super) const CHECK: ChainCheck = ChainCheck { name: "tool-again", walks: &[Walk::Up, Walk::Again], plan, judge };

fn plan(subject: &Subject) -> Vec<PlannedSubject> {
    let title = "running the tool again changes nothing";
    if subject.keeps_account() {
        return vec![whole(subject, title)];
    }
    let layout = subject.chain.layout;
    let mut planned = each(
        subject,
        |revision| revision.repeats,
        |revision| format!("running revision {} again changes nothing", revision.id),
    );
    // Plain files have no tool.
    if !layout.bookkeeping.is_empty() {
        let reason =
            format!("not tested: the files of layout {} are run by the harness, and its tool never is", layout.name);
        planned.push(PlannedSubject { skip: Some(reason), ..whole(subject, title) });
    }
    planned
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let (what, repeat) = if judging.revision.is_empty() {
        let not_reached = || error(format!("not reached: {}", judging.seen.stopped));
        ("the tool".to_owned(), judging.seen.tool_again.as_ref().ok_or_else(not_reached)?)
    } else {
        let (revision, rung) = judging.rung()?;
        let repeat = rung.again.as_ref().ok_or_else(|| error("it was not run a second time"))?;
        (format!("revision {}", revision.id), repeat)
    };
    let mut evidence =
        Evidence { expected: "no row version and nothing in the catalog changes".to_owned(), ..Evidence::default() };
    if let Err(failed) = &repeat.tried {
        return Ok(broken(&format!("{what} fails when it is run again"), failed, evidence));
    }
    Ok(match rewrote(repeat, &mut evidence) {
        Some(wrote) => Outcome::failed(format!("running {what} again {wrote}"), evidence).into(),
        None => passed("nothing changed", evidence),
    })
}
