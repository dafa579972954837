//! A run with a record: the suite is run, the record is read check by check, and the reports of CI are made from it.
//!
//! `cargo run -p rlsgate --example run_with_record -- [SUITE.toml] [FOLDER]`: the suite beside this file and `reports`,
//! where none are named. The exit code is that of `rlsgate run`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program says what it did")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rlsgate::Error;
use rlsgate::report::record::{FORMAT, RunRecord, Status, Timing, Totals};
use rlsgate::report::{FORMATS, write_all};
use rlsgate::run::{Options, run};

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let suite = arguments.next();
    let suite = suite.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/notes/suite.toml"));
    let folder = arguments.next().unwrap_or_else(|| PathBuf::from("reports"));
    match report(&suite, &folder).await {
        Ok(Totals { failed: 0, error: 0, passed: 1.., .. }) => ExitCode::SUCCESS,
        Ok(Totals { failed: 0, .. }) => ExitCode::from(3),
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}\n  help: {}", error.help());
            error.exit().into()
        }
    }
}

/// Runs `suite`, prints what did not pass, and writes run.json and junit.xml to `folder`.
async fn report(suite: &Path, folder: &Path) -> Result<Totals, Error> {
    let started = jiff::Timestamp::now().to_string();
    let done = run(suite, &Options::default(), |check| eprintln!("{:?} {}", check.status, check.id)).await?;
    for check in done.record.checks.iter().filter(|check| check.status != Status::Passed) {
        println!("{}: {}", check.id, check.verdict);
    }
    let totals = Totals::of(&done.record.checks);
    let mut timing = Timing { started, checks: done.seconds, ..Timing::default() };
    timing.servers.insert(done.record.name.clone(), done.server);
    let record = RunRecord {
        format: FORMAT.to_owned(),
        rlsgate: env!("CARGO_PKG_VERSION").to_owned(),
        suites: vec![done.record],
        totals,
        timing,
    };
    for file in write_all(&record, folder, FORMATS)? {
        println!("report: {}", file.display());
    }
    println!("{} passed, {} failed, {} errors", totals.passed, totals.failed, totals.error);
    Ok(totals)
}
