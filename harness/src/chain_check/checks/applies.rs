//! `applies`: from an empty database, each revision after the one before it.

use super::{Judging, broken, each, error, passed};
use crate::chain_check::{ChainCheck, Planned, Subject, Verdict, Walk};
use crate::report::record::Evidence;

pub(in crate::chain_check) const CHECK: ChainCheck = ChainCheck { name: "applies", walks: &[Walk::Up], plan, judge };

fn plan(subject: &Subject) -> Vec<Planned> {
    each(subject, |_| true, |revision| format!("revision {} applies from empty", revision.id))
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let (position, revision) = judging.revision()?;
    let rung = judging.seen.rung(position).map_err(error)?;
    let evidence = Evidence { expected: "it applies as the chain's owner".to_owned(), ..Evidence::default() };
    Ok(match &rung.up {
        Err(failed) => broken(&format!("revision {} does not apply", revision.id), failed, evidence),
        Ok(applied) => {
            let notes = applied.exempted.iter().map(|what| format!("done for the owner by the harness: {what}"));
            passed(format!("applied, {}", applied.mode), Evidence { notes: notes.collect(), ..evidence })
        }
    })
}
