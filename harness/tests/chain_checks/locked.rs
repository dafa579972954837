//! The lock file: what was released stays, and the catalog is the one that was committed.

use rlsgate::chain_check::Subject;
use rlsgate::exit::Exit;
use rlsgate::report::record::Status;

use super::support::Folder;

fn locked() -> Option<Folder> {
    let folder = Folder::of(&[
        ("chain.toml", "prelude = \"platform.sql\""),
        ("platform.sql", "create role app"),
        ("001.sql", "create table t (id int);\nalter table t enable row level security;"),
        ("001.down.sql", "drop table t"),
        ("002.sql", "create policy own on t using (id = 1);"),
        ("002.down.sql", "drop policy own on t"),
    ]);
    assert!(folder.lock()?, "there was no lock file");
    Some(folder)
}

#[test]
fn a_lock_holds_each_revision_and_fact_on_a_line_and_is_written_once() {
    let Some(folder) = locked() else { return };
    let text = folder.read("chain.lock");
    assert!(text.contains("format = 1\n") && text.contains("  { id = \"001\", up = \""), "{text}");
    assert!(text.contains("[facts.\"table public.t\"]\n"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("\"policy own/using\" = \"(id = 1)\"")), "{text}");
    // The platform is not the chain's.
    assert!(!text.contains("role app"), "{text}");
    assert_eq!(folder.lock(), Some(false));
    assert_eq!(folder.read("chain.lock"), text);
    let Some(ran) = folder.check() else { return };
    let passed = ran.all_pass().ids(Status::Passed);
    assert!(["fingerprint", "released/001", "released/002"].iter().all(|id| passed.contains(id)), "{passed:?}");
}

#[test]
fn an_edited_released_file_is_named() {
    let Some(folder) = locked() else { return };
    // A comment, so that nothing but the file is another.
    folder.write("001.sql", "-- edited\ncreate table t (id int);\nalter table t enable row level security;");
    let Some(ran) = folder.check() else { return };
    ran.fails_alone("released/001", "001.sql:2", &["001.sql was edited after it was released"], &[]);
    let Some(folder) = locked() else { return };
    folder.write("002.down.sql", "\ndrop policy own on t;");
    let Some(ran) = folder.check() else { return };
    ran.fails_alone("released/002", "002.down.sql:2", &["what takes revision 002 back was edited"], &[]);
}

#[test]
fn a_released_revision_that_is_gone_and_one_that_came_before_it_are_named() {
    let Some(folder) = locked() else { return };
    folder.write("0015.sql", "select 1;");
    folder.write("0015.down.sql", "select 1;");
    let Some(ran) = folder.check() else { return };
    ran.fails_alone("released/0015", "0015.sql:1", &["was added before 002, which is released"], &[]);
    folder.remove("0015.sql");
    folder.remove("0015.down.sql");
    folder.write("002.sql", "select 1");
    folder.write("003.sql", "create policy own on t using (id = 1);");
    std::fs::rename(folder.path().join("002.down.sql"), folder.path().join("003.down.sql")).unwrap();
    folder.remove("002.sql");
    let Some(ran) = folder.check() else { return };
    ran.fails_alone("released/002", "chain.lock:1", &["was released and is not in the chain any more"], &[]);
}

#[test]
fn a_catalog_that_drifted_is_shown_as_a_difference() {
    let Some(folder) = locked() else { return };
    folder.write(
        "platform.sql",
        "create role app;\nalter default privileges for role migrator grant select on tables to app;",
    );
    let Some(ran) = folder.check() else { return };
    ran.fails_alone(
        "fingerprint",
        "chain.lock:1",
        &["makes another catalog", "table public.t", "grant app/select"],
        &[],
    );
    // With another major version, definitions may be worded otherwise.
    let lock = folder.read("chain.lock");
    let major = lock.lines().find(|line| line.starts_with("postgres = ")).unwrap().to_owned();
    folder.write("chain.lock", &lock.replace(&major, "postgres = 9"));
    let Some(ran) = folder.check() else { return };
    assert_eq!(ran.all_pass().of("fingerprint").status, Status::Skipped);
    assert!(ran.of("fingerprint").verdict.contains("PostgreSQL 9"));
}

#[test]
fn a_lock_that_was_broken_by_hand_is_refused_with_its_place() {
    let folder = Folder::of(&[("chain.toml", ""), ("001.sql", ""), ("chain.lock", "format = 7\n")]);
    let error = Subject::load(&folder.path()).unwrap_err();
    assert_eq!(error.exit(), Exit::Input);
    assert!(error.to_string().contains("chain.lock:1:10") && error.to_string().contains("format 7"), "{error}");
}

#[test]
fn a_chain_that_does_not_apply_leaves_its_lock_as_it_is() {
    let Some(folder) = locked() else { return };
    let text = folder.read("chain.lock");
    folder.write("003.sql", "select nothing");
    let mut subject = folder.subject();
    let request = super::support::options().request;
    let error = super::support::runtime().block_on(rlsgate::chain_check::update(&mut subject, &request)).unwrap_err();
    assert!(error.to_string().contains("003") && error.exit() == Exit::Untested, "{error}");
    assert_eq!(folder.read("chain.lock"), text);
}
