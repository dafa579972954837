//! What -v and -vv show, what they never show, and what a panic comes to.

use std::path::PathBuf;

use super::support::{Copy, Ended, ONE};
use crate::common::left::left_in;

/// Identifiers of actors, as they stand in the suite and in the claims that are made of it.
const SECRETS: [&str; 4] = ["request.jwt.claims", "-4000-8000-", "hunter2", "ws_a"];

#[track_caller]
fn keeps_secrets(ended: &Ended) {
    for secret in SECRETS {
        assert!(!ended.err.contains(secret), "`{secret}` is shown:\n{}", ended.err);
    }
}

#[test]
fn v_shows_what_is_built_and_then_restored_and_vv_each_check_program_and_connection() {
    let copy = Copy::with_own_cache();
    let arguments = ["run", "suites/connectors", "--filter", ONE, "--provider", "local"];
    let with = |more: &[&str]| {
        let mut command = copy.command(&[&arguments, more].concat());
        command.env("SOME_TOKEN", "hunter2").env("PGPASSWORD", "hunter2");
        Ended::of(command.output().unwrap(), std::time::Duration::ZERO)
    };
    let first = with(&["-v"]);
    if first.lacks_server("local") {
        return;
    }
    let built = ["starting a server", "initdb", "the server is up", "applied the chain", "loaded a seed", "took="];
    first.expect(0).says(&built).says(&[
        "built the state",
        "kept in the cache",
        "planned the checks",
        "clones are made",
    ]);
    first.says(&["tried the checks", "wrote a report", "stopped the server"]);
    assert!(!first.err.contains(ONE) && !first.err.contains("running a program"), "{}", first.err);
    keeps_secrets(&first);

    let second = with(&["-vv"]);
    second.expect(0).says(&["restored the state from the cache", "restored=true", "running a program", "connected"]);
    second.says(&[&format!("trying check=\"{ONE}\""), &format!("tried check=\"{ONE}\" status=Passed")]);
    assert!(!second.err.contains("applied the chain"), "{}", second.err);
    keeps_secrets(&second);

    let silent = with(&[]);
    silent.expect(0);
    assert_eq!(silent.err, "", "nothing is said unasked");
    assert_eq!(lines(&silent), lines(&first), "standard output is the same");
    copy.assert_clean();
}

/// Standard output without its times.
fn lines(ended: &Ended) -> Vec<&str> {
    ended.out.lines().map(|line| line.split(" in ").next().unwrap_or_default()).collect()
}

#[test]
fn an_event_is_one_line_without_control_characters() {
    let copy = Copy::new();
    let ended = copy.run(&["--only", ONE, "-v", "--out", "re\u{1b}[2J\nports"]);
    if ended.lacks_server("local") {
        return;
    }
    ended.expect(0).says(&["wrote a report", "re?[2J ports"]);
    assert!(!ended.err.contains('\u{1b}'), "{:?}", ended.err);
    assert!(ended.err.lines().all(|line| line.contains("s ")), "each has its time: {}", ended.err);
}

/// No thread has so large a stack, and the runtime panics without its threads.
#[test]
fn a_panic_is_a_defect_with_an_exit_code_of_its_own_and_leaves_nothing() {
    let copy = Copy::new();
    let mut command = copy.command(&["list"]);
    command.env("RUST_MIN_STACK", "99999999999999").env("RUST_BACKTRACE", "0");
    let ended = Ended::of(command.output().unwrap(), std::time::Duration::ZERO);
    ended.expect(70).says(&["error: panicked at ", "help: this is a defect of rlsgate ", env!("CARGO_PKG_VERSION")]);
    assert_eq!((ended.out.as_str(), ended.err.lines().count()), ("", 2), "{}", ended.err);
    assert_eq!(left_in(&copy.path("tmp")), Vec::<PathBuf>::new());
}
