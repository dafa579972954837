//! The end of every run: reports, the terminal, the exit code.

use std::collections::{BTreeSet, VecDeque};
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use crate::Error;
use crate::exit::Exit;
use crate::report::record::{FORMAT, RunRecord, Status, SuiteRecord, Timing, Totals};
use crate::report::{FORMATS, terminal, write_all};
use crate::run::Options;

/// Where reports go.
#[derive(Debug, Args)]
pub(super) struct Reports {
    /// Where reports are written.
    #[arg(long, default_value = "reports", value_name = "DIR")]
    out: PathBuf,
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
    pub(super) fn finish(
        &self,
        mut record: RunRecord,
        started: Instant,
        options: &Options,
        troubles: Vec<Error>,
    ) -> Result<Exit, Error> {
        let mut troubles = once_each(troubles);
        // Where there was no server at all, a report would say so of every check.
        if let Some(first) = troubles.pop_front() {
            if record.suites.iter().flat_map(|suite| &suite.checks).all(|check| check.status == Status::Error) {
                return Err(first);
            }
            troubles.push_front(first);
        }
        record.totals = Totals::of(record.suites.iter().flat_map(|suite| &suite.checks));
        record.timing.seconds = started.elapsed().as_secs_f64();
        let written = write_all(&record, &self.out, FORMATS)?;
        drop(terminal::write(&record, &written, &mut anstream::stdout().lock()));
        let ids = record.suites.iter().flat_map(|suite| &suite.checks).map(|check| check.id.as_str());
        if let Some(missing) = options.filter.misses(ids) {
            return Err(Error::usage(format!("there is no check `{missing}`"), "see `rlsgate list` for the ids"));
        }
        if record.totals == Totals::default() {
            let filtered = !options.filter.is_empty();
            let help = if filtered { "no check has such an id; see `rlsgate list`" } else { "" };
            return Err(Error::untested("nothing was run", help));
        }
        for trouble in &troubles {
            super::tell(trouble);
        }
        match exit(counted(&record)) {
            Exit::Passed if !troubles.is_empty() => Ok(Exit::Untested),
            exit => Ok(exit),
        }
    }
}

/// A server that is missing is missing for suite and chain alike.
fn once_each(errors: Vec<Error>) -> VecDeque<Error> {
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
