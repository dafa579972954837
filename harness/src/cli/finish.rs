//! The end of every run: reports, the terminal, the exit code.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use tokio::task::JoinHandle;

use super::errors::tell;
use crate::Error;
use crate::exit::Exit;
use crate::report::record::{FORMAT, RunRecord, Status, SuiteRecord, Timing, Totals};
use crate::report::{FORMATS, FORMATS_WITH_EVIDENCE, terminal, write_all};
use crate::run::Options;

/// Where reports go.
#[derive(Debug, Args)]
pub(super) struct Reports {
    /// Where reports are written.
    #[arg(long, default_value = "reports", value_name = "DIR")]
    out: PathBuf,
    /// Let passing checks say in junit.xml what was seen; run.json has it in any case.
    #[arg(long)]
    junit_evidence: bool,
}

/// What kept a part of a run from being tested, or could not be cleaned up.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    /// What is known of.
    pub(super) told: Vec<Error>,
    /// A server that is being stopped.
    pub(super) stopping: Option<JoinHandle<Result<(), Error>>>,
}

impl Troubles {
    /// Waits for the server that is being stopped.
    pub(super) async fn settle(&mut self) {
        if let Some(stopping) = self.stopping.take() {
            let stopped = stopping.await.unwrap_or_else(|error| match Error::interrupted(error) {
                defect @ Error::Defect { .. } => Err(defect),
                _ => Err(Error::environment(
                    "the server's end was interrupted",
                    "the next run removes what is left of it",
                )),
            });
            self.told.extend(stopped.err());
        }
    }
}

impl From<Vec<Error>> for Troubles {
    fn from(told: Vec<Error>) -> Self {
        Self { told, stopping: None }
    }
}

impl Reports {
    /// Removes the reports of an earlier run: they must not pass for those of one that ends early.
    pub(super) fn clear(&self) {
        for format in FORMATS {
            drop(std::fs::remove_file(self.out.join(format.file_name())));
        }
    }

    /// Writes the reports of `record`, shows it, and says what it comes to. `troubles` are what kept a
    /// part of the run from being tested, or could not be cleaned up; each is told, and none is a pass.
    pub(super) async fn finish(
        &self,
        mut record: RunRecord,
        started: Instant,
        options: &Options,
        mut troubles: Troubles,
    ) -> Result<Exit, Error> {
        // Where there was no server at all, a report would say so of every check.
        let mut checks = record.suites.iter().flat_map(|suite| &suite.checks);
        if !troubles.told.is_empty() && checks.all(|check| check.status == Status::Error) {
            troubles.settle().await;
            let mut told = once_each(troubles.told);
            let last = told.pop();
            for failure in &told {
                tell(failure);
            }
            return last.map_or(Ok(Exit::Untested), Err);
        }
        record.totals = Totals::of(record.suites.iter().flat_map(|suite| &suite.checks));
        record.timing.seconds = started.elapsed().as_secs_f64();
        let written = write_all(&record, &self.out, if self.junit_evidence { FORMATS_WITH_EVIDENCE } else { FORMATS });
        if let Ok(written) = &written {
            drop(terminal::write(&record, written, &mut anstream::stdout().lock()));
        }
        troubles.settle().await;
        written?;
        let troubles = once_each(troubles.told);
        let ids = record.suites.iter().flat_map(|suite| &suite.checks).map(|check| check.id.as_str());
        if let Some(missing) = options.filter.misses(ids) {
            return Err(Error::usage(format!("there is no check `{missing}`"), "see `rlsgate list` for the ids"));
        }
        if record.totals == Totals::default() {
            let filtered = !options.filter.is_empty();
            let help = if filtered { "no check has such an id; see `rlsgate list`" } else { "" };
            return Err(Error::environment("nothing was run", help));
        }
        for failure in &troubles {
            tell(failure);
        }
        match exit(counted(&record)) {
            Exit::Passed if !troubles.is_empty() || record.suites.iter().any(proves_nothing) => Ok(Exit::Untested),
            exit => Ok(exit),
        }
    }
}

/// Whether a suite was tried and nothing of it passed: what others, or its chain, passed is not its own.
fn proves_nothing(suite: &SuiteRecord) -> bool {
    let tried = suite.chain.is_none() && !suite.checks.is_empty();
    tried && suite.checks.iter().all(|check| check.status != Status::Passed)
}

/// A server that is missing is missing for suite and chain alike.
fn once_each(errors: Vec<Error>) -> Vec<Error> {
    let mut said = BTreeSet::new();
    errors.into_iter().filter(|error| said.insert(error.to_string())).collect()
}

/// The record of a run that begins now.
pub(super) fn record(options: &Options) -> RunRecord {
    RunRecord {
        format: FORMAT.to_owned(),
        rlsgate: env!("CARGO_PKG_VERSION").to_owned(),
        suites: Vec::new(),
        totals: Totals::default(),
        timing: Timing {
            started: jiff::Timestamp::now().to_string(),
            jobs: u32::try_from(options.jobs).unwrap_or(u32::MAX),
            ..Timing::default()
        },
    }
}

/// A line on standard output. A reader that has seen enough closes the pipe.
pub(super) fn say(line: &str) {
    drop(writeln!(anstream::stdout().lock(), "{line}"));
}

/// The totals that decide the exit code: a chain that does not apply could not be tested, whatever else is wrong with it.
fn counted(record: &RunRecord) -> Totals {
    let applies = |suite: &&SuiteRecord| {
        !suite.checks.iter().any(|check| check.command == "applies" && check.status == Status::Error)
    };
    let failed = Totals::of(record.suites.iter().filter(applies).flat_map(|suite| &suite.checks)).failed;
    Totals { failed, ..record.totals }
}

/// A failure wins over what could not be tested, and nothing passed is nothing tested.
fn exit(totals: Totals) -> Exit {
    match totals {
        Totals { failed: 1.., .. } => Exit::Failed,
        Totals { error: 1.., .. } | Totals { passed: 0, .. } => Exit::Untested,
        _ => Exit::Passed,
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, Totals, exit};

    #[test]
    fn a_failure_wins_and_nothing_passed_is_nothing_tested() {
        let totals = |passed, failed, error, skipped| Totals { passed, failed, error, skipped };
        assert_eq!(exit(totals(5, 0, 0, 2)), Exit::Passed);
        assert_eq!(exit(totals(5, 1, 1, 0)), Exit::Failed);
        assert_eq!(exit(totals(5, 0, 1, 0)), Exit::Untested);
        assert_eq!(exit(totals(0, 0, 0, 3)), Exit::Untested);
    }
}
