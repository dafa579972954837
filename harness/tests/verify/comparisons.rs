//! What a live database is compared with: the two sides of a data migration, and the lock file of the chain.

use std::process::Command;

use rlsgate::report::record::Status;

use super::live::{everything, server, suite, url, verify};
use crate::common::{Cluster, execute, folder};

/// `old` and `new` hold what `notes` holds.
const MOVED: &str = "
create table old as select id, tenant, body from notes;
create table new as select id as note, tenant, body from notes;
grant select on old, new to reader";

const BLOCK: &str = r#"
[fidelity.notes]
across = "0001"
source = "select id, tenant, body from old -- as it was"
target = "select note as id, tenant, body from new;"
key = ["id"]
tenant = "tenant"
untouched = ["old"]
[fidelity.gone]
across = "0001"
source = { at = "before", sql = "select id from older" }
target = "select note as id from new"
key = ["id"]
"#;

async fn run(server: &Cluster, sql: &str) {
    execute(&mut server.session("rlsgate", "live").await, sql).await.unwrap();
}

#[tokio::test]
async fn both_sides_of_a_block_are_compared_as_they_are() {
    let server = server().await;
    run(&server, MOVED).await;
    let suite = suite(BLOCK, "");
    let url = url(&server, "reader", "live");
    let before = everything(&server).await;
    let ended = verify(&url, suite.path(), &["--filter", "notes/*"]);
    ended.expect(0, &["1 fidelity block with a side as it was before", "1 fidelity block in what a run"]);
    for name in ["count-parity", "orphans", "one-to-one", "digest", "values.body", "values.tenant", "tenant-preserved"]
    {
        let check = ended.check(&format!("notes/fidelity/notes/{name}"));
        assert_eq!((check.status, check.evidence.witness.as_str()), (Status::Passed, "2 rows on the source"), "{name}");
    }
    assert_eq!(everything(&server).await, before, "nothing was written");
    for (fault, caught) in [
        ("delete from new where note = 2", vec!["count-parity", "orphans"]),
        ("update new set note = 3 where note = 2", vec!["orphans"]),
        ("insert into new select * from new where note = 2", vec!["count-parity", "one-to-one"]),
        ("update new set body = null where note = 2", vec!["values.body"]),
        ("update new set tenant = 'a' where note = 2", vec!["values.tenant", "tenant-preserved"]),
    ] {
        run(&server, &format!("drop table old, new; {MOVED}; {fault}")).await;
        let ended = verify(&url, suite.path(), &["--filter", "notes/*"]);
        ended.expect(1, &[]);
        for name in caught {
            let check = ended.check(&format!("notes/fidelity/notes/{name}"));
            assert_eq!(check.status, Status::Failed, "{fault}, {name}: {}", check.verdict);
        }
    }
    run(&server, "delete from old").await;
    verify(&url, suite.path(), &["--filter", "notes/fidelity/*"]).expect(3, &["the source is empty"]);
    run(&server, "drop table old").await;
    verify(&url, suite.path(), &["--filter", "notes/fidelity/*"]).expect(3, &["\"old\" does not exist"]);
}

#[tokio::test]
async fn a_side_that_may_do_more_than_read_is_not_sent() {
    let server = server().await;
    run(&server, MOVED).await;
    let before = everything(&server).await;
    for (source, said) in [
        ("delete from old returning id", "DELETE is not a statement that only reads"),
        ("select bump() as id", "it runs public.bump()"),
        ("select 1) x; drop table new; select (1", "not sent"),
        ("select n as id from peek", "in view public.peek"),
        ("select 1 as id, '{x}'::sly[] as many", "behind domain public.sly"),
        ("select id from indexed", "in index public.guarded"),
        // The comparison casts what the query does not.
        ("select 1 as id, row(1)::pair as p", "it runs public.to_pair"),
    ] {
        let block = format!(
            "[fidelity.notes]\nacross = \"0001\"\nkey = [\"id\"]\nsource = \"{source}\"\ntarget = \"select note as id from new\""
        );
        let suite = suite(&block, "");
        verify(&url(&server, "reader", "live"), suite.path(), &[]).expect(2, &[said]);
    }
    assert_eq!(everything(&server).await, before, "nothing was written");
}

const CHAIN: &str = "
create table public.papers (id int primary key, owner text not null);
alter table public.papers enable row level security;
create policy own on public.papers using (owner = current_setting('app.owner', true));
create function public.count_papers() returns bigint language sql stable as $$ select count(*) from public.papers $$;";

/// A chain with its lock file, made by the program.
fn locked() -> Option<tempfile::TempDir> {
    let suite = "name = \"papers\"\nchain = \"chain\"\n[contract]\npapers = {}\n[targets.production]\n\
                 guards.database = { sql = \"select current_database()\", is = \"papers\" }\n";
    let folder = folder(&[("suite.toml", suite), ("chain/chain.toml", ""), ("chain/0001.sql", CHAIN)]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_rlsgate"));
    command.args(["chain", "--update", "--provider", "local", "--out"]).arg(folder.path().join("reports"));
    let output = command.arg(folder.path().join("chain")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.starts_with("error: no local server") {
        return None;
    }
    assert!(output.status.success(), "{said}");
    Some(folder)
}

#[tokio::test]
async fn a_catalog_that_drifted_from_the_lock_file_is_named() {
    let Some(suite) = locked() else { return };
    let server = Cluster::start().await;
    let mut superuser = server.session("rlsgate", "postgres").await;
    execute(&mut superuser, "create role migrator login createrole createdb; create role reader login").await.unwrap();
    for (drift, named) in [
        ("", ""),
        ("drop policy own on papers", "policy own"),
        ("alter policy own on papers using (true)", "policy own/using"),
        ("alter table papers disable row level security", "rls: enabled -> disabled"),
        ("grant delete on papers to reader", "grant reader/delete"),
        ("create policy more on papers using (true)", "policy more"),
        ("alter function count_papers() security definer", "security"),
        ("create table beside (id int)", "table public.beside"),
        ("drop function count_papers()", "function public.count_papers()"),
    ] {
        execute(&mut superuser, "drop database if exists papers").await.unwrap();
        execute(&mut superuser, "create database papers owner migrator").await.unwrap();
        let mut session = server.session("rlsgate", "papers").await;
        execute(&mut session, "grant create on schema public to migrator").await.unwrap();
        drop(session);
        let mut migrator = server.session("migrator", "papers").await;
        execute(&mut migrator, CHAIN).await.unwrap();
        if !drift.is_empty() {
            execute(&mut migrator, drift).await.unwrap();
        }
        drop(migrator);
        let ended = verify(&url(&server, "reader", "papers"), suite.path(), &[]);
        let check = ended.check("chain/chain/fingerprint");
        assert_eq!(check.kind, "chain");
        if drift.is_empty() {
            assert_eq!(check.status, Status::Passed, "{}: {}", check.verdict, check.evidence.got);
        } else {
            assert_eq!(check.status, Status::Failed, "{drift}: {}", check.verdict);
            assert!(check.evidence.got.contains(named), "{drift}: no `{named}` in {}", check.evidence.got);
        }
    }
}
