//! A suite run once on a real server, and its checks by id.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rlsgate::Error;
use rlsgate::instance::{Provider, Request};
use rlsgate::report::record::{CheckRecord, Status};
use rlsgate::run::Filter;
use rlsgate::run::Options;

pub(crate) use crate::common::absent;

pub(crate) type Checks = BTreeMap<String, CheckRecord>;

/// The suite of one folder here. It is run by the first test that asks.
pub(crate) struct Ran {
    name: &'static str,
    checks: OnceLock<Option<Checks>>,
}

impl Ran {
    pub(crate) const fn of(name: &'static str) -> Self {
        Self { name, checks: OnceLock::new() }
    }

    /// Its checks by id without the suite's name; `None` (said loudly) where there is no server.
    pub(crate) fn checks(&self) -> Option<&Checks> {
        self.checks.get_or_init(|| there(run(&folder(self.name).join("suite.toml")))).as_ref()
    }

    /// Holds one check against what must come of it; `verdict` is part of its verdict.
    pub(crate) fn hold(&self, id: &str, status: Status, verdict: &str) {
        let Some(checks) = self.checks() else { return };
        let check = checks.get(id).unwrap_or_else(|| panic!("no check {id} among {:#?}", checks.keys()));
        assert_eq!(check.status, status, "{id}: {}\n{:#?}", check.verdict, check.evidence);
        assert!(check.verdict.contains(verdict), "{id}: {}", check.verdict);
    }
}

pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outcomes").join(name)
}

/// Runs a suite on an installed server.
pub(crate) fn run(suite: &Path) -> Result<Checks, Error> {
    let options = Options {
        request: Request { provider: Provider::Local, keep_state: false, ..Request::default() },
        jobs: 2,
        filter: Filter::default(),
        today: "2030-01-01".to_owned(),
    };
    let ran = tokio::runtime::Runtime::new().unwrap().block_on(rlsgate::run::run(suite, &options, |_| ()))?;
    let prefix = format!("{}/", ran.record.name);
    Ok(ran.record.checks.into_iter().map(|check| (check.id.replacen(&prefix, "", 1), check)).collect())
}

/// What came of a run, or `None` where no server is installed.
pub(crate) fn there(ran: Result<Checks, Error>) -> Option<Checks> {
    match ran {
        Ok(checks) => Some(checks),
        Err(error) if error.to_string().starts_with("no local server") => {
            absent("local", &error.to_string());
            None
        }
        Err(error) => panic!("{error}\n{}", error.help()),
    }
}

/// What a run of the suite in `folder` says that cannot begin; `None` where no server is installed.
pub(crate) fn refusal(folder: &Path) -> Option<String> {
    match run(&folder.join("suite.toml")) {
        Err(error) if error.to_string().starts_with("no local server") => {
            absent("local", &error.to_string());
            None
        }
        Err(error) => {
            assert_eq!(error.exit(), rlsgate::exit::Exit::Input, "{error}");
            Some(error.to_string())
        }
        Ok(checks) => panic!("it ran: {:#?}", checks.keys()),
    }
}

/// A copy of a folder here in which one of its files reads otherwise.
pub(crate) fn changed(name: &str, file: &str, change: impl Fn(&str) -> String) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("chain")).unwrap();
    for part in ["suite.toml", "seed.sql", "prelude.sql", "chain/chain.toml", "chain/001.sql"] {
        let Ok(text) = std::fs::read_to_string(folder(name).join(part)) else { continue };
        let text = if part == file { change(&text) } else { text };
        std::fs::write(copy.path().join(part), text).unwrap();
    }
    copy
}
