//! `rlsgate verify`: the reading part of a suite against a live database.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::finish::{self, Reports, Troubles};
use crate::check::filter::Filter;
use crate::exit::Exit;
use crate::run::Options;
use crate::suite::{self, Suite};
use crate::{Error, verify};

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// The suite file, or a folder that holds one.
    #[arg(value_name = "SUITE")]
    suite: PathBuf,
    /// The database. A password is better left to PGPASSWORD or the password file: others may see a command line.
    #[arg(long, env = "RLSGATE_VERIFY_URL", hide_env_values = true)]
    url: Option<String>,
    /// Which target of the suite; may be left out if there is one.
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// Allow a superuser, or a member of the roles that run programs and reach files.
    #[arg(long)]
    as_superuser: bool,
    /// Only checks that match GLOB (repeatable; prefix with ! to exclude).
    #[arg(long, value_name = "GLOB", help_heading = "Checks")]
    filter: Vec<String>,
    /// The check of exactly this id.
    #[arg(long, value_name = "ID", help_heading = "Checks")]
    only: Vec<String>,
    #[command(flatten)]
    reports: Reports,
}

impl VerifyArgs {
    pub(super) async fn execute(self) -> Result<Exit, Error> {
        let started = Instant::now();
        let Some(url) = self.url else {
            return Err(Error::usage("no database is named", "set RLSGATE_VERIFY_URL, or give --url"));
        };
        let filter = Filter::new(&self.filter, &self.only)?;
        let suite = one(&suite::discover(&[self.suite])?)?;
        self.reports.clear();
        // One session reads, one statement after the other.
        let options = Options { jobs: 1, filter, ..Options::default() };
        let target = verify::VerifyOptions {
            url,
            target: self.target,
            as_superuser: self.as_superuser,
            filter: options.filter.clone(),
            today: options.today.clone(),
        };
        let ran = verify::run(suite, &target).await?;
        let mut record = finish::record(&options);
        record.timing.checks = ran.seconds;
        record.timing.servers.insert(ran.record.name.clone(), ran.server);
        record.suites.push(ran.record);
        self.reports.finish(record, started, &options, Troubles::default()).await
    }
}

/// The suite that is meant: the only one, or the only one with a target.
fn one(paths: &[PathBuf]) -> Result<Suite, Error> {
    let mut suites = paths.iter().map(|path| crate::run::load_suite(path)).collect::<Result<Vec<_>, _>>()?;
    if suites.iter().any(|suite| !suite.targets.is_empty()) {
        suites.retain(|suite| !suite.targets.is_empty());
    }
    match (suites.pop(), suites.as_slice()) {
        (Some(suite), []) => Ok(suite),
        (last, others) => {
            let all = others.iter().chain(&last).map(|suite| suite.path.display().to_string()).collect::<Vec<_>>();
            let message = format!("one suite with a target is verified at a time, and there are {}", all.join(", "));
            Err(Error::usage(message, "name one of the files"))
        }
    }
}
