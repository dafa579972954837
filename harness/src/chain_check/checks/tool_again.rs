//! `tool-again`: the project's own tool, run once more at the last revision, changes nothing.

use super::{Judging, broken, error, passed, rewrote, whole};
use crate::chain_check::{ChainCheck, Planned, Subject, Verdict, Walk};
use crate::check::Outcome;
use crate::report::record::Evidence;

pub(in crate::chain_check) const CHECK: ChainCheck =
    ChainCheck { name: "tool-again", walks: &[Walk::Up, Walk::Again], plan, judge };

fn plan(subject: &Subject) -> Vec<Planned> {
    // Where the harness applies the files itself, there is no account to be held to.
    if subject.keeps_account() { vec![whole(subject, "running the tool again changes nothing")] } else { Vec::new() }
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let not_reached = || error(format!("not reached: {}", judging.seen.stopped));
    let repeat = judging.seen.tool_again.as_ref().ok_or_else(not_reached)?;
    let mut evidence =
        Evidence { expected: "no row version and nothing in the catalog changes".to_owned(), ..Evidence::default() };
    if let Err(failed) = &repeat.tried {
        return Ok(broken("the tool fails when it is run again", failed, evidence));
    }
    Ok(match rewrote(repeat, &mut evidence) {
        Some(what) => Outcome::failed(format!("running the tool again {what}"), evidence).into(),
        None => passed("nothing changed", evidence),
    })
}
