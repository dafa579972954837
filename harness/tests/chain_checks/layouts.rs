//! What follows from how a chain lies in files: order, tools that are not run, revisions that are run again and again.

use rlsgate::report::record::Status;

use super::support::Folder;

const TABLE: &str = "create table t (id int);\nalter table t enable row level security;";

#[test]
fn a_tool_that_the_harness_stands_in_for_is_said_once_not_to_be_tested() {
    let folder = Folder::of(&[("chain.toml", ""), ("1_a.up.sql", TABLE), ("1_a.down.sql", "drop table t")]);
    let Some(ran) = folder.check() else { return };
    let check = ran.all_pass().of("tool-again");
    assert_eq!(check.status, Status::Skipped);
    assert!(check.verdict.starts_with("not tested: the files of layout up-down"), "{}", check.verdict);
}

#[test]
fn repeatables_are_stepped_over_on_the_way_down_and_change_nothing_when_run_again() {
    let folder = Folder::of(&[
        ("chain.toml", ""),
        ("V1__a.sql", TABLE),
        ("U1__a.sql", "drop table t"),
        ("V2__b.sql", "alter table t add note text"),
        ("U2__b.sql", "alter table t drop note"),
        ("R__seen.sql", "create or replace view seen with (security_invoker = true) as select id from t"),
    ]);
    let Some(ran) = folder.check() else { return };
    ran.all_pass();
    assert_eq!(ran.of("round-trip").verdict, "2 revisions down to the empty database, and up again");
    assert_eq!(ran.of("tool-again/R__seen").status, Status::Passed);
    // A fault of the way down does not keep what comes after it from being looked at.
    folder
        .write("U1__a.sql", "do $$ begin if exists (select from t) then raise 'rows'; end if; end $$;\ndrop table t;");
    folder.write("V2__b.sql", "alter table t add note text;\ninsert into t values (1);");
    folder.write("R__seen.sql", "insert into t values (2)");
    let Some(ran) = folder.check() else { return };
    assert_eq!(ran.ids(Status::Failed), ["round-trip", "tool-again/R__seen"]);
    let verdict = &ran.of("tool-again/R__seen").verdict;
    assert!(verdict.contains("writes to public.t (2 rows before, 3 after)"), "{verdict}");
}

#[test]
fn an_order_that_numbers_do_not_have_is_told() {
    let folder =
        Folder::of(&[("chain.toml", ""), ("10_b.sql", "select 1"), ("10_c.sql", "select 1"), ("9_a.sql", TABLE)]);
    let Some(ran) = folder.check() else { return };
    let told = "10_b and 10_c have one number; 10_c runs before 9_a: names are in byte order";
    assert_eq!(ran.all_pass().record.facts["order"], told);
}

#[test]
fn a_lock_file_that_is_named_and_not_there_is_no_reason_to_skip() {
    let folder = Folder::of(&[("chain.toml", "lock = \"x.lock\""), ("001.sql", TABLE)]);
    let Some(ran) = folder.check() else { return };
    assert_eq!(ran.ids(Status::Error), ["fingerprint", "released"]);
    assert!(ran.of("released").verdict.contains("x.lock, which is not there"), "{}", ran.of("released").verdict);
    if folder.lock() == Some(true) {
        folder.check().unwrap().all_pass();
    }
}

#[test]
fn what_a_program_prints_is_evidence_and_its_last_line_the_cause() {
    let folder = Folder::of(&[
        ("chain.toml", "[revisions.002]\nrun = [\"./move.sh\"]\n"),
        ("001.sql", TABLE),
        ("move.sh", "#!/bin/sh\necho moved 3 rows\n"),
    ]);
    let executable = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(folder.path().join("move.sh"), executable).unwrap();
    let Some(ran) = folder.check() else { return };
    assert_eq!(ran.all_pass().of("applies/002").evidence.notes, ["it printed:\nmoved 3 rows"]);
    folder.write("move.sh", "#!/bin/sh\necho no rows to move\nexit 255\n");
    let Some(ran) = folder.check() else { return };
    let verdict = &ran.of("applies/002").verdict;
    assert!(verdict.contains("ended with exit status 255: no rows to move"), "{verdict}");
}

#[test]
fn a_file_may_listen_and_notify() {
    let folder = Folder::of(&[
        ("chain.toml", "[revisions.002]\ntransaction = \"none\""),
        ("001.sql", "listen news;\nnotify news, 'a';\nselect pg_notify('news', 'b');\n"),
        ("002.sql", "listen news;\nnotify news, 'a';\nselect 1;\nnotify news;\n"),
        ("003.sql", TABLE),
    ]);
    let Some(ran) = folder.check() else { return };
    ran.all_pass();
}

#[test]
fn a_way_back_beside_the_reason_why_there_is_none_is_refused() {
    let folder = Folder::of(&[
        ("chain.toml", "[revisions.001]\nirreversible = \"rows are gone\""),
        ("001.sql", TABLE),
        ("001.down.sql", "drop table t"),
    ]);
    let error = rlsgate::chain_check::Subject::load(&folder.path()).unwrap_err();
    assert_eq!(error.exit(), rlsgate::exit::Exit::Input);
    let message = error.to_string();
    assert!(
        message.contains("revision `001` is `irreversible`") && message.contains("001.down.sql takes it back"),
        "{message}"
    );
    assert!(message.contains("chain.toml:1:12"), "{message}");
}
