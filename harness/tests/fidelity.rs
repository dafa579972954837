//! Fidelity blocks in whole runs: each wrong backfill is caught by the checks that are named for it and by no other, and the
//! right one passes all.

mod again;
mod faults;
mod shown;
mod tolerated;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rlsgate::instance::{Provider, Request};
use rlsgate::report::record::{CheckRecord, Status};
use rlsgate::run::Filter;
use rlsgate::run::Options;

use crate::common::absent;

/// The files of the test's own system, one of them changed.
fn system(changes: &[(&str, &str)]) -> tempfile::TempDir {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fidelity");
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("chain")).unwrap();
    for folder in ["", "chain"] {
        for entry in std::fs::read_dir(from.join(folder)).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, dir.path().join(folder).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    for (name, text) in changes {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

/// The checks of a run; `None`, said loudly, where there is no server.
fn run(dir: &Path, filters: &[&str]) -> Option<Vec<CheckRecord>> {
    let request = Request { provider: Provider::Local, keep_state: false, ..Request::default() };
    let globs: Vec<String> = filters.iter().map(|glob| (*glob).to_owned()).collect();
    let filter = Filter::new(&globs, &[]).unwrap();
    let options = Options { request, jobs: 1, today: "2030-01-01".to_owned(), filter };
    let suite = dir.join("suite.toml");
    let ran = tokio::runtime::Runtime::new().unwrap().block_on(rlsgate::run::run(&suite, &options, |_| ()));
    match ran {
        Err(error) if error.to_string().contains("there is no server to test on") => {
            absent("local", &error.to_string());
            None
        }
        Err(error) => panic!("{error}: {}", error.help()),
        Ok(ran) => Some(ran.record.checks),
    }
}

/// The last part of the ids of checks that came to `status`.
fn of<'a>(checks: &'a [CheckRecord], status: Status) -> BTreeSet<&'a str> {
    let last = |check: &'a CheckRecord| check.id.rsplit('/').next().unwrap();
    checks.iter().filter(|check| check.status == status).map(last).collect()
}

fn text(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fidelity").join(name)).unwrap()
}

#[test]
fn the_right_backfill_passes_every_check() {
    let dir = system(&[]);
    let Some(checks) = run(dir.path(), &["move/fidelity/*"]) else { return };
    for check in &checks {
        assert_eq!(check.status, Status::Passed, "{}: {}\n{:#?}", check.id, check.verdict, check.evidence);
    }
    let expected = "count-parity digest distribution one-to-one orphans tenant-preserved unmapped.level values.level \
        untouched.old_grants visibility.amy visibility.ben visibility.nell rerun copies.2 copies.4 kill.after-1 kill.after-4 \
        kill.random-2 writers rollback.keeps.old_grants rollback.own-rows";
    assert_eq!(of(&checks, Status::Passed), expected.split_whitespace().collect());
}
