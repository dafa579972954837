//! Up, down, up again; without a trace, one by one and all the way.

use rlsgate::report::record::Status;

use super::support::Folder;

const TABLE: &str = "create table t (id int primary key);\nalter table t enable row level security;\n";

#[test]
fn a_chain_without_fault_passes_every_check() {
    let folder = Folder::of(&[
        ("chain.toml", "[seed_at]\n001 = \"seed/t.sql\"\n[revisions.002]\nidempotent = true\nlock_budget = 0"),
        ("seed/t.sql", "insert into t values (1)"),
        ("001.sql", TABLE),
        ("001.down.sql", "drop table t"),
        ("002.sql", "create table if not exists u (id int);\nalter table u enable row level security;"),
        ("002.down.sql", "drop table u"),
    ]);
    let Some(ran) = folder.check() else { return };
    let ran = ran.all_pass();
    let passed = ran.ids(Status::Passed);
    for id in [
        "applies/001",
        "up-down-up/002",
        "no-trace/001",
        "round-trip",
        "idempotent/002",
        "locks/002",
        "upgrade-with-data/002",
        "open-tables/001",
        "policy-changes/002",
        "down-exists/001",
    ] {
        assert!(passed.contains(&id), "{id} is not among {passed:?}");
    }
    assert_eq!(ran.ids(Status::Skipped), ["fingerprint", "released"]);
    assert!(ran.of("fingerprint").verdict.contains("rlsgate chain --update"));
    assert_eq!(ran.of("idempotent/002").evidence.witness, "1 rows were there");
    let chain = ran.record.chain.as_ref().unwrap();
    let line =
        |n: usize| (chain.revisions[n].id.as_str(), chain.revisions[n].tried.as_str(), chain.revisions[n].status);
    assert_eq!(line(0), ("001", "up, down, up", Status::Passed));
    assert_eq!(line(1), ("002", "up, down, up, again, over rows", Status::Passed));
}

#[test]
fn a_revision_that_does_not_apply_is_named_with_its_statement_and_no_later_one_passes() {
    let folder = Folder::of(&[
        ("chain.toml", ""),
        ("001.sql", TABLE),
        ("002.sql", "select 1;\n\nalter table nowhere add x int;"),
        ("003.sql", "select 1"),
    ]);
    let Some(ran) = folder.check() else { return };
    // Not a failure: what stands on the chain could not be tested.
    assert_eq!(ran.ids(Status::Failed), [""; 0]);
    let errors = [
        "applies/002",
        "applies/003",
        "open-tables/002",
        "open-tables/003",
        "policy-changes/002",
        "policy-changes/003",
    ];
    assert_eq!(ran.ids(Status::Error), errors);
    ran.shows("applies/002", "002.sql:3", &["relation \"nowhere\" does not exist"]);
}

#[test]
fn an_enum_that_a_down_leaves_behind_is_a_trace() {
    let folder = Folder::of(&[
        ("chain.toml", ""),
        ("001.sql", TABLE),
        ("001.down.sql", "drop table t"),
        ("002.sql", "select 1;\ncreate type mood as enum ('good', 'bad');\nalter table t add mood mood;"),
        ("002.down.sql", "alter table t drop mood"),
    ]);
    let Some(ran) = folder.check() else { return };
    let words = ["type public.mood is left (named at ", "002.sql:2"];
    ran.fails_alone("no-trace/002", "002.down.sql:1", &words, &["round-trip", "up-down-up/002"]);
}

#[test]
fn every_sort_of_trace_is_found_where_it_was_left() {
    for (up, down, words) in [
        ("create policy p on t using (id = 1)", "select 1", "policy p"),
        ("drop policy own on t", "create policy own on t using (true)", "policy own/using"),
        ("grant select on t to app", "select 1", "grant app/select"),
        ("alter default privileges grant select on tables to app", "select 1", "default"),
        ("create role extra", "select 1", "role extra"),
        ("alter table t disable row level security", "select 1", "rls"),
    ] {
        let folder = Folder::of(&[
            ("chain.toml", "prelude = \"app.sql\""),
            ("app.sql", "create role app"),
            ("001.sql", &format!("{TABLE}create policy own on t using (id = 0);")),
            ("001.down.sql", "drop table t"),
            ("002.sql", up),
            ("002.down.sql", down),
        ]);
        let Some(ran) = folder.check() else { return };
        assert_eq!(ran.ids(Status::Failed), ["no-trace/002"], "{up}");
        let check = ran.of("no-trace/002");
        assert!(check.evidence.got.contains(words), "{up}: {}", check.evidence.got);
        assert!(check.file.ends_with("002.down.sql"), "{}", check.file);
    }
}

#[test]
fn a_down_that_fails_and_an_up_that_works_once_are_no_way_back() {
    let base = [
        ("chain.toml", "prelude = \"p.sql\""),
        ("p.sql", "create table log (line text unique);\ngrant all on log to public"),
    ];
    let mut files = base.to_vec();
    files.extend([
        ("001.sql", TABLE),
        ("001.down.sql", "drop table t;\ndrop table t;"),
        ("002.sql", ""),
        ("002.down.sql", ""),
    ]);
    let folder = Folder::of(&files);
    let Some(ran) = folder.check() else { return };
    let words = ["revision 001 cannot be downgraded", "table \"t\" does not exist"];
    ran.fails_alone("up-down-up/001", "001.down.sql:2", &words, &["no-trace/001", "round-trip"]);
    // What is left are rows, which no catalog shows.
    let mut files = base.to_vec();
    files.extend([("001.sql", "insert into log values ('001')"), ("001.down.sql", "select 1")]);
    let folder = Folder::of(&files);
    let Some(ran) = folder.check() else { return };
    let words = ["does not apply again", "duplicate key"];
    ran.fails_alone("up-down-up/001", "001.sql:1", &words, &["round-trip"]);
}

#[test]
fn the_way_down_from_the_top_is_another_than_each_step() {
    let folder = Folder::of(&[
        ("chain.toml", "[revisions.002]\ncatalog_neutral = \"rows are not taken back\""),
        ("001.sql", TABLE),
        (
            "001.down.sql",
            "do $$ begin if exists (select from t) then raise 'rows are in the way'; end if; end $$;\ndrop table t;",
        ),
        ("002.sql", "insert into t values (1) on conflict do nothing"),
    ]);
    let Some(ran) = folder.check() else { return };
    let words = ["on the way down, revision 001 cannot be downgraded", "rows are in the way"];
    ran.fails_alone("round-trip", "001.down.sql:1", &words, &[]);
}

#[test]
fn a_missing_down_is_a_failure_where_others_have_one() {
    let folder = Folder::of(&[
        ("chain.toml", "[revisions.002]\nirreversible = \"drops what was read by nobody\""),
        ("001.sql", TABLE),
        ("001.down.sql", "drop table t"),
        ("002.sql", "select 1"),
        ("003.sql", "-- no way back\nselect 1"),
        ("004.sql", "select 1"),
        ("004.down.sql", "select 1"),
    ]);
    let Some(ran) = folder.check() else { return };
    ran.fails_alone("down-exists/003", "003.sql:2", &["nothing takes revision 003 back", "irreversible"], &[]);
    assert_eq!(ran.of("down-exists/002").status, Status::Skipped);
    assert!(ran.of("no-trace/002").verdict.contains("drops what was read by nobody"));
    // Down to the one that stays.
    assert!(ran.of("round-trip").verdict.starts_with("1 revisions down to revision 003"));
}

#[test]
fn a_chain_that_has_no_downs_is_said_once_not_to_be_tested() {
    let Some(ran) = Folder::of(&[("chain.toml", ""), ("001.sql", TABLE), ("002.sql", "")]).check() else { return };
    ran.all_pass();
    assert_eq!(ran.ids(Status::Skipped), ["down-exists", "fingerprint", "released", "upgrade-with-data"]);
    assert!(ran.of("down-exists").verdict.contains("no revision of the chain can be downgraded"));
    assert!(ran.of("upgrade-with-data").verdict.contains("seed_at"));
}
