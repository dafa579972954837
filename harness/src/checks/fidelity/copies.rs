//! Several copies of the revision at once: the result of one, without an error or a deadlock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;

use crate::Error;
use crate::check::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::fidelity::judge::{clean_run, evidence, or_untried, same_as_once, shown, untried};
use crate::fidelity::Block;
use crate::fidelity::write_barrier::Gate;
use crate::session::Worker;

/// Runs the revision that many times at once.
#[derive(Debug)]
pub(super) struct ConcurrentCopies {
    /// The block.
    pub block: Arc<Block>,
    /// How many.
    pub number: u32,
}

impl Task for ConcurrentCopies {
    fn run<'a>(&'a self, _: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            vec![match clean_run(&self.block).await {
                Ok((wanted, written)) => or_untried(self.outcome(wanted, &written).await),
                Err(why) => untried(why),
            }]
        })
    }
}

impl ConcurrentCopies {
    async fn outcome(
        &self,
        wanted: &crate::fidelity::block::Wanted,
        written: &[crate::catalog::QName],
    ) -> Result<Outcome, Error> {
        let did = format!("{} copies of the revision at once", self.number);
        let sandbox = self.block.fixture.sandbox().await?;
        let mut conn = sandbox.witness().await?;
        self.block.keep(&mut conn).await?;
        // What a run writes into tables of its own making cannot be closed before.
        let there = sandbox.tables(&mut conn).await?;
        crate::fidelity::fixture::close(conn).await;
        let closed: Vec<_> = written.iter().filter(|table| there.contains(table)).cloned().collect();
        let gate = Gate::close(&sandbox, &closed).await?;
        let (number, ended) = (usize::try_from(self.number).unwrap_or(usize::MAX), AtomicUsize::new(0));
        let one = || async {
            let ran = async {
                let mut ladder = sandbox.ladder().await?;
                ladder.up(None).await?;
                ladder.finish().await
            };
            let ran = ran.await;
            ended.fetch_add(1, Ordering::Relaxed);
            ran
        };
        let copies = join_all((0..number).map(|_| one()));
        let opened = gate.open_when(number, || true, || ended.load(Ordering::Relaxed) >= number);
        let (ran, opened) = futures_util::future::join(copies, opened).await;
        opened?;
        let failed: Vec<String> =
            ran.into_iter().filter_map(Result::err).map(|error| shown(&self.block, error)).collect();
        let outcome = if let Some(first) = failed.first() {
            let mut evidence = evidence(&did, "no error and no deadlock");
            evidence.got = first.clone();
            Ok(Outcome::failed(format!("{} of {number} copies at once failed", failed.len()), evidence))
        } else {
            same_as_once(&self.block, wanted, &sandbox, &did).await
        };
        sandbox.leave().await?;
        outcome
    }
}
