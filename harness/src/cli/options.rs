//! Options that subcommands share.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::Error;
use crate::check::filter::Filter;
use crate::instance::{Provider, Request};
use crate::run::Options;

/// Which server.
#[derive(Debug, Args)]
pub(super) struct ServerArgs {
    /// Where the server comes from: auto, local or docker.
    #[arg(long, default_value = "auto", value_name = "WHERE", help_heading = "Server")]
    provider: String,
    /// Use the server of this URL instead: databases of our own are made on it, and dropped.
    #[arg(long, env = "RLSGATE_URL", hide_env_values = true, conflicts_with = "provider", help_heading = "Server")]
    url: Option<String>,
    /// Major version, where the suite leaves a choice.
    #[arg(long, value_name = "MAJOR", help_heading = "Server")]
    postgres: Option<u32>,
    /// Allow a URL whose host is not this one.
    #[arg(long, help_heading = "Server")]
    allow_remote: bool,
    /// Allow roles to be created on the server of the URL; they are dropped after.
    #[arg(long, help_heading = "Server")]
    create_roles: bool,
    /// Build server and state anew instead of restoring them.
    #[arg(long, help_heading = "Server")]
    no_cache: bool,
}

/// On which server, which checks.
#[derive(Debug, Args)]
pub(super) struct Selection {
    #[command(flatten)]
    server: ServerArgs,
    /// Only checks that match GLOB (repeatable; prefix with ! to exclude).
    #[arg(long, value_name = "GLOB", help_heading = "Checks")]
    filter: Vec<String>,
    /// The check of exactly this id.
    #[arg(long, value_name = "ID", help_heading = "Checks")]
    only: Vec<String>,
}

/// Which suites, on which server, which checks.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// Suite files, or folders that hold them.
    #[arg(default_value = "suites", value_name = "SUITE")]
    pub(super) suites: Vec<PathBuf>,
    #[command(flatten)]
    selection: Selection,
    /// Workers, each on a clone of the database; by default one more than there are processors, up to 16.
    #[arg(short, long, value_name = "N", help_heading = "Checks")]
    jobs: Option<usize>,
}

/// How long a server may take to start.
const START: Duration = Duration::from_secs(60);

impl ServerArgs {
    /// The options of a run of everything, with a worker for each core.
    pub(super) fn options(&self) -> Result<Options, Error> {
        let provider = match &self.url {
            Some(url) => Provider::Url(url.clone()),
            None => self.provider.parse()?,
        };
        Ok(Options {
            request: Request {
                provider,
                major: self.postgres,
                majors: Vec::new(),
                allow_remote: self.allow_remote,
                create_roles: self.create_roles,
                start_timeout: START,
                cache: !self.no_cache,
                keep_state: true,
            },
            ..Options::default()
        })
    }
}

impl Selection {
    /// The options of a run of these checks.
    pub(super) fn options(&self) -> Result<Options, Error> {
        Ok(Options { filter: Filter::new(&self.filter, &self.only)?, ..self.server.options()? })
    }
}

impl Common {
    /// The options of a run.
    pub(super) fn options(&self) -> Result<Options, Error> {
        if self.jobs == Some(0) {
            return Err(Error::usage("--jobs 0 would try nothing", "give at least 1"));
        }
        let options = self.selection.options()?;
        Ok(Options { jobs: self.jobs.unwrap_or(options.jobs), ..options })
    }
}
