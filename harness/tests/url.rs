//! `--url`: a server of others is left as it was found, roles and databases alike.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rlsgate::chain::Connect as _;

use crate::common::{Cluster, execute, folder};

const SUITE: &str = r#"
name  = "notes"
chain = "chain"
seed  = "seed.sql"
[contexts.person]
role     = "gate_person"
settings = { "app.tenant" = ":tenant" }
[actors]
ann = { context = "person", ids = { tenant = "a" } }
bea = { context = "person", ids = { tenant = "b" } }
[contract.notes]
tenant_key = "tenant"
[contract.notes.allow]
ann = { select = "own" }
bea = { select = "own" }
"#;
const CHAIN: &str = "
create table notes (id int primary key, tenant text not null);
alter table notes enable row level security;
grant select on notes to gate_person;
create policy own on notes for select to gate_person using (tenant = current_setting('app.tenant', true));
";
const SEED: &str = "insert into notes values (1, 'a'), (2, 'b')";
const PRELUDE: &str = "do $$ begin
  if not exists (select from pg_roles where rolname = 'gate_person') then create role gate_person; end if;
end $$;";

fn suite(prelude: &str, chain_toml: &str) -> tempfile::TempDir {
    folder(&[
        ("suite.toml", SUITE),
        ("seed.sql", SEED),
        ("prelude.sql", prelude),
        ("chain/chain.toml", chain_toml),
        ("chain/0001_notes.sql", CHAIN),
    ])
}

fn notes() -> tempfile::TempDir {
    suite(PRELUDE, "prelude = \"../prelude.sql\"")
}

fn command(server: &Cluster, suite: &tempfile::TempDir, options: &[&str]) -> Command {
    let socket = server.options("rlsgate", "postgres").get_socket().unwrap().display().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rlsgate"));
    command.arg("run").arg(suite.path()).arg("--out").arg(suite.path().join("reports"));
    command.arg("--url").arg(format!("postgres://rlsgate@localhost/postgres?host={socket}")).args(options);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(server: &Cluster, suite: &tempfile::TempDir, options: &[&str]) -> (i32, String) {
    told(&command(server, suite, options).output().unwrap())
}

/// The exit code and everything that was said.
fn told(output: &Output) -> (i32, String) {
    let said = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream));
    (output.status.code().unwrap_or(-1), said.concat())
}

/// Every role with its attributes, settings and memberships, and every database.
async fn everything(server: &Cluster) -> Vec<String> {
    let mut session = server.session("rlsgate", "postgres").await;
    sqlx::query_scalar(
        "select r::text from pg_roles r union all select 'database ' || datname from pg_database \
         union all select m.roleid::regrole || ' to ' || m.member::regrole from pg_auth_members m order by 1",
    )
    .fetch_all(&mut session)
    .await
    .unwrap()
}

#[tokio::test]
async fn roles_are_created_only_where_that_is_allowed_and_dropped_after() {
    let (server, suite) = (Cluster::start().await, notes());
    let before = everything(&server).await;
    let (exit, said) = run(&server, &suite, &[]);
    assert_eq!(exit, 3, "{said}");
    assert!(said.contains("the server lacks roles gate_person, migrator") && said.contains("--create-roles"), "{said}");
    assert_eq!(everything(&server).await, before);
    let (exit, said) = run(&server, &suite, &["--create-roles"]);
    assert_eq!(exit, 0, "{said}");
    assert_eq!(everything(&server).await, before);
    let record = std::fs::read_to_string(suite.path().join("reports/run.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["timing"]["servers"]["notes"]["roles created"], "gate_person, migrator");
}

#[tokio::test]
async fn a_password_in_the_url_is_never_shown() {
    let (server, suite) = (Cluster::start().await, notes());
    let socket = server.options("rlsgate", "postgres").get_socket().unwrap().display().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rlsgate"));
    command.arg("run").arg(suite.path()).arg("--out").arg(suite.path().join("reports"));
    command.args(["-vv", "--create-roles", "--url"]);
    command.arg(format!("postgres://rlsgate:hunter2@localhost/postgres?host={socket}"));
    let (exit, said) = told(&command.stdin(Stdio::null()).output().unwrap());
    assert_eq!(exit, 0, "{said}");
    assert!(said.contains("connecting to the server of --url") && said.contains("connected role="), "{said}");
    assert!(!said.contains("hunter2") && !said.contains("postgres://"), "{said}");
    let record = std::fs::read_to_string(suite.path().join("reports/run.json")).unwrap();
    assert!(!record.contains("hunter2"), "{record}");
}

#[tokio::test]
async fn roles_that_are_there_are_used_and_stay() {
    let (server, suite) = (Cluster::start().await, notes());
    let mut session = server.session("rlsgate", "postgres").await;
    execute(&mut session, "create role gate_person; create role migrator login").await.unwrap();
    let before = everything(&server).await;
    let (exit, said) = run(&server, &suite, &[]);
    assert_eq!(exit, 0, "{said}");
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn a_role_with_other_attributes_is_named_with_the_difference() {
    let server = Cluster::start().await;
    let mut session = server.session("rlsgate", "postgres").await;
    execute(&mut session, "create role anon login noinherit").await.unwrap();
    let before = everything(&server).await;
    let suite = suite(PRELUDE, "prelude = \"supabase\"");
    let (exit, said) = run(&server, &suite, &["--create-roles"]);
    assert_eq!(exit, 3, "{said}");
    assert!(
        said.contains("role anon of the server is not as prelude supabase wants it: LOGIN, then NOLOGIN"),
        "{said}"
    );
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn a_role_that_is_there_is_not_changed() {
    let server = Cluster::start().await;
    let mut session = server.session("rlsgate", "postgres").await;
    execute(&mut session, "create role gate_person; create role migrator login").await.unwrap();
    let before = everything(&server).await;
    for change in
        ["grant migrator to gate_person", "alter role gate_person set work_mem = '8MB'", "alter role gate_person login"]
    {
        let suite = suite(change, "prelude = \"../prelude.sql\"");
        let (exit, said) = run(&server, &suite, &["--create-roles"]);
        assert_eq!(exit, 3, "{change}: {said}");
        assert!(said.contains("would change role gate_person, which is not the run's"), "{change}: {said}");
        assert_eq!(everything(&server).await, before, "{change}");
    }
}

#[tokio::test]
async fn two_runs_at_once_do_not_trip() {
    let (server, one, two) = (Cluster::start().await, notes(), notes());
    let before = everything(&server).await;
    let start = |suite| command(&server, suite, &["--create-roles"]).spawn().unwrap();
    let both: Vec<Child> = [&one, &two].map(start).into();
    for child in both {
        let (exit, said) = told(&child.wait_with_output().unwrap());
        assert_eq!(exit, 0, "{said}");
    }
    assert_eq!(everything(&server).await, before);
}

/// Nobody is left who could drop them, and a later run cannot know that it may.
#[tokio::test]
async fn a_killed_run_leaves_what_bears_its_prefix() {
    let (server, suite) = (Cluster::start().await, notes());
    let before = everything(&server).await;
    let mut child = command(&server, &suite, &["--create-roles"]).spawn().unwrap();
    let started = Instant::now();
    while everything(&server).await == before {
        assert!(started.elapsed() < Duration::from_secs(30), "the run made nothing");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let left: Vec<String> = everything(&server).await.into_iter().filter(|thing| !before.contains(thing)).collect();
    let databases: Vec<&String> = left.iter().filter(|thing| thing.starts_with("database ")).collect();
    assert!(!databases.is_empty(), "{left:?}");
    assert!(databases.iter().all(|name| name.starts_with("database rlsgate_")), "{left:?}");
    let (exit, said) = run(&server, &suite, &["--create-roles"]);
    assert_eq!(exit, 0, "{said}");
    assert!(everything(&server).await.iter().any(|thing| thing == databases[0]));
}

/// The suite with a revision whose rows are compared, which has a server state of its own.
fn moved() -> tempfile::TempDir {
    let block = "[seed_at]\n0001_notes = \"seed.sql\"\n[contract.papers]\ntenant_key = \"tenant\"\n[contract.papers.allow]\n\
        [fidelity.papers]\nacross = \"0002_move\"\nkey = [\"id\"]\nsource = \"select id, tenant from notes\"\n\
        target = \"select id, tenant from papers\"\nbehaviour = { copies = [2], kill = { after_rows = [1] } }\n";
    let suite =
        SUITE.replace("seed  = \"seed.sql\"\n", "").replace("[contexts.person]", &format!("{block}[contexts.person]"));
    folder(&[
        ("suite.toml", &suite),
        ("seed.sql", SEED),
        ("prelude.sql", PRELUDE),
        ("chain/chain.toml", "prelude = \"../prelude.sql\""),
        (
            "chain/0001_notes.sql",
            &format!(
                "{CHAIN} create table papers (like notes including all); alter table papers enable row level security;"
            ),
        ),
        ("chain/0002_move.sql", "insert into papers select * from notes on conflict do nothing; select pg_sleep(0.3)"),
    ])
}

#[tokio::test]
async fn the_stages_of_one_run_do_not_wait_for_each_other() {
    let (server, suite) = (Cluster::start().await, moved());
    let before = everything(&server).await;
    let options = ["--create-roles", "--filter", "notes/fidelity/*"];
    let started = Instant::now();
    let (exit, said) = run(&server, &suite, &options);
    assert_eq!(exit, 0, "{said}");
    assert!(started.elapsed() < Duration::from_secs(60), "{said}");
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn a_run_that_is_ended_leaves_nothing_of_either_stage() {
    let (server, suite) = (Cluster::start().await, moved());
    let before = everything(&server).await;
    let mut child = command(&server, &suite, &["--create-roles", "--filter", "notes/fidelity/*"]).spawn().unwrap();
    let started = Instant::now();
    // The second stage has its own prefix, and the clones of its state say what they are for.
    while !everything(&server).await.iter().any(|thing| thing.contains("crossing")) {
        assert!(started.elapsed() < Duration::from_secs(60), "no revision was run");
        assert!(child.try_wait().unwrap().is_none(), "the run ended before");
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    child.wait().unwrap();
    assert_eq!(everything(&server).await, before);
}
