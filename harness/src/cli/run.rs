//! `rlsgate run`: suites and the chains they stand on, to reports and to an exit code.

use std::time::Instant;

use clap::Args;

use super::chains::{Chains, OnChain};
use super::finish::{self, Reports, Troubles};
use super::options::Common;
use crate::Error;
use crate::chain_check::Subject;
use crate::exit::Exit;
use crate::instance::{self, Provider};
use crate::report::progress::Progress;
use crate::run::{Options, PreparedSuite, Purpose, SuiteRun as Running, untested};
use crate::suite::{self, Suite};

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    reports: Reports,
}

impl RunArgs {
    pub(super) async fn execute(self) -> Result<Exit, Error> {
        let started = Instant::now();
        let options = self.common.options()?;
        instance::look_ahead(&options.request);
        let paths = suite::discover(&self.common.suites)?;
        let suites = paths.iter().map(|path| crate::run::load_suite(path)).collect::<Result<Vec<_>, _>>()?;
        suite::check_unique(&suites)?;
        self.reports.clear();
        let (chains, suites) = Chains::with(suites)?;
        instance::sweep().await?;
        let mut record = finish::record(&options);
        // On a server of others, roles are everybody's: one after the other.
        let (ran, (chains, untried)) = if matches!(options.request.provider, Provider::Url(_)) {
            let chains = chains.run(&options).await;
            (all(suites, &options).await?, chains)
        } else {
            let chains = async { Ok::<_, Error>(chains.run(&options).await) };
            tokio::try_join!(all(suites, &options), chains)?
        };
        let (runs, mut troubles) = ran;
        troubles.told.extend(untried);
        for Running { record: suite, server, seconds, kept, .. } in runs {
            record.timing.servers.insert(suite.name.clone(), server);
            record.timing.checks.extend(seconds);
            record.timing.kept.extend(kept);
            record.suites.push(suite);
        }
        chains.into_record(&mut record);
        self.reports.finish(record, started, &options, troubles).await
    }
}

/// Runs the suites in order; and what kept any of them from being tested, or could not be cleaned up. The last server is
/// still being stopped, which needs nobody to wait.
///
/// # Errors
/// What is wrong with the files: nothing is made of a run on them.
async fn all(suites: Vec<OnChain>, options: &Options) -> Result<(Vec<Running>, Troubles), Error> {
    let mut troubles = Troubles::default();
    let mut runs = Vec::new();
    for (suite, chain) in suites {
        troubles.settle().await;
        match one(suite.clone(), &chain, options, &mut troubles).await {
            Ok(run) => runs.push(run),
            Err(error) if error.exit() == Exit::Input => {
                troubles.settle().await;
                return Err(error);
            }
            Err(error) => {
                runs.push(untested(&suite, &error));
                troubles.told.push(error);
            }
        }
    }
    Ok((runs, troubles))
}

async fn one(suite: Suite, chain: &Subject, options: &Options, troubles: &mut Troubles) -> Result<Running, Error> {
    let prepared = PreparedSuite::on_chain(suite, chain, Purpose::Run, options).await?;
    let progress = Progress::new(u64::try_from(prepared.checks(&options.filter).count()).unwrap_or(u64::MAX));
    let run = prepared.run(options, |check| progress.tick(check)).await;
    progress.finish();
    troubles.stopping = Some(tokio::spawn(prepared.stop()));
    run
}
