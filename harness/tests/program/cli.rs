//! What the command line takes, refuses, and says.

use std::fs;
use std::time::Duration;

use rlsgate::report::record::Status;

use super::support::{CHAIN, Copy, ONE, SUITE, TABLES, checks, ids, wait_for};
use crate::common::left::left_in;

#[test]
fn a_misspelt_key_is_shown_with_its_place_and_the_nearest() {
    let copy = Copy::new();
    copy.edit(SUITE, "tenant_key    = \"workspace_id\"", "tenat_key    = \"workspace_id\"");
    let line =
        fs::read_to_string(copy.path(SUITE)).unwrap().lines().position(|it| it.contains("tenat_key")).unwrap() + 1;
    let ended = copy.run(&[]);
    ended.expect(2).says(&["tenat_key", "tenant_key", &format!("suites/connectors/suite.toml:{line}:1"), "^^^^^^^^^"]);
    ended.within(Duration::from_secs(5));
    assert_eq!(ended.out, "");
}

#[test]
fn a_relation_that_is_not_there_is_refused() {
    let copy = Copy::new();
    copy.append(SUITE, "[contract.conectors]");
    let ended = copy.run(&[]);
    if ended.lacks_server("local") {
        return;
    }
    ended.expect(2).says(&["conectors", "public.connectors", SUITE]);
    copy.assert_clean();
}

#[test]
fn options_that_mean_nothing_are_refused() {
    let copy = Copy::new();
    copy.run(&["--provider", "podman"]).expect(2).says(&["no provider `podman`", "local or docker"]);
    copy.run(&["--jobs", "0"]).expect(2).says(&["--jobs 0"]);
    copy.run(&["--jobbs", "2"]).expect(2).says(&["--jobbs", "--jobs"]);
    copy.rlsgate(&["run", "suites/nowhere"]).expect(2).says(&["suites/nowhere"]);
    copy.rlsgate(&["rn"]).expect(2).says(&["'rn'"]);
    // A name never shows what it could do to a terminal.
    let hostile = copy.rlsgate(&["run", "suites/\u{1b}[2J\u{202e}nowhere"]);
    assert!(!hostile.expect(2).err.contains(['\u{1b}', '\u{202e}']), "{:?}", hostile.err);
}

#[test]
fn a_selection_of_nothing_is_nothing_tested() {
    let copy = Copy::new();
    let ended = copy.run(&["--filter", "nowhere/*"]);
    if ended.lacks_server("local") {
        return;
    }
    ended.expect(3).says(&["nothing was run", "rlsgate list"]);
    // An exact id that is no check's is misspelt.
    copy.run(&["--only", ONE, "--only", "nowhere"]).expect(2).says(&["there is no check `nowhere`", "rlsgate list"]);
}

/// What its chain passes is not the suite's own.
#[test]
fn a_suite_of_which_nothing_passed_is_nothing_tested() {
    let copy = Copy::new();
    let known = "connectors/fact/query/sum-of-policies";
    let ended = copy.run(&["--filter", known, "--filter", "chain/*/applies/*"]);
    if ended.lacks_server("local") {
        return;
    }
    let record = copy.record();
    assert!(record.totals.passed > 0 && !ids(&record, Status::Skipped).is_empty(), "{}", ended.out);
    ended.expect(3);
    copy.run(&["--filter", "chain/*/applies/*"]).expect(0);
}

#[test]
fn only_runs_that_check() {
    let copy = Copy::new();
    let ended = copy.run(&["--only", ONE]);
    if ended.lacks_server("local") {
        return;
    }
    ended.expect(0);
    let record = copy.record();
    assert_eq!(ids(&record, Status::Passed), [ONE]);
    assert_eq!(checks(&record).count(), 1);
}

#[test]
fn list_prints_what_run_reports() {
    let copy = Copy::new();
    for selection in [&[][..], &["--filter", "*/contract/*contacts/*", "--filter", "!*/@public/*"]] {
        let listed = copy.rlsgate(&[&["list", "suites/connectors"], selection].concat());
        if listed.lacks_server("local") {
            return;
        }
        let listed: Vec<&str> = listed.expect(0).out.lines().collect();
        copy.run(selection).expect(0);
        let record = copy.record();
        let reported: Vec<&str> = checks(&record).map(|check| check.id.as_str()).collect();
        assert_eq!(listed, reported);
        assert!(listed.len() > 20);
    }
}

#[test]
fn a_broken_revision_is_shown_with_its_place() {
    let copy = Copy::new();
    copy.append(TABLES, "CREATE TABLE more (\n  id uuid,\n  workspace_id teext\n);");
    let line = fs::read_to_string(copy.path(TABLES)).unwrap().lines().position(|it| it.contains("teext")).unwrap() + 1;
    let ended = copy.run(&[]);
    if ended.lacks_server("local") {
        return;
    }
    let place = format!("20250130_create_connectors_tables.sql:{line}:16");
    ended.expect(3).says(&["type \"teext\" does not exist", &place, "workspace_id teext", "^"]);
    // What could be told without the chain is in the reports, and the suite is in error there.
    let record = copy.record();
    let state = checks(&record).find(|check| check.id == "connectors/state").unwrap();
    assert_eq!(state.status, Status::Error);
    assert!(state.verdict.contains("20250130_create_connectors_tables"), "{}", state.verdict);
    assert_eq!(ids(&record, Status::Failed), ["chain/connectors/released/20250130_create_connectors_tables"]);
    copy.assert_clean();
}

#[test]
fn reports_of_an_earlier_run_do_not_stay() {
    let copy = Copy::new();
    if copy.run(&["--only", ONE, "--out", "here/and/there"]).lacks_server("local") {
        return;
    }
    for file in ["run.json", "junit.xml"] {
        assert!(copy.path("here/and/there").join(file).exists(), "{file}");
    }
    assert!(!copy.path("reports").exists());
    copy.edit(CHAIN, "schemas", "schemata");
    copy.run(&["--out", "here/and/there"]).expect(2);
    assert_eq!(left_in(&copy.path("here/and/there")), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_known_exception_for_nothing_is_refused() {
    let copy = Copy::new();
    copy.append(SUITE, "[[known]]\ncheck = \"connectors/case/no-such-case/*\"\nreason = \"none\"");
    let ended = copy.run(&[]);
    if ended.lacks_server("local") {
        return;
    }
    ended.expect(2).says(&["connectors/case/no-such-case/*", SUITE]);
}

/// An exception that covers what passes is one that nobody needs: it fails the run.
#[test]
fn a_known_exception_that_passes_fails_the_run() {
    let copy = Copy::new();
    copy.append(SUITE, &format!("[[known]]\ncheck = \"{ONE}\"\nreason = \"none\""));
    let ended = copy.run(&["--only", ONE]);
    if ended.lacks_server("local") {
        return;
    }
    ended.expect(1);
}

#[test]
fn help_fits_one_screen() {
    let copy = Copy::new();
    for arguments in [&["help"][..], &["--help"], &["-h"]] {
        let help = copy.rlsgate(arguments);
        let lines = help.expect(0).out.lines();
        assert!(lines.clone().count() <= 24 && lines.clone().all(|line| line.len() <= 100), "{}", help.out);
        for word in ["run", "list", "schema"] {
            assert!(lines.clone().any(|line| line.trim_start().starts_with(word)), "no {word} in {}", help.out);
        }
    }
}

#[test]
fn two_runs_at_once_do_not_trip_over_each_other() {
    let copy = Copy::with_own_cache();
    let runs = [1, 2, 3].map(|n| copy.command(&["run", "suites/connectors", "--out", &format!("out-{n}")]).spawn());
    let ends = runs.map(|child| child.unwrap().wait_with_output().unwrap());
    for (n, end) in ends.iter().enumerate() {
        let err = String::from_utf8_lossy(&end.stderr);
        if err.starts_with("error: no local server") || err.starts_with("error: there is no server") {
            crate::common::absent("local", &err);
            return;
        }
        assert_eq!(end.status.code(), Some(0), "{err}");
        assert!(copy.path(&format!("out-{}", n + 1)).join("run.json").exists());
    }
    copy.assert_clean();
}

#[test]
fn a_pipe_gets_no_escapes_and_names_none_either() {
    let copy = Copy::new();
    // Titles, names of schema objects and what the server says are a stranger's.
    copy.edit(SUITE, "title    = \"Connectors:", "title    = \"\\u001b[31m\\u202eConnectors:");
    copy.append(TABLES, "CREATE TABLE \"odd\u{1b}[2J\u{202e}\u{7}\" (a int);");
    let ended = copy.run(&["--filter", "*odd*"]);
    if ended.lacks_server("local") {
        return;
    }
    // Nobody named the table in the contract.
    ended.expect(1);
    assert!(ended.out.contains("odd"), "{}", ended.out);
    let plain = |text: &str| text.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}');
    assert!(plain(&ended.out) && plain(&ended.err), "{:?}\n{:?}", ended.out, ended.err);
    let listed = copy.rlsgate(&["list", "suites/connectors"]);
    assert!(plain(&listed.expect(0).out), "{:?}", listed.out);
}

#[test]
fn two_suites_of_one_name_are_refused() {
    let copy = Copy::new();
    fs::copy(copy.path(SUITE), copy.path("suites/connectors/again.suite.toml")).unwrap();
    copy.run(&[]).expect(2).says(&["connectors", "suite.toml", "again.suite.toml"]);
    copy.rlsgate(&["list", "suites/connectors"]).expect(2).says(&["connectors", "again.suite.toml"]);
}

/// A reader that has seen enough is no error.
#[test]
fn a_closed_pipe_is_no_panic() {
    let copy = Copy::new();
    let mut child = copy.command(&["list", "suites/connectors"]).spawn().unwrap();
    drop(child.stdout.take());
    let status = wait_for("the end of list", Duration::from_secs(60), || child.try_wait().unwrap());
    let mut err = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut err).unwrap();
    assert!(!err.contains("panicked"), "{err}");
    assert!(matches!(status.code(), Some(0 | 3)), "{status}: {err}");
}

#[test]
fn a_run_checks_the_chain_of_its_suites_once_unless_the_filter_leaves_it_out() {
    let copy = Copy::new();
    let text = fs::read_to_string(copy.path(SUITE)).unwrap();
    let again = text.replace("name     = \"connectors\"", "name     = \"again\"").replace("\"connectors/", "\"again/");
    fs::write(copy.path("suites/connectors/again.suite.toml"), again).unwrap();
    let ended = copy.run(&["--filter", "chain/*"]);
    if ended.lacks_server("local") {
        return;
    }
    ended.expect(0);
    let record = copy.record();
    let applies = "chain/connectors/applies/20250101_create_base_tables";
    assert_eq!(checks(&record).filter(|check| check.id == applies).count(), 1);
    assert!(checks(&record).all(|check| check.kind == "chain"));
    copy.run(&["--filter", "!chain/*", "--only", ONE]).expect(0);
    assert!(checks(&copy.record()).all(|check| check.kind != "chain"));
    let listed = copy.rlsgate(&["list", "suites", "--only", applies]);
    assert_eq!(listed.expect(0).out, format!("{applies}\n"));
}

#[test]
fn a_known_exception_may_be_about_the_chain() {
    let copy = Copy::new();
    copy.append(TABLES, "create type left_behind as enum ('a');");
    let leaves = "chain/connectors/no-trace/20250130_create_connectors_tables";
    let ended = copy.rlsgate(&["chain", "schemas/connectors", "--only", leaves]);
    if ended.lacks_server("local") {
        return;
    }
    ended.expect(1);
    assert!(ended.out.contains("type public.left_behind is left"), "{}", ended.out);
    assert!(ended.out.contains("20250130_create_connectors_tables  up, down, up"), "{}", ended.out);
    copy.append(SUITE, &format!("[[known]]\ncheck = \"{leaves}\"\nreason = \"the type is shared\""));
    copy.run(&["--only", leaves, "--only", ONE]).expect(0);
    let record = copy.record();
    let check = checks(&record).find(|check| check.id == leaves).unwrap();
    assert_eq!(check.status, Status::Skipped);
    assert_eq!(check.verdict, "known exception: the type is shared");
}
