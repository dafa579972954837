//! `rlsgate schema`: JSON Schemas for editors and readers.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::options::ServerArgs;
use crate::chain_check::Subject;
use crate::exit::Exit;
use crate::run::{PreparedSuite, Purpose};
use crate::{Error, instance};

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// `run` for the run record; `chain` for `chain.toml`; a suite file for one that lists its own names; nothing for suites in general.
    #[arg(value_name = "WHAT")]
    what: Option<PathBuf>,
    #[command(flatten)]
    server: ServerArgs,
}

impl SchemaArgs {
    pub(super) async fn execute(self) -> Result<Exit, Error> {
        let schema = match self.what {
            None => crate::run::suite_schema(),
            Some(what) if what.as_os_str() == "chain" => crate::chain::manifest::json_schema(),
            Some(what) if what.as_os_str() == "run" => crate::report::record::json_schema(),
            Some(path) => of_suite(&path, &self.server).await?,
        };
        let text = serde_json::to_string_pretty(&schema)
            .map_err(|error| Error::defect(format!("the schema cannot be written: {error}")))?;
        // A reader that has seen enough closes the pipe.
        drop(writeln!(anstream::stdout().lock(), "{text}"));
        Ok(Exit::Passed)
    }
}

/// The schema with the names of one suite: what the server has, and the chain's revisions.
async fn of_suite(path: &Path, server: &ServerArgs) -> Result<serde_json::Value, Error> {
    let suite = crate::run::load_suite(path)?;
    let subject = Subject::load(&suite.chain)?;
    let revisions: Vec<String> = subject.chain.revisions.iter().map(|revision| revision.id.clone()).collect();
    instance::sweep().await?;
    let prepared = PreparedSuite::on_chain(suite.clone(), &subject, Purpose::List, &server.options()?).await?;
    let (relations, functions) = prepared.names();
    prepared.stop().await?;
    Ok(crate::run::suite_schema_for(&suite, &relations, &functions, &revisions))
}
