//! A server that dies, a disk that is full, a statement that hangs: said clearly, in bounded time, and never a pass.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use rlsgate::report::record::{CheckRecord, Status};

use super::support::{CHAIN, Copy, ONE, SUITE, TABLES, checks, ids, wait_for};
use crate::common::absent;
use crate::common::left::{left_in, processes_in};

/// On a machine that has other things to do.
const BOUND: Duration = Duration::from_secs(60);

#[test]
fn a_server_killed_in_the_middle_makes_the_rest_errors() {
    let copy = Copy::new();
    if copy.run(&["--provider", "local"]).lacks_server("local") {
        return;
    }
    // The chain's own checks have a server of theirs.
    let suite = ["run", "suites/connectors", "--provider", "local", "--filter", "!chain/*"];
    let child = copy.command(&suite).spawn().unwrap();
    // The first check is being tried.
    wait_for("a probe", Duration::from_secs(30), || {
        processes_in(&copy.path("data")).into_iter().find(|process| {
            fs::read_to_string(format!("/proc/{process}/cmdline")).is_ok_and(|line| line.contains("rlsgate_probe"))
        })
    });
    let pid_file = left_in(&copy.path("data")).pop().unwrap().join("postmaster.pid");
    let text = fs::read_to_string(pid_file).unwrap();
    assert!(Command::new("kill").args(["-KILL", text.lines().next().unwrap()]).status().unwrap().success());
    let begun = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("the server is gone"), "{said}");
    let record = copy.record();
    assert_eq!(ids(&record, Status::Failed), Vec::<&str>::new(), "a server that died is no verdict");
    assert!(record.totals.error > 0);
    copy.assert_clean();
}

#[test]
fn a_full_disk_is_named() {
    let copy = Copy::new();
    if copy.run(&["--provider", "local", "--only", ONE]).lacks_server("local") {
        return;
    }
    let data = copy.path("data");
    // For initdb, for the chain, for the clones.
    for (size, arguments) in [
        ("24m", &["--provider", "local"][..]),
        ("48m", &["--provider", "local", "--no-cache"]),
        ("56m", &["--provider", "local", "--no-cache"]),
        ("64m", &["--provider", "local"]),
    ] {
        let options = format!("size={size},mode=1777");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&data).output();
        if !mounted.as_ref().is_ok_and(|output| output.status.success()) {
            absent("mount", "a small tmpfs cannot be mounted here; it takes root");
            return;
        }
        let ended = copy.run(&[arguments, &["--jobs", "4"]].concat());
        let left = left_in(&data);
        assert!(Command::new("umount").arg(&data).status().unwrap().success());
        ended.expect(3).within(BOUND);
        let said = format!("{}{}", ended.out, ended.err).to_lowercase();
        assert!(said.contains("no space"), "{size}: {said}");
        assert!(!ended.err.contains("connect as a superuser"), "{size}: not what helps: {said}");
        assert_eq!(left, Vec::<std::path::PathBuf>::new(), "{size}");
    }
}

/// A function that policies call, and what it does before it sleeps for an hour.
fn hanging(copy: &Copy, first: &str) {
    copy.edit(SUITE, "schemas  = [\"public\"]", "timeout  = \"1s\"\nschemas  = [\"public\"]");
    copy.append(
        TABLES,
        &format!(
            "CREATE OR REPLACE FUNCTION private.is_workspace_member(p_workspace_id text) RETURNS boolean LANGUAGE plpgsql \
             SECURITY DEFINER SET search_path = '' AS $$ BEGIN {first} PERFORM pg_catalog.pg_sleep(3600); RETURN true; END $$;"
        ),
    );
}

#[test]
fn a_policy_that_hangs_is_ended_in_time() {
    for first in ["", "PERFORM pg_catalog.set_config('statement_timeout', '0', false);"] {
        let copy = Copy::new();
        hanging(&copy, first);
        let ended = copy.run(&["--filter", "*/contract/public.contacts/*/ann/*"]);
        if ended.lacks_server("local") {
            return;
        }
        ended.expect(3).within(BOUND);
        let record = copy.record();
        assert_eq!(ids(&record, Status::Failed), Vec::<&str>::new(), "a statement that hangs is no verdict");
        let hung = |text: &str| text.contains("57014") || text.contains("no answer within");
        let named = |check: &CheckRecord| hung(&check.verdict) || hung(&check.evidence.got);
        assert!(checks(&record).any(|check| check.status == Status::Error && named(check)), "{}", ended.out);
        copy.assert_clean();
    }
}

#[test]
fn a_case_that_switches_the_timeout_off_is_ended_in_time() {
    let copy = Copy::new();
    copy.edit(SUITE, "schemas  = [\"public\"]", "timeout  = \"1s\"\nschemas  = [\"public\"]");
    for (name, sql) in [
        ("hangs", "select pg_sleep(3600)"),
        ("hangs-on", "set statement_timeout = 0; select pg_sleep(3600)"),
        ("hangs-with-locks", "set statement_timeout = 0; delete from contacts; select pg_sleep(3600)"),
    ] {
        copy.append(SUITE, &format!("[cases.{name}]\nas = \"ann\"\nsql = \"{sql}\"\nexpect = \"allowed\""));
    }
    // With one worker, what comes after stands behind whatever a hanging statement still holds.
    let ended =
        copy.run(&["--jobs", "1", "--filter", "*/case/hangs*", "--filter", "*/contract/public.contacts/*/ann/*"]);
    if ended.lacks_server("local") {
        return;
    }
    ended.expect(3).within(BOUND);
    let record = copy.record();
    let errors = ids(&record, Status::Error);
    assert_eq!(errors, ["hangs-on/ann", "hangs-with-locks/ann", "hangs/ann"].map(|it| format!("connectors/case/{it}")));
    copy.assert_clean();
}

#[test]
fn a_revision_that_hangs_is_ended_in_time() {
    for sql in ["SELECT pg_sleep(3600);", "SET statement_timeout = 0; SELECT pg_sleep(3600);"] {
        let copy = Copy::new();
        copy.edit(CHAIN, "lock_budget = 0", "timeout = \"3s\"\nlock_budget = 0");
        copy.append(TABLES, sql);
        let ended = copy.run(&[]);
        if ended.lacks_server("local") {
            return;
        }
        ended.expect(3).within(BOUND).says(&["20250130_create_connectors_tables.sql", "pg_sleep"]);
        copy.assert_clean();
    }
}

/// Row sets are evaluated before anything is tried.
#[test]
fn a_row_set_that_hangs_is_ended_in_time() {
    let copy = Copy::new();
    copy.edit(SUITE, "schemas  = [\"public\"]", "timeout  = \"1s\"\nschemas  = [\"public\"]");
    copy.edit(SUITE, "rows.public          = \"is_public\"", "rows.public = \"pg_sleep(3600) is not null\"");
    let ended = copy.run(&[]);
    if ended.lacks_server("local") {
        return;
    }
    ended.expect(3).within(BOUND).says(&["57014", "connector_templates"]);
    copy.assert_clean();
}

#[test]
fn the_data_may_lie_where_the_homes_are() {
    let copy = Copy::new();
    let ended = |data: &str| {
        let mut command = copy.command(&["run", "suites/connectors", "--provider", "local", "--only", ONE]);
        command.env("RLSGATE_DATA_DIR", copy.path(data)).output().unwrap()
    };
    for data in ["data", "tmp"] {
        let output = ended(data);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if said.contains("error: no local server") {
            return absent("local", &said);
        }
        assert_eq!(output.status.code(), Some(0), "{data}: {said}");
        copy.assert_clean();
    }
}
