//! `rlsgate run`: suites and the chains they stand on, to reports and to an exit code.

use std::time::Instant;

use clap::Args;

use super::chains::Chains;
use super::finish::{self, Reports};
use super::options::Common;
use crate::exit::Exit;
use crate::instance::Provider;
use crate::report::progress::Progress;
use crate::run::{Options, Prepared, Run as Running};
use crate::suite::Suite;
use crate::{Error, instance, suite};

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(super) struct Run {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    reports: Reports,
}

impl Run {
    pub(super) async fn execute(self) -> Result<Exit, Error> {
        let started = Instant::now();
        let options = self.common.options()?;
        let paths = suite::discover(&self.common.suites)?;
        let suites = paths.iter().map(|path| suite::load(path)).collect::<Result<Vec<_>, _>>()?;
        suite::check_unique(&suites)?;
        self.reports.clear();
        let chains = Chains::of(&suites)?;
        instance::sweep().await?;
        let mut record = finish::record(&options);
        // On a server of others, roles are everybody's: one after the other.
        let ((runs, left), ran) = if matches!(options.request.provider, Provider::Url(_)) {
            let ran = chains.run(&options).await?;
            (all(suites, &options).await?, ran)
        } else {
            tokio::try_join!(all(suites, &options), chains.run(&options))?
        };
        for Running { record: suite, server, seconds, .. } in runs {
            record.timing.servers.insert(suite.name.clone(), server);
            record.timing.checks.extend(seconds);
            record.suites.push(suite);
        }
        ran.into_record(&mut record);
        self.reports.finish(record, started, &options, left)
    }
}

/// Runs the suites in order; and what could not be cleaned up.
async fn all(suites: Vec<Suite>, options: &Options) -> Result<(Vec<Running>, Option<Error>), Error> {
    let mut left: Option<Error> = None;
    let mut runs = Vec::new();
    for suite in suites {
        let prepared = Prepared::new(suite, options).await?;
        let progress = Progress::new(u64::try_from(prepared.checks(&options.filter).count()).unwrap_or(u64::MAX));
        let run = prepared.run(options, |check| progress.tick(check)).await;
        progress.finish();
        left = prepared.stop().await.err().or(left);
        runs.push(run?);
    }
    Ok((runs, left))
}
