//! What of a suite a live database is not held to, by kind: listed in every report, and never passed.

use crate::suite::Suite;
use crate::suite::resolved::State;

/// One sentence for each kind, in the order of the suite; never empty, since no chain fingerprint is compared yet.
pub(super) fn of(suite: &Suite) -> String {
    let kinds = [
        (suite.contract.len(), "relation", "of the contract and their broken contexts (actors are not become here)"),
        (suite.execute.len(), "function", "of the contract (functions are not called here)"),
        (suite.cases.len(), "case", "(actors are not become here)"),
        (suite.fidelity.len(), "fidelity block", "(not compared by this version)"),
    ];
    let counted = kinds.into_iter().filter(|(count, ..)| *count > 0).map(|(count, what, why)| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {what}{plural} {why}")
    });
    let mut all: Vec<String> = counted.collect();
    if suite.mutation_minimum.is_some() {
        all.push("mutation (nothing is changed here)".to_owned());
    }
    all.push("the chain's fingerprint (not compared by this version)".to_owned());
    if suite.state != State::Head {
        all.push("whether the chain stands where `state` says".to_owned());
    }
    all.join("; ")
}
