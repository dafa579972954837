//! Nothing is asked before it is known where: guards, and who the session is.

use super::live::{log, query, server, suite, url, verify};
use crate::common::execute;

#[tokio::test]
async fn against_the_wrong_target_nothing_but_the_guard_is_asked() {
    let server = server().await;
    let mut session = server.session("rlsgate", "postgres").await;
    execute(&mut session, "alter database staging set log_statement = 'all'").await.unwrap();
    let suite = query("select id from notes", "");
    let ended = verify(&url(&server, "reader", "staging"), suite.path(), &[]);
    ended.expect(
        2,
        &["this is not target `production`", "guard `database`", "expects `live`", "reader@", "suite.toml:7"],
    );
    assert!(ended.record.is_none(), "{}", ended.said);
    let log = log(&server).await;
    let sent: Vec<&str> = log
        .lines()
        .filter_map(|line| {
            line.split_once("LOG:  statement: ").or_else(|| line.split_once("LOG:  execute <unnamed>: "))
        })
        .map(|(_, sql)| sql)
        .collect();
    let frame = |sql: &&&str| {
        ["BEGIN", "ROLLBACK", "DEALLOCATE", "SELECT pg_catalog.current_setting"].iter().any(|own| sql.starts_with(own))
    };
    let rest: Vec<&&str> = sent.iter().filter(|sql| !frame(sql)).collect();
    assert_eq!(rest, [&"PREPARE rlsgate_query AS select current_database()", &"EXECUTE rlsgate_query"], "{log}");
    for own in sent.iter().filter(|sql| sql.starts_with("BEGIN") || sql.starts_with("SELECT")) {
        assert!(!own.contains("pg_class") && !own.contains("pg_roles"), "{own}");
    }
}

#[tokio::test]
async fn a_guard_that_cannot_be_answered_does_not_hold() {
    let server = server().await;
    let url = url(&server, "reader", "live");
    for (guard, why) in [
        ("{ sql = \"select value from settings\", is = \"x\" }", "answers 42P01"),
        ("{ sql = \"select id from notes\", is = 1 }", "2 rows of 1 columns instead of one value"),
        ("{ sql = \"select current_database(), 1\", is = \"live\" }", "1 rows of 2 columns"),
        ("{ sql = \"select current_database()\", is_not = \"live\" }", "expects anything but `live`"),
        ("{ sql = \"select null::text\", is_not = \"live\" }", "answers"),
        ("{ sql = \"select bump()\", is = 1 }", "it runs public.bump(), volatile"),
        ("{ sql = \"select public.version()\", is = 1 }", "42883"),
        ("{ sql = \"select n from peek\", is = 1 }", "it runs public.bump(), volatile, in view public.peek"),
        ("{ sql = \"select id from indexed\", is = 1 }", "it runs public.trace(), code of the database, in index"),
        ("{ sql = \"select line from program\", is = 1 }", "it runs foreign table public.program"),
        ("{ sql = \"select 1\", is = 1 }", "it asks the server nothing"),
        ("{ sql = \"select lower('LIVE') as name\", is = \"live\" }", "it asks the server nothing"),
    ] {
        let suite = suite("", &format!("guards.other = {guard}"));
        verify(&url, suite.path(), &[]).expect(2, &["guard `other`", why]);
    }
}

#[tokio::test]
async fn a_session_that_may_do_too_much_is_refused_unless_that_is_meant() {
    let server = server().await;
    let suite = query("select id from notes where false", "");
    for (role, why) in [("rlsgate", "superuser"), ("operator", "a member of pg_read_server_files")] {
        let url = url(&server, role, "live");
        verify(&url, suite.path(), &[]).expect(2, &[why, "--as-superuser"]);
        verify(&url, suite.path(), &["--as-superuser"]).expect(0, &["1 passed"]);
    }
}

#[tokio::test]
async fn the_command_line_says_what_it_lacks() {
    let server = server().await;
    let live = url(&server, "reader", "live");
    let suite = query("select 1 where false", "");
    verify(&live, suite.path(), &["--target", "produktion"]).expect(2, &["produktion", "`production`"]);
    verify("nonsense:secret", suite.path(), &[]).expect(2, &["not a PostgreSQL URL"]);
    let bare = verify("postgres://reader:12/s3cret@localhost/live", suite.path(), &[]);
    bare.expect(2, &["an `@` behind its host", "%2F"]);
    assert!(!bare.said.contains("s3cret"), "{}", bare.said);
    // The variable of `run`, which makes databases, is not that of a live one.
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rlsgate"));
    let output = command.arg("verify").arg(suite.path()).env("RLSGATE_URL", &live).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("set RLSGATE_VERIFY_URL"));
    let nobody = verify("postgres://reader:secret@localhost:1/live", suite.path(), &[]);
    nobody.expect(3, &["cannot connect as reader@localhost/live"]);
    assert!(!nobody.said.contains("secret"), "{}", nobody.said);
    let none = crate::common::folder(&[
        ("suite.toml", "name = \"notes\"\nchain = \"chain\""),
        ("chain/chain.toml", ""),
        ("chain/1.sql", "select 1"),
    ]);
    verify(&live, none.path(), &[]).expect(2, &["has no target"]);
}

/// A suite of one query, and the guards as they are given.
fn guarded(guards: &str) -> tempfile::TempDir {
    let suite = format!(
        "name = \"notes\"\nchain = \"chain\"\n[facts.queries.asked]\nsql = \"select 1 as one\"\nreturns = [{{ one = 1 }}]\n[targets.production]\n{guards}"
    );
    crate::common::folder(&[("suite.toml", &suite), ("chain/chain.toml", ""), ("chain/1.sql", "select 1")])
}

#[tokio::test]
async fn no_relation_is_read_before_the_server_says_which_it_is() {
    let server = server().await;
    let mut session = server.session("rlsgate", "postgres").await;
    execute(&mut session, "alter database staging set log_statement = 'all'").await.unwrap();
    let database = "{ sql = \"select current_database() in ('live', 'prod')\", is = true }";
    let relation = "{ sql = \"select count(*) from program\", is_not = 0 }";
    let table = "{ sql = \"select tenant from notes where id = 1\", is = \"a\" }";
    for (guards, missing) in [
        (format!("guards.row = {table}"), "has no guard with `is` that built-in functions alone answer"),
        (
            format!("guards.row = {table}\nguards.not = {{ sql = \"select current_database()\", is_not = \"x\" }}"),
            "has no guard",
        ),
        (
            format!(
                "guards.row = {table}\nguards.cast = {{ sql = \"select current_database()::citext\", is = \"live\" }}"
            ),
            "has no guard",
        ),
    ] {
        let suite = guarded(&guards);
        verify(&url(&server, "reader", "live"), suite.path(), &[]).expect(2, &[missing, "suite.toml:6"]);
    }
    let suite = guarded(&format!("guards.a = {relation}\nguards.b = {table}\nguards.c = {database}"));
    verify(&url(&server, "reader", "staging"), suite.path(), &[]).expect(2, &["guard `c` expects true", "answers f"]);
    assert!(!log(&server).await.contains("from program"));
    verify(&url(&server, "reader", "live"), suite.path(), &[])
        .expect(2, &["guard `a` is not sent: it runs foreign table"]);
    let suite = guarded(&format!("guards.b = {table}\nguards.c = {database}"));
    verify(&url(&server, "reader", "live"), suite.path(), &[]).expect(0, &["1 passed"]);
    execute(&mut server.session("rlsgate", "live").await, "update notes set tenant = 'z' where id = 1").await.unwrap();
    verify(&url(&server, "reader", "live"), suite.path(), &[]).expect(2, &["guard `b` expects `a`"]);
}

#[tokio::test]
async fn of_a_folder_the_suite_with_a_target_is_taken() {
    let server = server().await;
    let live = url(&server, "reader", "live");
    let suite = query("select 1 where false", "");
    let other = "name = \"other\"\nchain = \"chain\"";
    std::fs::write(suite.path().join("other.suite.toml"), other).unwrap();
    verify(&live, suite.path(), &[]).expect(0, &["notes: 1 passed"]);
    let target = "\n[targets.here]\nguards.database = { sql = \"select current_database()\", is = \"live\" }";
    std::fs::write(suite.path().join("other.suite.toml"), format!("{other}{target}")).unwrap();
    verify(&live, suite.path(), &[]).expect(2, &["one suite with a target is verified at a time", "other.suite.toml"]);
}
