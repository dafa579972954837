//! The suites of four systems from Rust, as one program: it is linked once, and its tests run side by side.

// Helpers are test code as well; the lints tell by this attribute.
#![cfg(test)]

mod connectors;
mod extension_access;
mod installations;
mod python;
mod rls_hardening;
mod weakenings;

use std::path::{Path, PathBuf};

use rlsgate::report::record::SuiteRecord;
use rlsgate::run::{Options, run};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// What a run of the suite found; the server is stopped by then.
fn record(suite: &Path) -> SuiteRecord {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let run = runtime.block_on(run(suite, &Options::default(), |_| ()));
    run.unwrap_or_else(|error| panic!("{error}\n{}", error.help())).record
}

/// The same of several, which wait for each other's programs and servers side by side.
fn records(suites: &[PathBuf]) -> Vec<SuiteRecord> {
    std::thread::scope(|scope| {
        let running: Vec<_> = suites.iter().map(|suite| scope.spawn(|| record(suite))).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    })
}
