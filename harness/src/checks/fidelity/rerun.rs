//! The revision run again: no row version changes, and nothing in the catalogs.

use std::sync::Arc;

use crate::Error;
use crate::catalog::fingerprint;
use crate::check::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::fidelity::judge::{evidence, or_untried, shown};
use crate::fidelity::fixture::close;
use crate::fidelity::{Block, rows};
use crate::session::Worker;

/// Runs the revision twice.
#[derive(Debug)]
pub(super) struct Rerun(pub Arc<Block>);

impl Task for Rerun {
    fn run<'a>(&'a self, _: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move { vec![or_untried(self.outcome().await)] })
    }
}

impl Rerun {
    async fn outcome(&self) -> Result<Outcome, Error> {
        let sandbox = self.0.fixture.sandbox().await?;
        let mut ladder = sandbox.ladder().await?;
        ladder.up(None).await?;
        sandbox.catch_up().await?;
        let mut evidence =
            evidence("the revision, run a second time", "no row version and nothing in the catalogs changes");
        let (mut conn, mut catalogs) = (sandbox.witness().await?, sandbox.superuser().await?);
        let tables = sandbox.tables(&mut conn).await?;
        let (versions, facts) = (rows::versions(&mut conn, &tables).await?, fingerprint::read(&mut catalogs).await?);
        let again = ladder.again().await;
        let finished = ladder.finish().await;
        if let Err(error) = again {
            close(conn).await;
            close(catalogs).await;
            sandbox.leave().await?;
            evidence.got = shown(&self.0, error);
            return Ok(Outcome::failed("the revision cannot be run a second time", evidence));
        }
        finished?;
        let tables = sandbox.tables(&mut conn).await?;
        let after = rows::versions(&mut conn, &tables).await?;
        let diff = facts.diff(&fingerprint::read(&mut catalogs).await?);
        close(conn).await;
        close(catalogs).await;
        sandbox.leave().await?;
        let written: Vec<String> = after
            .iter()
            .filter(|(table, digest)| versions.get(table) != Some(digest))
            .map(|(t, _)| t.to_string())
            .collect();
        let there: u64 = versions.values().map(|digest| digest.rows).sum();
        evidence.witness = format!("{there} rows in {} tables after the first run", versions.len());
        evidence.notes.extend(diff.changes().map(|(object, property, _)| format!("changed: {object}, {property}")));
        if there == 0 {
            return Ok(Outcome::error("no row is there after the first run: it proves nothing", evidence));
        }
        if written.is_empty() && diff.is_empty() {
            "nothing changed".clone_into(&mut evidence.got);
            return Ok(Outcome::passed("run again, it changes nothing", evidence));
        }
        let mut what = Vec::new();
        if !written.is_empty() {
            what.push(format!("rows of {}", written.join(", ")));
        }
        if !diff.is_empty() {
            what.push(format!("{} facts of the catalogs", diff.len()));
        }
        evidence.got = what.join(" and ");
        Ok(Outcome::failed(format!("run again, it writes {}", evidence.got), evidence))
    }
}
