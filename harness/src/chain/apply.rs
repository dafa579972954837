//! From an empty database to a revision: prelude, owner, guard, revisions, guard again.

use super::Chain;
pub use super::applied::AppliedRevision;
use super::connect::Connect;
use super::ladder::Ladder;
use crate::Error;

/// A chain that was applied.
#[derive(Debug)]
pub struct Applied {
    /// What ran, in order.
    pub revisions: Vec<AppliedRevision>,
}

/// Builds the schema of `chain` in the empty database `database`, up to and with the revision `to`, or whole.
///
/// # Errors
/// [`Error::Usage`] if there is no revision `to`; [`Error::Environment`] if a prelude or a revision fails, with the statement
/// and the server's message, or if the chain made somebody a superuser.
pub async fn apply(chain: &Chain, server: &dyn Connect, database: &str, to: Option<&str>) -> Result<Applied, Error> {
    let goal = to.map_or(Ok(chain.revisions.len()), |to| chain.count_to(to))?;
    let mut ladder = Ladder::stand(chain, server, database).await?.towards(goal);
    let mut revisions = Vec::with_capacity(goal);
    while ladder.at() < goal {
        revisions.push(ladder.up(None).await?);
    }
    ladder.finish().await?;
    Ok(Applied { revisions })
}
