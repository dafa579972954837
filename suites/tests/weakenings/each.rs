//! Every weakening of a system's chain makes the run fail, by a check that names what was weakened.
//!
//! Each is tried once. A run judges every check by itself, so its record also tells what a run without facts would have
//! said: the same checks but those of kind `fact`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rlsgate::instance::Request;
use rlsgate::report::record::{CheckRecord, Totals};
use rlsgate::run::Filter;
use rlsgate::run::{Options, PreparedSuite};
use rlsgate::suite::Suite;
use rstest::rstest;
use serde::Deserialize;

use super::generate::{self, Weakening};

/// What behaviour does not notice, and why it makes no difference to anybody.
#[derive(Deserialize)]
struct List {
    equivalent: Vec<Equivalent>,
}

#[derive(Deserialize)]
struct Equivalent {
    reason: String,
    weakenings: BTreeSet<String>,
}

/// Which checks noticed a weakening.
#[derive(Debug, Clone, Default)]
struct Noticed {
    by_facts: bool,
    by_behaviour: bool,
}

/// A copy of `chain` whose last revision is `sql`.
fn weakened(chain: &Path, sql: &str) -> tempfile::TempDir {
    let there = tempfile::tempdir().unwrap();
    copy(chain, there.path());
    let migrations = there.path().join("migrations");
    let folder = if migrations.is_dir() { &migrations } else { there.path() };
    std::fs::write(folder.join("99999999_weakened.sql"), sql).unwrap();
    there
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, target) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).unwrap();
        if path.is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&path, &target);
        } else {
            std::fs::copy(path, target).unwrap();
        }
    }
}

/// The checks of `suite` that `globs` name, or all, on its chain with `sql` after it. The states are of no use to anybody else, so none is kept.
async fn checks(suite: &Suite, request: &Request, sql: &str, globs: &[String]) -> Vec<CheckRecord> {
    let chain = weakened(&suite.chain, sql);
    let suite = Suite { chain: chain.path().to_owned(), ..suite.clone() };
    let request = Request { keep_state: false, ..request.clone() };
    let filter = Filter::new(globs, &[]).unwrap();
    let options = Options { request, jobs: 1, filter, ..Options::default() };
    let prepared = PreparedSuite::new(suite, &options).await.unwrap_or_else(|error| panic!("{error}, with {sql}"));
    let run = prepared.run(&options, |_| ()).await;
    prepared.stop().await.unwrap();
    run.unwrap().record.checks
}

#[rstest]
#[case::connectors("connectors", include_str!("connectors.toml"), 150)]
#[case::rls_hardening("rls-hardening", include_str!("rls-hardening.toml"), 100)]
#[tokio::test(flavor = "multi_thread")]
async fn every_weakening_fails_the_run_by_a_check_that_names_what_was_weakened(
    #[case] system: &str,
    #[case] equivalent: &str,
    #[case] at_least: usize,
) {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), system, "suite.toml"].iter().collect();
    let suite = Arc::new(rlsgate::run::load_suite(&path).unwrap());
    let request = Request::default();

    // What follows shows something only if the copy of the chain is good as long as nothing is weakened.
    let totals = Totals::of(&checks(&suite, &request, "select 1", &[]).await);
    assert_eq!((totals.failed, totals.error), (0, 0));

    let runs = Arc::new(Mutex::new(generate::runs(&suite, &request).await));
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers: Vec<_> =
        (0..workers).map(|_| tokio::spawn(work(suite.clone(), request.clone(), runs.clone()))).collect();
    let mut noticed = BTreeMap::new();
    for worker in workers {
        noticed.append(&mut worker.await.unwrap());
    }

    let count = |by: fn(&Noticed) -> bool| noticed.values().filter(|noticed| by(noticed)).count();
    eprintln!(
        "{} weakenings: {} noticed by facts, {} by behaviour",
        noticed.len(),
        count(|noticed| noticed.by_facts),
        count(|noticed| noticed.by_behaviour)
    );
    assert!(noticed.len() > at_least, "the catalogs have given {} weakenings only", noticed.len());
    let names = |of: fn(&Noticed) -> bool| -> BTreeSet<String> {
        noticed.iter().filter(|(_, noticed)| of(noticed)).map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(|noticed| !noticed.by_facts && !noticed.by_behaviour), BTreeSet::new(), "noticed by nothing");
    let list: List = toml::from_str(equivalent).unwrap();
    assert!(list.equivalent.iter().all(|one| !one.reason.is_empty()));
    let equivalent: BTreeSet<String> = list.equivalent.into_iter().flat_map(|one| one.weakenings).collect();
    let unnoticed = names(|noticed| !noticed.by_behaviour);
    let missing: Vec<_> = unnoticed.difference(&equivalent).collect();
    assert!(missing.is_empty(), "behaviour alone does not notice, and {system}.toml does not say why: {missing:#?}");
    let wrong: Vec<_> = equivalent.difference(&unnoticed).collect();
    assert!(wrong.is_empty(), "{system}.toml lists what behaviour notices, or what there is not: {wrong:#?}");
}

/// Takes runs until there is none left.
async fn work(suite: Arc<Suite>, request: Request, runs: Arc<Mutex<Vec<Vec<Weakening>>>>) -> BTreeMap<String, Noticed> {
    let mut all = BTreeMap::new();
    loop {
        let Some(run) = runs.lock().unwrap().pop() else { return all };
        let sql: Vec<&str> = run.iter().map(|weakening| weakening.sql.as_str()).collect();
        let globs: Vec<String> = run.iter().flat_map(Weakening::globs).collect();
        let checks = checks(&suite, &request, &sql.join(";\n"), &globs).await;
        for weakening in run {
            let (facts, behaviour): (Vec<_>, Vec<_>) =
                checks.iter().filter(|check| weakening.is_noticed_by(check)).partition(|check| check.kind == "fact");
            let noticed = Noticed { by_facts: !facts.is_empty(), by_behaviour: !behaviour.is_empty() };
            all.insert(weakening.name, noticed);
        }
    }
}
