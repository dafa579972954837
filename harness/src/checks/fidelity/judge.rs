//! What the checks of a data migration share: evidence, and a result held against that of one clean run.

use crate::Error;
use crate::catalog::QName;
use crate::check::Outcome;
use crate::fidelity::Block;
use crate::fidelity::block::Wanted;
use crate::fidelity::fixture::{Sandbox, error_text};
use crate::report::record::Evidence;

/// Something that could not be tried.
pub(crate) fn untried(why: impl Into<String>) -> Outcome {
    Outcome::error(why, Evidence::default())
}

/// The outcome, or why there is none.
pub(crate) fn or_untried(outcome: Result<Outcome, Error>) -> Outcome {
    outcome.unwrap_or_else(|error| untried(error_text(error)))
}

/// What went wrong, as far as a report may hold it: what follows the first line is a program's output.
pub(crate) fn shown(block: &Block, error: Error) -> String {
    let error_text = error_text(error);
    if block.values { error_text } else { error_text.lines().next().unwrap_or_default().to_owned() }
}

/// What one clean run comes to, and the tables that it writes; or why there is no such run.
pub(crate) async fn clean_run(block: &Block) -> Result<(&Wanted, Vec<QName>), String> {
    Ok((block.wanted().await?, block.written_tables().await?))
}

/// Evidence of a behaviour: what was done, and what had to come.
pub(crate) fn evidence(did: &str, expected: impl Into<String>) -> Evidence {
    Evidence { sql: vec![did.to_owned()], expected: expected.into(), ..Evidence::default() }
}

/// Whether what stands in `sandbox` is what one clean run comes to. `did` is what was done there, in words.
pub(crate) async fn same_as_once(
    block: &Block,
    wanted: &Wanted,
    sandbox: &Sandbox<'_>,
    did: &str,
) -> Result<Outcome, Error> {
    sandbox.catch_up().await?;
    let got = block.came_to(sandbox).await?;
    let differences = wanted.differences(&got);
    let mut evidence = evidence(did, format!("what one clean run comes to: {} rows on the target", wanted.target.rows));
    evidence.witness = format!("the clean run left {} rows on the target", wanted.target.rows);
    if wanted.target.rows == 0 {
        return Ok(Outcome::error("a clean run leaves no row on the target: it proves nothing", evidence));
    }
    if differences.is_empty() {
        "the same".clone_into(&mut evidence.got);
        return Ok(Outcome::passed("the result is that of one clean run", evidence));
    }
    evidence.got = differences.join("; ");
    Ok(Outcome::failed(format!("the result is not that of one clean run: {}", evidence.got), evidence))
}
