//! The chains of a run, each once however many suites stand on it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Error;
use crate::chain_check::{PreparedChain, Subject};
use crate::check::known::Exceptions;
use crate::report::progress::Progress;
use crate::report::record::RunRecord;
use crate::run::{Options, SuiteRun};
use crate::suite::Suite;

/// Chains with their checks planned.
pub(super) struct Chains(Vec<(PreparedChain, Vec<u32>)>);

/// A suite and its chain, which is read once however many suites stand on it.
pub(super) type OnChain = (Suite, Arc<Subject>);

/// What came of them.
pub(super) struct ChainRuns(Vec<SuiteRun>);

impl Chains {
    /// Those of these folders.
    ///
    /// # Errors
    /// [`Error::Usage`] where two have one name: their checks could not be told apart.
    pub(super) fn new(subjects: impl IntoIterator<Item = impl Into<Arc<Subject>>>) -> Result<Self, Error> {
        let mut names: BTreeMap<String, PathBuf> = BTreeMap::new();
        let mut chains = Vec::new();
        for subject in subjects {
            let subject: Arc<Subject> = subject.into();
            let dir = &subject.chain.dir;
            if let Some(other) = names.insert(subject.name.clone(), dir.clone()) {
                let message = format!("{} and {} are both called {}", other.display(), dir.display(), subject.name);
                return Err(Error::usage(
                    message,
                    "a chain is called as its folder: rename one, or run them one by one",
                ));
            }
            chains.push((PreparedChain::new(subject)?, Vec::new()));
        }
        Ok(Self(chains))
    }

    /// Those that `suites` stand on, with what the suites say of them.
    ///
    /// # Errors
    /// What is wrong with a chain's files; two of one name.
    pub(super) fn of(suites: &[Suite]) -> Result<Self, Error> {
        let mut folders: BTreeMap<PathBuf, Vec<&Suite>> = BTreeMap::new();
        for suite in suites {
            folders.entry(whole(&suite.chain)).or_default().push(suite);
        }
        let first = |suites: &Vec<&Suite>| suites.first().map(|suite| Subject::load(&suite.chain));
        let subjects = folders.values().filter_map(first).collect::<Result<Vec<_>, _>>()?;
        let mut chains = Self::new(subjects)?;
        for ((prepared, majors), suites) in chains.0.iter_mut().zip(folders.values()) {
            for suite in suites {
                let controls = suite.controls.get("chain").map_or(&[][..], Vec::as_slice);
                prepared.also(Exceptions::of_chain(suite)?, controls);
                if majors.is_empty() {
                    majors.clone_from(&suite.postgres);
                }
            }
        }
        Ok(chains)
    }

    /// Those that `suites` stand on, and each suite with its own.
    ///
    /// # Errors
    /// As [`Chains::of`].
    pub(super) fn with(suites: Vec<Suite>) -> Result<(Self, Vec<OnChain>), Error> {
        let chains = Self::of(&suites)?;
        let folders: BTreeMap<PathBuf, Arc<Subject>> = chains
            .0
            .iter()
            .map(|(prepared, _)| (whole(&prepared.subject().chain.dir), prepared.subject().clone()))
            .collect();
        let on = |suite: Suite| match folders.get(&whole(&suite.chain)) {
            // Messages name the chain as its suite does.
            Some(subject) if subject.chain.dir == suite.chain => Ok((suite, subject.clone())),
            _ => Subject::load(&suite.chain).map(|subject| (suite, Arc::new(subject))),
        };
        let suites = suites.into_iter().map(on).collect::<Result<_, _>>()?;
        Ok((chains, suites))
    }

    /// The ids of the selected checks.
    pub(super) fn ids(&self, options: &Options) -> Vec<String> {
        let checks = self.0.iter().flat_map(|(prepared, _)| prepared.checks(&options.filter));
        checks.map(|check| check.id.clone()).collect()
    }

    /// Runs the selected checks of each; a chain none of whose checks is selected costs nothing. One that could not be
    /// walked has its checks in error, and the reason is given.
    pub(super) async fn run(&self, options: &Options) -> (ChainRuns, Vec<Error>) {
        let (mut ran, mut troubles) = (Vec::new(), Vec::new());
        for (prepared, majors) in &self.0 {
            let count = prepared.checks(&options.filter).count();
            if count == 0 {
                continue;
            }
            let mut options = options.clone();
            options.request.majors.clone_from(majors);
            let progress = Progress::new(u64::try_from(count).unwrap_or(u64::MAX));
            let run = prepared.run(&options, |check| progress.tick(check)).await;
            progress.finish();
            ran.push(run.unwrap_or_else(|error| {
                let run = prepared.untested(&options, &error);
                troubles.push(error);
                run
            }));
        }
        (ChainRuns(ran), troubles)
    }
}

/// A folder by one name.
fn whole(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

impl ChainRuns {
    /// Puts what came of them before the suites.
    pub(super) fn into_record(self, record: &mut RunRecord) {
        let mut suites = Vec::new();
        for SuiteRun { record: suite, server, seconds, revisions, kept } in self.0 {
            record.timing.servers.insert(suite.name.clone(), server);
            record.timing.revisions.insert(suite.name.clone(), revisions);
            record.timing.checks.extend(seconds);
            record.timing.kept.extend(kept);
            suites.push(suite);
        }
        record.suites.splice(0..0, suites);
    }
}
