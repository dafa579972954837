//! The revision killed on its way and run again: the result of one clean run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgConnection;

use crate::Error;
use crate::catalog::QName;
use crate::check::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::fidelity::judge::{clean_run, evidence, or_untried, same_as_once, shown, untried};
use crate::fidelity::Block;
use crate::fidelity::block::Wanted;
use crate::fidelity::compare::json;
use crate::fidelity::fixture::{Sandbox, close, refused, run};
use crate::fidelity::scratch::SCHEMA;
use crate::session::Worker;
use crate::sql::quote::literal;

/// How often a moment may be missed before the revision counts as too fast to be killed.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(1);

/// Kills the revision when it writes its row number `after`, counted over all tables that it writes.
#[derive(Debug)]
pub(super) struct AfterRows {
    /// The block.
    pub block: Arc<Block>,
    /// The row, from 1.
    pub after: u64,
}

impl Task for AfterRows {
    fn run<'a>(&'a self, _: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            vec![match clean_run(&self.block).await {
                Ok((wanted, written)) => or_untried(self.outcome(wanted, &written).await),
                Err(why) => untried(why),
            }]
        })
    }
}

impl AfterRows {
    async fn outcome(&self, wanted: &Wanted, written: &[QName]) -> Result<Outcome, Error> {
        let k = self.after;
        let did = format!("the revision, its session ended at row {k}; then the revision again");
        let sandbox = self.block.fixture.sandbox().await?;
        let mut conn = sandbox.witness().await?;
        self.block.keep(&mut conn).await?;
        let there = sandbox.tables(&mut conn).await?;
        let targets: Vec<&QName> = written.iter().filter(|table| there.contains(table)).collect();
        if targets.is_empty() {
            let why =
                "the revision writes no row of a table that was there before: there is nowhere to stop it by rows";
            return Ok(Outcome::error(why, evidence(&did, "")));
        }
        run(&mut conn, &trap(k, &targets)).await?;
        let first = one_run(&sandbox).await;
        let counted = counted(&mut conn).await?;
        close(conn).await;
        if counted < k {
            let got = first.err().map_or_else(String::new, |error| format!(": {}", shown(&self.block, error)));
            let why = format!("the revision wrote {counted} rows, so that it was not stopped at row {k}{got}");
            sandbox.leave().await?;
            return Ok(Outcome::error(why, evidence(&did, "")));
        }
        let outcome = again(&self.block, wanted, &sandbox, &did).await;
        sandbox.leave().await?;
        outcome
    }
}

/// How many rows were written since the trap is there.
pub(crate) async fn counted(conn: &mut PgConnection) -> Result<u64, Error> {
    json(conn, &format!("SELECT (last_value - 1)::text FROM {SCHEMA}.killed")).await
}

/// A trigger on every target that ends its session at row `k`, once: the sequence survives the rollback, so that the next run
/// counts on from there. It runs as whoever writes, who may end a session of its own.
pub(crate) fn trap(k: u64, targets: &[&QName]) -> String {
    let triggers = targets.iter().map(|table| {
        format!(
            "CREATE TRIGGER zz_rlsgate_kill AFTER INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.kill()",
            table.sql()
        )
    });
    let body = format!(
        "BEGIN IF pg_catalog.nextval('{SCHEMA}.killed') = {k} + 1 THEN \
         PERFORM pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid()); END IF; RETURN NULL; END"
    );
    format!(
        "CREATE SEQUENCE {SCHEMA}.killed; SELECT pg_catalog.nextval('{SCHEMA}.killed'); \
         CREATE FUNCTION {SCHEMA}.kill() RETURNS trigger LANGUAGE plpgsql AS {}; \
         GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC; GRANT USAGE ON SEQUENCE {SCHEMA}.killed TO PUBLIC; {}",
        literal(&body),
        triggers.collect::<Vec<_>>().join("; ")
    )
}

pub(crate) async fn one_run(sandbox: &Sandbox<'_>) -> Result<(), Error> {
    let mut ladder = sandbox.ladder().await?;
    ladder.up(None).await?;
    ladder.finish().await
}

async fn again(block: &Block, wanted: &Wanted, sandbox: &Sandbox<'_>, did: &str) -> Result<Outcome, Error> {
    match one_run(sandbox).await {
        Ok(()) => same_as_once(block, wanted, sandbox, did).await,
        Err(error) => {
            let mut evidence = evidence(did, "what one clean run comes to");
            evidence.got = shown(block, error);
            Ok(Outcome::failed("after it was killed, the revision cannot be run again", evidence))
        }
    }
}

/// Kills the revision at that many moments of its run, each in a clone of its own.
#[derive(Debug)]
pub(super) struct AtRandom {
    /// The block.
    pub block: Arc<Block>,
    /// How many moments.
    pub moments: u32,
    /// The check's id, which the moments follow from.
    pub id: String,
}

impl Task for AtRandom {
    fn run<'a>(&'a self, _: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let (wanted, elapsed) = match (self.block.wanted().await, self.block.clean().await) {
                (Ok(wanted), Ok((clean, _))) => (wanted, clean.elapsed),
                (Err(why), _) | (_, Err(why)) => return vec![untried(why)],
            };
            vec![or_untried(self.outcome(wanted, elapsed).await)]
        })
    }
}

impl AtRandom {
    async fn outcome(&self, wanted: &Wanted, elapsed: Duration) -> Result<Outcome, Error> {
        let seed = seed(&self.id);
        let did = format!(
            "the revision, its session ended at {} random moments (seed {seed:#018x}); after each the revision again",
            self.moments
        );
        let mut random = seed;
        let (mut killed, mut tries) = (0, 0);
        let mut last = None;
        while killed < self.moments {
            if tries == self.moments.saturating_mul(TRIES) {
                let why = format!("the revision ended before it could be killed, {tries} times: it is too fast");
                return Ok(Outcome::error(why, evidence(&did, "")));
            }
            tries += 1;
            let sandbox = self.block.fixture.sandbox().await?;
            let mut conn = sandbox.witness().await?;
            self.block.keep(&mut conn).await?;
            close(conn).await;
            if kill_at(&sandbox, elapsed.mul_f64(fraction(&mut random))).await? {
                killed += 1;
                let outcome = again(&self.block, wanted, &sandbox, &did).await?;
                if outcome.status != crate::report::record::Status::Passed {
                    sandbox.leave().await?;
                    return Ok(outcome);
                }
                last = Some(outcome);
            }
            sandbox.leave().await?;
        }
        Ok(last.unwrap_or_else(|| untried("no moment was asked for")))
    }
}

/// Runs the revision, and ends its session after `delay`: whether that was in time.
async fn kill_at(sandbox: &Sandbox<'_>, delay: Duration) -> Result<bool, Error> {
    let mut session = sandbox.superuser().await?;
    let over = AtomicBool::new(false);
    let running = async {
        let ran = one_run(sandbox).await;
        over.store(true, Ordering::Relaxed);
        ran
    };
    let killing = async {
        tokio::time::sleep(delay).await;
        // The program may not have come so far as to connect.
        while !over.load(Ordering::Relaxed) {
            let ended: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND usename = $1) ended",
            )
            .bind(sandbox.owner())
            .fetch_one(&mut session)
            .await
            .map_err(|error| refused(&error))?;
            if ended > 0 {
                return Ok(true);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok::<_, Error>(false)
    };
    let (ran, killed) = futures_util::future::join(running, killing).await;
    close(session).await;
    // A run that succeeded all the same was ended after its work, or began anew by itself.
    Ok(killed? && ran.is_err())
}

/// Follows from the id alone, so that a run can be repeated.
fn seed(id: &str) -> u64 {
    Sha256::digest(id.as_bytes()).iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}

/// The next number between 0 and 1 (SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
#[expect(clippy::cast_precision_loss, reason = "53 bits are what a double holds")]
fn fraction(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}
