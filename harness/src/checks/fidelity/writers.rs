//! Writers of the version before, at work while the revision runs: what they wrote is on the target too, or the suite says
//! why it may be lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use sqlx::{AssertSqlSafe, Executor as _};

use crate::Error;
use crate::catalog::QName;
use crate::chain::Script;
use crate::check::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::fidelity::judge::{evidence, or_untried, shown, untried};
use crate::fidelity::compare::compare;
use crate::fidelity::digest::digests;
use crate::fidelity::fixture::{Sandbox, close, driver_error_text};
use crate::fidelity::mapping::Mapping;
use crate::fidelity::write_barrier::Gate;
use crate::fidelity::{Block, Verdicts, touched, verdict};
use crate::report::record::Status;
use crate::session::Worker;
use crate::sql::split::Statement;
use crate::suite::resolved_fidelity::Writers as Spec;

/// How long the writers may take to their first round.
const WARM: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(2);

/// Runs the revision while old-version writers write.
#[derive(Debug)]
pub(super) struct ConcurrentWriters {
    /// The block.
    pub block: Arc<Block>,
    /// Who writes what.
    pub spec: Spec,
}

impl Task for ConcurrentWriters {
    fn run<'a>(&'a self, _: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            match self.block.written_tables().await {
                Ok(written) => vec![or_untried(self.outcome(&written).await)],
                Err(why) => vec![untried(why)],
            }
        })
    }
}

/// What the writers came to.
struct WriterRun {
    revision: Result<(), Error>,
    failure: Option<String>,
    meanwhile: u64,
}

impl ConcurrentWriters {
    async fn outcome(&self, written: &[QName]) -> Result<Outcome, Error> {
        let script = Script::read(&self.spec.sql)?;
        let did = format!("the revision, while {} sessions run {}", self.spec.sessions, script.path.display());
        let sandbox = self.block.fixture.sandbox().await?;
        let mut conn = sandbox.witness().await?;
        self.block.keep(&mut conn).await?;
        touched::begin(&mut conn, &self.block.as_written()).await?;
        let there = sandbox.tables(&mut conn).await?;
        let closed: Vec<QName> = written.iter().filter(|table| there.contains(table)).cloned().collect();
        let ran = self.race(&sandbox, &script, &closed).await?;
        let mut evidence = evidence(&did, "every row on the target, whoever wrote it");
        let outcome = match ran {
            WriterRun { revision: Err(error), .. } => {
                evidence.got = shown(&self.block, error);
                Outcome::failed("the revision fails while the version before writes", evidence)
            }
            WriterRun { failure: Some(failure), .. } => {
                evidence.got = failure;
                Outcome::failed("a writer of the version before fails while the revision runs", evidence)
            }
            WriterRun { meanwhile: 0, .. } => {
                Outcome::error("no writer wrote while the revision ran: it is too fast", evidence)
            }
            WriterRun { .. } => {
                sandbox.catch_up().await?;
                self.judge(&mut conn, &did).await?
            }
        };
        close(conn).await;
        sandbox.leave().await?;
        Ok(outcome)
    }

    async fn race(&self, sandbox: &Sandbox<'_>, script: &Script, closed: &[QName]) -> Result<WriterRun, Error> {
        let mut sessions = Vec::new();
        for _ in 0..self.spec.sessions {
            sessions.push(sandbox.witness().await?);
        }
        let gate = Gate::close(sandbox, closed).await?;
        let noting = touched::noting(&self.block.as_written());
        let (rounds, stop, over) = (AtomicU64::new(0), AtomicBool::new(false), AtomicBool::new(false));
        let enough = u64::from(self.spec.sessions);
        let writers = join_all(sessions.into_iter().map(|mut session| {
            let (rounds, stop, noting) = (&rounds, &stop, &noting);
            async move {
                while !stop.load(Ordering::Relaxed) {
                    for statement in &script.statements {
                        let sql = AssertSqlSafe(with_note(script, statement, noting));
                        if let Err(error) = session.execute(sqlx::raw_sql(sql)).await {
                            return Some(format!("{}: {}", script.path.display(), driver_error_text(&error)));
                        }
                    }
                    rounds.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(PAUSE).await;
                }
                close(session).await;
                None
            }
        }));
        let running = async {
            let begun = std::time::Instant::now();
            while rounds.load(Ordering::Relaxed) < enough && begun.elapsed() < WARM {
                tokio::time::sleep(PAUSE).await;
            }
            let before = rounds.load(Ordering::Relaxed);
            let ran = async {
                let mut ladder = sandbox.ladder().await?;
                ladder.up(None).await?;
                Ok((rounds.load(Ordering::Relaxed) - before, ladder.finish().await?))
            };
            let ran: Result<(u64, ()), Error> = ran.await;
            over.store(true, Ordering::Relaxed);
            stop.store(true, Ordering::Relaxed);
            ran
        };
        let opening = async {
            // Whoever writes to the closed tables as well would wait for ever to begin.
            let ready = || rounds.load(Ordering::Relaxed) >= enough * 4;
            gate.open_when(1, ready, || over.load(Ordering::Relaxed)).await
        };
        let (troubles, ran, opened) = futures_util::future::join3(writers, running, opening).await;
        opened?;
        let failure = troubles.into_iter().flatten().next();
        Ok(match ran {
            Ok((meanwhile, ())) => WriterRun { revision: Ok(()), failure, meanwhile },
            Err(error) => WriterRun { revision: Err(error), failure, meanwhile: 0 },
        })
    }

    async fn judge(&self, conn: &mut sqlx::postgres::PgConnection, did: &str) -> Result<Outcome, Error> {
        let mapping = self.block.mapping();
        let mut evidence = evidence(did, "every row on the target, whoever wrote it");
        "the writers wrote while the revision ran".clone_into(&mut evidence.witness);
        let mut told = self.compared(conn, &mapping).await?;
        if let Some(reason) = &self.spec.lost {
            evidence.notes.push(format!("declared lost: {reason}"));
            if told.iter().all(|(_, outcome)| outcome.status == Status::Passed) {
                "every row is there".clone_into(&mut evidence.got);
                return Ok(Outcome::passed("nothing was lost: the reason in `lost` was not needed", evidence));
            }
            evidence.notes.push(format!("lost: {}", verdicts(&told)));
            "every row that no writer touched on the target, and no other".clone_into(&mut evidence.expected);
            told = self.compared(conn, &touched::left_alone(&mapping)).await?;
        }
        if let Some((_, first)) = told.iter().find(|(_, outcome)| outcome.status == Status::Error) {
            return Ok(first.clone());
        }
        told.retain(|(_, outcome)| outcome.status != Status::Passed);
        if told.is_empty() {
            "as expected".clone_into(&mut evidence.got);
            return Ok(Outcome::passed("what is on the target is right", evidence));
        }
        evidence.got = verdicts(&told);
        evidence.notes.extend(told.iter().flat_map(|(_, outcome)| outcome.evidence.notes.iter().cloned()));
        Ok(Outcome::failed("rows of the version before are not right on the target", evidence))
    }

    /// What came of each check of a comparison.
    async fn compared(
        &self,
        conn: &mut sqlx::postgres::PgConnection,
        mapping: &Mapping,
    ) -> Result<Vec<(String, Outcome)>, Error> {
        let compared = compare(conn, mapping).await?;
        let digests = digests(conn, mapping, &compared.columns).await?;
        let tolerate = self.block.spec.tolerate.as_ref();
        let verdicts =
            Verdicts { mapping, compared: &compared, digests: &digests, tolerate, values: self.block.values };
        let names = verdict::names(mapping, &compared.columns.values).into_iter();
        Ok(names.map(|name| (verdicts.of(&name), name)).map(|(outcome, name)| (name, outcome)).collect())
    }
}

/// What is not as it must be, in words.
fn verdicts(told: &[(String, Outcome)]) -> String {
    let wrong = told.iter().filter(|(_, outcome)| outcome.status != Status::Passed);
    wrong.map(|(name, outcome)| format!("{name}: {}", outcome.verdict)).collect::<Vec<_>>().join("; ")
}

/// A writer's statement with the note of what it touched, in one transaction; alone where it rules its own.
fn with_note(script: &Script, statement: &Statement, noting: &str) -> String {
    let text = script.text(statement);
    if statement.kind.rules_its_own_transaction() { text.to_owned() } else { format!("{text};\n{noting}") }
}
