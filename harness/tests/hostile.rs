//! A chain is a stranger's code. Each way known to run programs, touch files or become superuser is tried from a chain, and
//! from a seed, on a real server; nothing may come of it. Each is also tried with the right that it lacks, where it must
//! work: an attack that could never work proves nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::common::{Cluster, execute, folder};
use rlsgate::chain::{Chain, Connect, Runner, Script, apply, guard};
use rlsgate::exit::Exit;

const OWNER: &str = "migrator";

/// Under the server's own folder, where its account may write.
fn marker(cluster: &Cluster) -> PathBuf {
    cluster.options(OWNER, "postgres").get_socket().unwrap().join("marker")
}

/// `%M` in an attack is the marker's path, `%P` a statement that runs a program which creates it.
fn armed(attack: &str, marker: &Path) -> String {
    let program = format!("COPY (SELECT 1) TO PROGRAM 'cat > {}'", marker.display());
    attack.replace("%P", &program).replace("%M", &marker.display().to_string())
}

fn took_effect(marker: &Path) -> bool {
    let there = marker.exists();
    if there {
        std::fs::remove_file(marker).unwrap();
    }
    there
}

/// Applies a chain that is only this attack, in a database of its own.
async fn as_chain(cluster: &Cluster, database: &str, prelude: &str, attack: &str) -> Result<(), rlsgate::Error> {
    let toml = format!("prelude = \"{prelude}\"");
    let dir = folder(&[("chain.toml", &toml), ("001.sql", attack)]);
    let chain = Chain::load(dir.path()).unwrap();
    cluster.database(database).await;
    apply(&chain, cluster, database, None).await.map(|_| ())
}

/// Runs the attack as `role`, on a server without a guard.
async fn unguarded(role: &str, cluster: &Cluster, database: &str, attack: &str) {
    cluster.database(database).await;
    let script = Script::parse(Path::new("attack.sql"), Arc::from(attack)).unwrap();
    let mut session = cluster.session(role, database).await;
    let runner = Runner { timeout: Duration::from_secs(20), one_by_one: false, exempt: None };
    if let Err(failure) = runner.run(&mut session, &script).await {
        panic!("{attack}: without a guard it must work: {failure}");
    }
}

/// A server on which `migrator` is what a naive harness makes it.
async fn naive_server() -> Cluster {
    let cluster = Cluster::start().await;
    let mut session = cluster.session("rlsgate", "postgres").await;
    execute(&mut session, "CREATE ROLE migrator LOGIN CREATEROLE").await.unwrap();
    cluster
}

/// Run as superuser, each of these creates the marker; from a chain, each is refused for want of a privilege.
const REACHING_OUT: &[(&str, &str)] = &[
    ("copy to a program", "%P"),
    ("copy from a program", "CREATE TABLE t (a text); COPY t FROM PROGRAM 'touch %M'"),
    ("copy to a file", "COPY (SELECT 1) TO '%M'"),
    ("a large object", "SELECT lo_from_bytea(4711, 'x'); SELECT lo_export(4711, '%M')"),
    ("a block", "DO $$ BEGIN EXECUTE $x$%P$x$; END $$"),
    (
        "a definer function",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN %P; RETURN 1; END $$; SELECT f()",
    ),
    (
        "a view's function",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN %P; RETURN 1; END $$; \
         CREATE VIEW v AS SELECT f(); SELECT * FROM v",
    ),
    (
        "a column default",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN %P; RETURN 1; END $$; \
         CREATE TABLE t (a int DEFAULT f()); INSERT INTO t DEFAULT VALUES",
    ),
    (
        "a domain check",
        "CREATE FUNCTION f() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN %P; RETURN true; END $$; \
         CREATE DOMAIN d AS int CHECK (f()); SELECT 1::d",
    ),
    (
        "an index expression",
        "CREATE FUNCTION g() RETURNS void LANGUAGE plpgsql AS $$ BEGIN %P; END $$; CREATE FUNCTION f(int) RETURNS int \
         LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM public.g(); RETURN 1; END $$; \
         CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE INDEX ON t (f(a))",
    ),
    (
        "a trigger",
        "CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RESET ROLE; SET SESSION AUTHORIZATION DEFAULT; %P; RETURN new; END $$; \
         CREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); INSERT INTO t VALUES (1)",
    ),
    (
        "a deferred trigger, at COMMIT",
        "CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RESET ROLE; %P; RETURN new; END $$; CREATE CONSTRAINT TRIGGER f AFTER INSERT ON t \
         DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION f(); INSERT INTO t VALUES (1)",
    ),
    ("a role left behind", "SET ROLE migrator; RESET ROLE; SET SESSION AUTHORIZATION DEFAULT; %P"),
];

#[tokio::test]
async fn a_chain_reaches_no_program_and_no_file() {
    let (guarded, naive) = (Cluster::start().await, naive_server().await);
    for (n, (name, attack)) in REACHING_OUT.iter().enumerate() {
        unguarded("rlsgate", &naive, &format!("n{n}"), &armed(attack, &marker(&naive))).await;
        assert!(took_effect(&marker(&naive)), "{name}: as superuser it works");
        let error = as_chain(&guarded, &format!("g{n}"), "none", &armed(attack, &marker(&guarded))).await.unwrap_err();
        assert_eq!(error.exit(), Exit::Untested);
        assert!(error.to_string().contains("(SQLSTATE 42501)"), "{name}: {error}");
        assert!(!took_effect(&marker(&guarded)), "{name}");
    }
}

/// From `migrator` on an unguarded server up to PostgreSQL 15, each of these ends with a program run.
const CLIMBING: &[(&str, &str)] = &[
    ("a grant", "GRANT pg_execute_server_program TO CURRENT_USER; %P"),
    ("a grant in a block", "DO $$ BEGIN EXECUTE 'GRANT pg_execute_server_program TO migrator'; %P; END $$"),
    ("a role made with it", "CREATE ROLE a1 IN ROLE pg_execute_server_program; GRANT a1 TO migrator; %P"),
    ("a grant of files", "GRANT pg_write_server_files TO migrator; COPY (SELECT 1) TO '%M'"),
    (
        "through another role",
        "CREATE ROLE a2; GRANT pg_execute_server_program TO a2; GRANT a2 TO migrator; SET ROLE a2; %P",
    ),
    ("a commit between", "BEGIN; GRANT pg_execute_server_program TO migrator; COMMIT; %P"),
];

#[tokio::test]
async fn a_chain_gets_no_program_or_file_role() {
    let (guarded, naive) = (Cluster::start().await, naive_server().await);
    let mut superuser = naive.session("rlsgate", "postgres").await;
    for (n, (name, attack)) in CLIMBING.iter().enumerate() {
        if guarded.major() < 16 {
            unguarded(OWNER, &naive, &format!("n{n}"), &armed(attack, &marker(&naive))).await;
            assert!(took_effect(&marker(&naive)), "{name}: without the guard it works");
            let undo =
                "REVOKE pg_execute_server_program, pg_write_server_files FROM migrator; DROP ROLE IF EXISTS a1, a2";
            execute(&mut superuser, undo).await.unwrap();
        }
        let error = as_chain(&guarded, &format!("g{n}"), "none", &armed(attack, &marker(&guarded))).await.unwrap_err();
        assert!(error.to_string().contains("(SQLSTATE 42501)"), "{name}: {error}");
        assert!(!took_effect(&marker(&guarded)), "{name}");
    }
}

/// Each succeeds as superuser, and is refused from a chain for want of a privilege.
const RISING: &[(&str, &str)] = &[
    ("superuser for itself", "ALTER ROLE migrator SUPERUSER"),
    ("a new superuser", "CREATE ROLE b1 SUPERUSER"),
    ("the superuser's role", "GRANT rlsgate TO migrator"),
    ("the superuser's session", "SET SESSION AUTHORIZATION rlsgate"),
    ("becoming the superuser", "SET ROLE rlsgate"),
    ("the catalog", "UPDATE pg_authid SET rolsuper = true WHERE rolname = 'migrator'"),
    ("a setting of the server", "ALTER SYSTEM SET archive_command = 'id'"),
    ("a library for later sessions", "ALTER ROLE migrator SET session_preload_libraries = 'x'"),
    ("an internal function", "CREATE FUNCTION f(text) RETURNS text LANGUAGE internal AS 'upper'"),
    ("a C function", "CREATE FUNCTION f() RETURNS trigger LANGUAGE c AS '$libdir/moddatetime', 'moddatetime'"),
    ("a library", "LOAD 'moddatetime'"),
    (
        "an event trigger",
        "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; \
      CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()",
    ),
    ("a file read", "SELECT pg_read_file('PG_VERSION')"),
    ("a directory listed", "SELECT pg_ls_dir('.')"),
    ("a large object from a file", "SELECT lo_import('PG_VERSION')"),
    ("an extension that reads files", "CREATE EXTENSION file_fdw"),
    (
        "a setting for superusers",
        "SET session_replication_role = replica; SET lc_messages = 'C'; SET dynamic_library_path = '/'",
    ),
];

#[tokio::test]
async fn a_chain_makes_nobody_superuser() {
    let (guarded, naive) = (Cluster::start().await, naive_server().await);
    for (n, (name, attack)) in RISING.iter().enumerate() {
        unguarded("rlsgate", &naive, &format!("n{n}"), attack).await;
        let error = as_chain(&guarded, &format!("g{n}"), "none", attack).await.unwrap_err();
        assert!(error.to_string().contains("(SQLSTATE 42501)"), "{name}: {error}");
    }
    let mut session = guarded.session("rlsgate", "postgres").await;
    let roles: Vec<String> = sqlx::query_scalar("SELECT rolname::text FROM pg_roles WHERE rolsuper ORDER BY 1")
        .fetch_all(&mut session)
        .await
        .unwrap();
    let marked: &[&str] = if guarded.major() < 16 {
        &["pg_execute_server_program", "pg_read_server_files", "pg_write_server_files", "rlsgate"]
    } else {
        &["rlsgate"]
    };
    assert_eq!(roles, marked);
}

/// Code that the chain leaves in wait for a session with more rights than its own.
#[tokio::test]
async fn what_a_chain_leaves_behind_is_not_run_by_the_harness() {
    let cluster = Cluster::start().await;
    // Shadows of everything that the look after the chain reads and calls, first on the path of every new session.
    let shadows = armed(
        "CREATE SCHEMA evil;
         CREATE FUNCTION evil.strike() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN %P; RETURN true; END $$;
         CREATE VIEW evil.pg_roles AS SELECT 0::oid AS oid, 'x'::name AS rolname, evil.strike() AS rolsuper;
         CREATE VIEW evil.pg_auth_members AS SELECT 0::oid AS roleid, 0::oid AS member WHERE evil.strike();
         CREATE FUNCTION evil.eq(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT evil.strike()';
         CREATE OPERATOR evil.= (FUNCTION = evil.eq, LEFTARG = oid, RIGHTARG = oid);
         CREATE FUNCTION evil.eqn(name, text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.strike()';
         CREATE OPERATOR evil.= (FUNCTION = evil.eqn, LEFTARG = name, RIGHTARG = text);
         ALTER DATABASE shadowed SET search_path = evil, pg_catalog;",
        &marker(&cluster),
    );
    as_chain(&cluster, "shadowed", "none", &shadows).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(!took_effect(&marker(&cluster)), "the look at roles after the chain");
    let mut naive = cluster.session("rlsgate", "shadowed").await;
    execute(&mut naive, "SELECT * FROM pg_roles").await.unwrap();
    assert!(took_effect(&marker(&cluster)), "a session that takes the database's path runs it");
}

#[tokio::test]
async fn functions_of_the_platform_lend_nobody_their_rights() {
    let cluster = Cluster::start().await;
    let attack = armed(
        "CREATE SCHEMA evil;
         CREATE FUNCTION evil.convert_to(text, name) RETURNS bytea LANGUAGE plpgsql AS $$ BEGIN %P; RETURN ''; END $$;
         CREATE TABLE t (a int);
         CREATE TRIGGER hook AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION supabase_functions.http_request('u', 'POST');
         CREATE FUNCTION evil.eq(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN %P; RETURN true; END $$;
         CREATE OPERATOR evil.= (FUNCTION = evil.eq, LEFTARG = text, RIGHTARG = text);
         SET search_path = evil, pg_catalog, public;
         SELECT net.http_post('http://localhost');
         INSERT INTO public.t VALUES (1);",
        &marker(&cluster),
    );
    as_chain(&cluster, "platform", "supabase", &attack).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(!took_effect(&marker(&cluster)));
    let mut session = cluster.session("rlsgate", "platform").await;
    let open: Vec<String> = sqlx::query_scalar(
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner \
         WHERE p.prosecdef AND r.rolsuper AND p.proconfig IS DISTINCT FROM '{\"search_path=pg_catalog, pg_temp\"}'",
    )
    .fetch_all(&mut session)
    .await
    .unwrap();
    assert_eq!(open, [""; 0], "a definer function of a superuser's must fix its search_path");
}

#[tokio::test]
async fn an_extension_made_for_the_owner_runs_nothing_of_the_owners() {
    let cluster = Cluster::start().await;
    let attack = armed(
        "CREATE SCHEMA evil;
         CREATE FUNCTION evil.strike() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %P; RETURN new; END $$;
         CREATE FUNCTION evil.moddatetime() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %P; RETURN new; END $$;
         CREATE EXTENSION moddatetime SCHEMA evil;",
        &marker(&cluster),
    );
    let error = as_chain(&cluster, "extension", "none", &attack).await.unwrap_err();
    assert!(error.to_string().contains("(SQLSTATE 42501)"), "{error}");
    assert!(!took_effect(&marker(&cluster)));
}

#[tokio::test]
async fn a_prelude_that_opens_a_way_up_is_refused() {
    let cluster = Cluster::start().await;
    for (n, prelude) in [
        "ALTER ROLE migrator SUPERUSER",
        "GRANT pg_read_server_files TO migrator",
        "CREATE ROLE c1; GRANT pg_execute_server_program TO c1",
        "CREATE ROLE c2 SUPERUSER; CREATE ROLE c3; GRANT c2 TO c3; GRANT c3 TO migrator",
    ]
    .into_iter()
    .enumerate()
    {
        let dir =
            folder(&[("chain.toml", "prelude = \"p.sql\""), ("p.sql", prelude), ("001.sql", "CREATE TABLE t ()")]);
        let chain = Chain::load(dir.path()).unwrap();
        let database = cluster.database(&format!("p{n}")).await;
        let error = apply(&chain, &cluster, &database, None).await.unwrap_err();
        assert!(error.to_string().contains("is a superuser, or may run programs"), "{prelude}: {error}");
        let mut session = cluster.session("rlsgate", &database).await;
        let nothing: bool =
            sqlx::query_scalar("SELECT to_regclass('public.t') IS NULL").fetch_one(&mut session).await.unwrap();
        assert!(nothing, "{prelude}: the chain was not run");
        let undo = "REVOKE pg_read_server_files FROM migrator; ALTER ROLE migrator NOSUPERUSER; DROP ROLE IF EXISTS c1, c2, c3";
        execute(&mut session, undo).await.unwrap();
    }
    let owned = folder(&[("chain.toml", "owner = \"rlsgate\""), ("001.sql", "")]);
    let chain = Chain::load(owned.path()).unwrap();
    let error = apply(&chain, &cluster, "postgres", None).await.unwrap_err();
    assert!(error.to_string().contains("cannot be rlsgate, the superuser"), "{error}");
}

#[tokio::test]
async fn a_seed_reaches_no_program_and_no_file() {
    let cluster = Cluster::start().await;
    // Legal in a chain; strikes when somebody writes.
    let trap = armed(
        "CREATE TABLE t (a int);
         CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           RESET ROLE; SET SESSION AUTHORIZATION DEFAULT; %P; RETURN new; END $$;
         CREATE TRIGGER trap BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION trap();",
        &marker(&cluster),
    );
    as_chain(&cluster, "seeded", "none", &trap).await.unwrap_or_else(|error| panic!("{error}"));
    let mut superuser = cluster.session("rlsgate", "seeded").await;
    execute(&mut superuser, "CREATE ROLE witness LOGIN BYPASSRLS; GRANT migrator TO witness").await.unwrap();
    execute(&mut superuser, "INSERT INTO t VALUES (0)").await.unwrap();
    assert!(took_effect(&marker(&cluster)), "on a superuser session the trap strikes");
    let runner = Runner { timeout: Duration::from_secs(20), one_by_one: false, exempt: None };
    let attacks = REACHING_OUT.iter().map(|(_, attack)| *attack).chain(["INSERT INTO t VALUES (1)"]);
    for attack in attacks.map(|attack| attack.replace("TABLE t ", "TABLE pg_temp.t ")) {
        let mut session = cluster.session("witness", "seeded").await;
        execute(&mut session, "SET ROLE migrator").await.unwrap();
        let text = armed(&attack, &marker(&cluster));
        let script = Script::parse(Path::new("seed.sql"), Arc::from(text)).unwrap();
        let failure = runner.run(&mut session, &script).await.unwrap_err();
        assert_eq!(failure.code.as_deref(), Some("42501"), "{attack}: {failure}");
        assert!(!took_effect(&marker(&cluster)), "{attack}");
    }
}

#[tokio::test]
async fn whoever_rises_after_all_is_named() {
    let cluster = Cluster::start().await;
    let database = cluster.database("risen").await;
    let mut superuser = cluster.session("rlsgate", &database).await;
    execute(&mut superuser, "CREATE ROLE migrator LOGIN; CREATE ROLE d1; CREATE ROLE d2").await.unwrap();
    let before = guard::raise(&cluster, &database, OWNER).await.unwrap();
    guard::check(&cluster, &database, &before).await.unwrap();
    for (rise, fall) in [
        ("ALTER ROLE d1 SUPERUSER", "ALTER ROLE d1 NOSUPERUSER"),
        ("GRANT pg_write_server_files TO d1", "REVOKE pg_write_server_files FROM d1"),
        ("GRANT rlsgate TO d1", "REVOKE rlsgate FROM d1"),
    ] {
        execute(&mut superuser, rise).await.unwrap();
        let error = guard::check(&cluster, &database, &before).await.unwrap_err();
        assert!(error.to_string().contains("the chain made role d1 a superuser"), "{rise}: {error}");
        execute(&mut superuser, fall).await.unwrap();
        guard::check(&cluster, &database, &before).await.unwrap();
    }
    execute(&mut superuser, "GRANT pg_read_server_files TO d2; GRANT d2 TO d1").await.unwrap();
    assert!(guard::check(&cluster, &database, &before).await.is_err(), "through another role");
}

/// A server that a URL names: its catalogs are not the harness's to write to.
struct Foreign<'a>(&'a Cluster);

impl Connect for Foreign<'_> {
    fn options(&self, role: &str, database: &str) -> sqlx::postgres::PgConnectOptions {
        self.0.options(role, database)
    }

    fn superuser(&self) -> &str {
        self.0.superuser()
    }

    fn disposable(&self) -> bool {
        false
    }

    fn major(&self) -> u32 {
        self.0.major()
    }
}

#[tokio::test]
async fn on_a_server_that_is_not_ours_no_role_is_made_and_no_catalog_written() {
    let cluster = Cluster::start().await;
    let dir = folder(&[("chain.toml", ""), ("001.sql", "CREATE TABLE t ()")]);
    let chain = Chain::load(dir.path()).unwrap();
    cluster.database("foreign").await;
    let mut superuser = cluster.session("rlsgate", "foreign").await;
    let error = apply(&chain, &Foreign(&cluster), "foreign", None).await.unwrap_err();
    assert!(error.to_string().contains("no role migrator") && error.help().contains("--create-roles"), "{error}");
    execute(&mut superuser, "CREATE ROLE migrator LOGIN CREATEROLE").await.unwrap();
    if cluster.major() < 16 {
        let error = apply(&chain, &Foreign(&cluster), "foreign", None).await.unwrap_err();
        assert!(error.to_string().contains("role migrator has CREATEROLE"), "{error}");
    }
    execute(&mut superuser, "ALTER ROLE migrator NOCREATEROLE").await.unwrap();
    apply(&chain, &Foreign(&cluster), "foreign", None).await.unwrap_or_else(|error| panic!("{error}"));
    let marked: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_roles WHERE rolsuper AND rolname LIKE 'pg\\_%'")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert_eq!(marked, 0);
}
