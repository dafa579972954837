//! What of a suite a live database is not held to, by kind: listed in every report, and never passed.

use super::drift;
use crate::chain_check::Subject;
use crate::suite::Suite;
use crate::suite::resolved::State;
use crate::suite::resolved_fidelity::{Behaviour, Fidelity};

/// One sentence for each kind, in the order of the suite.
pub(super) fn of(suite: &Suite, subject: &Subject, major: u32) -> String {
    let (now, past): (Vec<&Fidelity>, Vec<&Fidelity>) = suite.fidelity.iter().partition(|block| block.is_live());
    let runs = now.iter().filter(|block| asks_for_a_run(block)).count();
    let kinds = [
        (
            suite.contract.len(),
            "relation",
            "of the contract and their broken contexts (actors are not impersonated here)",
        ),
        (suite.execute.len(), "function", "of the contract (functions are not called here)"),
        (suite.cases.len(), "case", "(actors are not impersonated here)"),
        (past.len(), "fidelity block", "with a side as it was before the revision"),
        (runs, "fidelity block", "in what a run of the revision shows: untouched, output, visibility, behaviour"),
    ];
    let counted = kinds.into_iter().filter(|(count, ..)| *count > 0).map(|(count, what, why)| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {what}{plural} {why}")
    });
    let mut all: Vec<String> = counted.collect();
    if suite.mutation_minimum.is_some() {
        all.push("mutation (nothing is changed here)".to_owned());
    }
    all.extend(drift::left_out(suite, subject, major).map(|why| format!("the chain's fingerprint ({why})")));
    all.push("how the chain is applied and downgraded".to_owned());
    if suite.state != State::Head {
        all.push("whether the chain stands where `state` says".to_owned());
    }
    all.join("; ")
}

fn asks_for_a_run(block: &Fidelity) -> bool {
    let Behaviour { rerun, copies, kill_after_rows, kill_random, writers, rollback } = &block.behaviour;
    let behaves = *rerun != Some(false) || !copies.is_empty() || !kill_after_rows.is_empty() || *kill_random > 0;
    behaves
        || writers.is_some()
        || rollback.is_some()
        || !block.untouched.is_empty()
        || !block.output.is_empty()
        || block.visibility.is_some()
}
