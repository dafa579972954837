//! `applies` fails never: a revision that does not apply is an error, since nothing after it could be tested

use super::common::{broken, each, error, passed};
use crate::chain_check::check::{ChainCheck, Judging, PlannedSubject, Verdict, Walk};
use crate::chain_check::subject::Subject;
use crate::report::record::{Evidence, Status};
use crate::text::ends;

pub(super) const CHECK: ChainCheck = ChainCheck { name: "applies", walks: &[Walk::Up], plan, judge };

/// Bytes of what a program printed that are kept as evidence.
const OUTPUT_LIMIT: usize = 8 << 10;

fn plan(subject: &Subject) -> Vec<PlannedSubject> {
    each(subject, |_| true, |revision| format!("revision {} applies from empty", revision.id))
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let (position, revision) = judging.revision()?;
    let rung = judging.seen.rung(position).map_err(error)?;
    let evidence = Evidence { expected: "it applies as the chain's owner".to_owned(), ..Evidence::default() };
    Ok(match &rung.up {
        Err(failed) => {
            let mut judged = broken(&format!("revision {} does not apply", revision.id), failed, evidence);
            judged.outcome.status = Status::Error;
            judged
        }
        Ok(applied) => {
            let notes = applied.exempted.iter().map(|what| format!("done for the owner by the harness: {what}"));
            let output = Some(applied.output.trim()).filter(|output| !output.is_empty());
            let printed = output.map(|output| format!("it printed:\n{}", ends(output, OUTPUT_LIMIT)));
            let notes = notes.chain(printed).collect();
            passed(format!("applied, {}", applied.mode), Evidence { notes, ..evidence })
        }
    })
}
