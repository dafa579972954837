//! `rlsgate run`: suites to reports, and to an exit code.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::options::Common;
use crate::Error;
use crate::exit::Exit;
use crate::plan::filter::Filter;
use crate::report::progress::Progress;
use crate::report::record::{FORMAT, RunRecord, Timing, Totals};
use crate::report::{FORMATS, terminal, write_all};
use crate::run::{Prepared, Run as Running};
use crate::{instance, suite};

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(super) struct Run {
    #[command(flatten)]
    common: Common,
    /// Where reports are written.
    #[arg(long, default_value = "reports", value_name = "DIR")]
    out: PathBuf,
}

impl Run {
    pub(super) async fn execute(self) -> Result<Exit, Error> {
        let started = Instant::now();
        let options = self.common.options()?;
        let paths = suite::discover(&self.common.suites)?;
        let suites = paths.iter().map(|path| suite::load(path)).collect::<Result<Vec<_>, _>>()?;
        suite::check_unique(&suites)?;
        clear(&self.out);
        instance::sweep().await?;
        let mut record = RunRecord {
            format: FORMAT.to_owned(),
            rlsgate: env!("CARGO_PKG_VERSION").to_owned(),
            suites: Vec::new(),
            totals: Totals::default(),
            timing: Timing {
                started: jiff::Timestamp::now().to_string(),
                jobs: u32::try_from(options.jobs).unwrap_or(u32::MAX),
                ..Timing::default()
            },
        };
        let mut left: Option<Error> = None;
        for suite in suites {
            let prepared = Prepared::new(suite, &options).await?;
            let progress = Progress::new(u64::try_from(prepared.checks(&options.filter).count()).unwrap_or(u64::MAX));
            let run = prepared.run(&options, |check| progress.tick(check)).await;
            progress.finish();
            left = prepared.stop().await.err().or(left);
            let Running { record: suite, server, seconds } = run?;
            record.timing.servers.insert(suite.name.clone(), server);
            record.timing.checks.extend(seconds);
            record.suites.push(suite);
        }
        record.timing.seconds = started.elapsed().as_secs_f64();
        match (finish(record, &self.out, &options.filter)?, left) {
            (Exit::Passed, Some(error)) => Err(error),
            (exit, _) => Ok(exit),
        }
    }
}

/// Removes reports of an earlier run, which must not pass for those of one that ends early.
pub(super) fn clear(out: &Path) {
    for format in FORMATS {
        drop(std::fs::remove_file(out.join(format.file_name())));
    }
}

/// Counts, writes the reports to `out`, tells people, and says what the run comes to.
pub(super) fn finish(mut record: RunRecord, out: &Path, filter: &Filter) -> Result<Exit, Error> {
    record.totals = Totals::of(record.suites.iter().flat_map(|suite| &suite.checks));
    let written = write_all(&record, out, FORMATS)?;
    drop(terminal::write(&record, &written, &mut anstream::stdout().lock()));
    let ids = record.suites.iter().flat_map(|suite| &suite.checks).map(|check| check.id.as_str());
    if let Some(missing) = filter.misses(ids) {
        return Err(Error::usage(format!("there is no check `{missing}`"), "see `rlsgate list` for the ids"));
    }
    if record.totals == Totals::default() {
        let help = if filter.is_empty() { "" } else { "no check has such an id; see `rlsgate list`" };
        return Err(Error::untested("nothing was run", help));
    }
    Ok(exit(record.totals))
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
