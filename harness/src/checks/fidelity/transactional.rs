//! A revision that says it is `transactional`: killed when it writes its last row, it leaves nothing. Whatever it committed
//! on the way would be there.

use std::sync::Arc;

use crate::Error;
use crate::catalog::QName;
use crate::check::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::fidelity::judge::{evidence, or_untried, shown, untried};
use crate::checks::fidelity::kill::{counted, one_run, trap};
use crate::fidelity::fixture::{close, run};
use crate::fidelity::{Block, contents};
use crate::session::Worker;

/// Kills the revision at its last row.
#[derive(Debug)]
pub(super) struct Transactional(pub Arc<Block>);

impl Task for Transactional {
    fn run<'a>(&'a self, _: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            match self.0.written().await {
                Ok(written) => vec![or_untried(self.outcome(written.into_iter().collect()).await)],
                Err(why) => vec![untried(why)],
            }
        })
    }
}

impl Transactional {
    async fn outcome(&self, written: Vec<(QName, u64)>) -> Result<Outcome, Error> {
        let sandbox = self.0.fixture.sandbox().await?;
        let mut conn = sandbox.witness().await?;
        self.0.keep(&mut conn).await?;
        let tables = sandbox.tables(&mut conn).await?;
        let there: Vec<&(QName, u64)> = written.iter().filter(|(table, _)| tables.contains(table)).collect();
        let last: u64 = there.iter().map(|(_, rows)| rows).sum();
        let did = format!("the revision, its session ended at row {last}, the last that it writes");
        let mut evidence = evidence(&did, "the rows of before");
        if last < 2 {
            let why =
                "the revision writes fewer than two rows of tables that were there before: there is no half of it";
            return Ok(Outcome::error(why, evidence));
        }
        let targets: Vec<&QName> = there.iter().map(|(table, _)| table).collect();
        run(&mut conn, &trap(last, &targets)).await?;
        let before = contents::read(&mut conn, &tables).await?;
        let ran = one_run(&sandbox).await;
        let counted = counted(&mut conn).await?;
        let mut tables = sandbox.tables(&mut conn).await?;
        tables.retain(|table| before.contains_key(table));
        let left = contents::differences(&before, &contents::read(&mut conn, &tables).await?);
        close(conn).await;
        sandbox.leave().await?;
        evidence.witness = format!("{counted} rows were written");
        if counted < last {
            let why = ran.err().map_or_else(String::new, |error| format!(": {}", shown(&self.0, error)));
            return Ok(Outcome::error(format!("it wrote {counted} rows, and was not stopped{why}"), evidence));
        }
        if left.is_empty() {
            "the same".clone_into(&mut evidence.got);
            return Ok(Outcome::passed("stopped at its last row, it left nothing", evidence));
        }
        evidence.got = left.join("; ");
        Ok(Outcome::failed(format!("stopped at its last row, it left {}", evidence.got), evidence))
    }
}
