//! `rlsgate list`: what would be run, one id a line.

use std::io::Write;

use clap::Args;

use super::chains::Chains;
use super::options::Common;
use crate::exit::Exit;
use crate::run::{PreparedSuite, Purpose};
use crate::text::printable;
use crate::{Error, instance, suite};

/// Arguments of `list`.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    common: Common,
}

impl ListArgs {
    pub(super) async fn execute(self) -> Result<Exit, Error> {
        let options = self.common.options()?;
        let paths = suite::discover(&self.common.suites)?;
        let suites = paths.iter().map(|path| crate::run::load_suite(path)).collect::<Result<Vec<_>, _>>()?;
        suite::check_unique(&suites)?;
        let (chains, suites) = Chains::with(suites)?;
        let mut ids = chains.ids(&options);
        instance::sweep().await?;
        let mut out = anstream::stdout().lock();
        for (suite, chain) in suites {
            tell(&mut out, ids);
            let prepared = PreparedSuite::on_chain(suite, &chain, Purpose::List, &options).await?;
            ids = prepared.checks(&options.filter).map(|check| check.id.clone()).collect();
            prepared.stop().await?;
        }
        tell(&mut out, ids);
        Ok(Exit::Passed)
    }
}

fn tell(out: &mut impl Write, mut ids: Vec<String>) {
    ids.sort_unstable();
    for id in ids {
        // A reader that has seen enough closes the pipe.
        if writeln!(out, "{}", printable(&id)).is_err() {
            break;
        }
    }
}
