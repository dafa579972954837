//! `rlsgate chain`: the checks of migration chains alone, and their lock files.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::chains::Chains;
use super::finish::{self, Reports};
use super::options::Selection;
use crate::chain_check::{self, Subject};
use crate::exit::Exit;
use crate::text::printable;
use crate::{Error, instance};

/// Arguments of `chain`.
#[derive(Debug, Args)]
pub(super) struct ChainArgs {
    /// Folders of chains, each with its chain.toml.
    #[arg(required = true, value_name = "DIR")]
    chains: Vec<PathBuf>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    reports: Reports,
    /// First write what is released, and the catalog that it makes, to chain.lock.
    #[arg(long)]
    update: bool,
}

impl ChainArgs {
    pub(super) async fn execute(self) -> Result<Exit, Error> {
        let started = Instant::now();
        let options = self.selection.options()?;
        self.reports.clear();
        let mut subjects = self.chains.iter().map(|dir| Subject::load(dir)).collect::<Result<Vec<_>, _>>()?;
        instance::sweep().await?;
        if self.update {
            for subject in &mut subjects {
                let (path, changed) = chain_check::update(subject, &options.request).await?;
                let what = if changed { "wrote" } else { "unchanged:" };
                finish::say(&format!("{what} {}", printable(&path.to_string_lossy())));
            }
        }
        let chains = Chains::new(subjects)?;
        let mut record = finish::record(&options);
        let (ran, troubles) = chains.run(&options).await;
        ran.into_record(&mut record);
        self.reports.finish(record, started, &options, troubles.into()).await
    }
}
