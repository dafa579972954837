//! A revision that is a program: `run` in `chain.toml`. It works in the chain's folder, on the database that its
//! environment names, as the chain's owner.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::address::Address;
use super::manifest::{RevisionTable, Value};
use super::program::{Ended, Program};
use crate::Error;
use crate::text::hex::hex;

/// Bytes of either end of what a program prints that are kept as evidence.
const KEPT: usize = 32 << 10;

/// A program that is a revision.
#[derive(Debug)]
pub struct ProgramRevision {
    /// The first file of the chain that its arguments name, else `chain.toml`.
    pub path: PathBuf,
    /// All that decides what it does, for digests: arguments, environment, and the files that the arguments name.
    pub source: Arc<str>,
    argv: Vec<String>,
    env: BTreeMap<String, Value>,
    dir: PathBuf,
}

impl ProgramRevision {
    /// The program of `[revisions.REV]`, if it names one.
    ///
    /// # Errors
    /// [`Error::Usage`] where a file that it names cannot be read.
    pub(super) fn of(table: &RevisionTable, dir: &Path) -> Result<Option<Self>, Error> {
        let Some(run) = &table.run else { return Ok(None) };
        let argv = run.get_ref().clone();
        let mut source = format!("{argv:?}\n{:?}\n", table.env);
        let files: Vec<PathBuf> = argv
            .iter()
            .filter(|word| !word.is_empty())
            .map(|word| dir.join(word))
            .filter(|path| path.is_file())
            .collect();
        for path in &files {
            let bytes = std::fs::read(path).map_err(|error| {
                Error::usage(format!("{} cannot be read: {error}", path.display()), "`run` in chain.toml names it")
            })?;
            let digest = hex(Sha256::digest(bytes));
            source.push_str(&format!("{digest} {}\n", path.strip_prefix(dir).unwrap_or(path).display()));
        }
        let path = files.into_iter().next().unwrap_or_else(|| dir.join("chain.toml"));
        Ok(Some(Self { path, source: source.into(), argv, env: table.env.clone(), dir: dir.to_owned() }))
    }

    /// Runs the program, and returns what it printed.
    pub(super) async fn run(&self, address: &Address, schema: &str, limit: Duration) -> Result<Ended, Error> {
        let program = Program::find(&self.argv, &self.dir)?;
        program.run_in_task(&environment(&self.env, address, schema), limit, KEPT).await
    }

    /// The program, its arguments, and the texts that the manifest sets in its environment.
    pub(super) fn words_and_settings(&self) -> Vec<&str> {
        self.argv.iter().map(String::as_str).chain(self.env.values().filter_map(Value::text)).collect()
    }

    /// Program and arguments in one line, for messages.
    pub(super) fn words(&self) -> String {
        self.argv.join(" ")
    }
}

/// The variables of libpq, and over them what the manifest says.
pub(super) fn environment(env: &BTreeMap<String, Value>, address: &Address, schema: &str) -> BTreeMap<String, String> {
    let mut environment = address.variables.clone();
    environment.extend(env.iter().map(|(name, value)| {
        let value = match value {
            Value::Url => address.url.clone(),
            Value::Schema => schema.to_owned(),
            Value::Text(text) => text.clone(),
        };
        (name.clone(), value)
    }));
    environment
}
