//! Chains applied to a real server: what runs, in which transactions, and how a failure is shown.

mod alembic;
mod command;
mod ladder;
mod schema;

use crate::common::{Cluster, execute, folder};
use rlsgate::chain::script::TransactionMode;
use rlsgate::chain::{Applied, Chain, Connect, apply};
use rlsgate::{Error, exit::Exit};

async fn applied(cluster: &Cluster, database: &str, files: &[(&str, &str)]) -> Result<Applied, Error> {
    let dir = folder(files);
    let chain = Chain::load(dir.path())?;
    cluster.database(database).await;
    // Workers run it from other threads.
    fn sent<F: Future + Send>(future: F) -> F {
        future
    }
    sent(apply(&chain, cluster, database, None)).await
}

async fn value(cluster: &Cluster, database: &str, sql: &'static str) -> String {
    let mut session = cluster.session("rlsgate", database).await;
    sqlx::query_scalar(sql).fetch_one(&mut session).await.unwrap()
}

#[tokio::test]
async fn what_real_chains_hold_is_applied() {
    let cluster = Cluster::start().await;
    let body = if cluster.major() < 14 {
        ""
    } else {
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;\n"
    };
    let applied = applied(
        &cluster,
        "real",
        &[
            ("chain.toml", "schemas = [\"app\", \"public\"]\n[revisions.006_values]\ntransaction = \"none\"\n"),
            ("001_bom.sql", "\u{feff}-- it's a comment;\r\nCREATE SCHEMA app;\r\nCREATE TABLE t (a int);\r\n"),
            ("002_own.sql", "BEGIN;\nINSERT INTO t VALUES (1);\nCOMMIT;\nINSERT INTO t VALUES (2)"),
            ("003_index.sql", "CREATE INDEX CONCURRENTLY i ON t (a);\nVACUUM t;"),
            ("004_enum.sql", "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE m (x mood)"),
            ("005_add.sql", "ALTER TYPE mood ADD VALUE 'b';"),
            ("006_values.sql", "ALTER TYPE mood ADD VALUE 'c'; INSERT INTO m VALUES ('b'), ('c');"),
            ("007_path.sql", "SET search_path = public; CREATE TABLE elsewhere (); CREATE TEMP TABLE gone ();"),
            ("008_role.sql", "CREATE ROLE app_user; GRANT app_user TO migrator; SET ROLE app_user;"),
            ("009_body.sql", &format!("{body}CREATE TABLE last ()")),
            ("010_empty.sql", "-- nothing; here\n"),
            ("notes.txt", "not SQL"),
            (".hidden.sql", "not SQL either"),
        ],
    )
    .await
    .unwrap_or_else(|error| panic!("{error}"));
    let modes: Vec<_> = applied.revisions.iter().map(|revision| (revision.id.as_str(), revision.mode)).collect();
    use TransactionMode::{OneByOne, OneTransaction, OwnTransactions};
    assert_eq!(
        modes,
        [
            ("001_bom", OneTransaction),
            ("002_own", OwnTransactions),
            ("003_index", OneByOne),
            ("004_enum", OneTransaction),
            ("005_add", OneTransaction),
            ("006_values", OneByOne),
            ("007_path", OneTransaction),
            ("008_role", OneTransaction),
            ("009_body", OneTransaction),
            ("010_empty", OneTransaction),
        ]
    );
    let made = "SELECT string_agg(relnamespace::regnamespace || '.' || relname || ' ' || relowner::regrole, ', ' ORDER BY relname) \
                FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace IN ('app'::regnamespace, 'public'::regnamespace)";
    assert_eq!(
        value(&cluster, "real", made).await,
        "public.elsewhere migrator, app.i migrator, app.last migrator, app.m migrator, app.t migrator"
    );
    assert_eq!(value(&cluster, "real", "SELECT string_agg(x::text, '' ORDER BY x) FROM app.m").await, "bc");
    assert_eq!(value(&cluster, "real", "SELECT string_agg(a::text, '' ORDER BY a) FROM app.t").await, "12");
    let owner = "SELECT datdba::regrole || ' ' || rolsuper || rolcreaterole FROM pg_database, pg_roles \
                 WHERE datname = 'real' AND rolname = 'migrator'";
    assert_eq!(value(&cluster, "real", owner).await, "migrator falsetrue");
}

#[tokio::test]
async fn a_failing_statement_is_shown_where_it_stands() {
    let cluster = Cluster::start().await;
    let files = [
        ("chain.toml", ""),
        ("001_good.sql", "CREATE TABLE t (a int);"),
        ("002_bad.sql", "-- naïve ü; comment\nINSERT INTO t VALUES (1);\r\n\r\nSELECT 'ü',\n       missing\nFROM t;\n"),
        ("003_later.sql", "SELECT 1;"),
        ("004_later.sql", "SELECT 1;"),
    ];
    let dir = folder(&files);
    let chain = Chain::load(dir.path()).unwrap();
    cluster.database("bad").await;
    let error = apply(&chain, &cluster, "bad", None).await.unwrap_err();
    assert_eq!(error.exit(), Exit::Untested);
    let place = dir.path().display().to_string();
    // The server's own words depend on its language.
    let shown = error.to_string().replace(&place, "DIR");
    let (head, rest) = shown.split_once("\nerror: ").unwrap();
    assert_eq!(head, "revision 002_bad of chain DIR does not apply; 2 later revisions were not run");
    let (message, snippet) = rest.split_once('\n').unwrap();
    assert!(message.ends_with("(SQLSTATE 42703)"), "{message}");
    assert_eq!(
        snippet,
        " --> DIR/002_bad.sql:5:8\n  |\n5 |        missing\n  |        ^^^^^^^ statement 2 of 2, from line 4"
    );
    // The file was one transaction, and nothing of it is left.
    assert_eq!(value(&cluster, "bad", "SELECT count(*)::text FROM public.t").await, "0");
    assert_eq!(
        apply(&chain, &cluster, "bad", Some("003_latr")).await.unwrap_err().to_string(),
        format!("chain {place} has no revision `003_latr`, nearest is `003_later`")
    );
}

#[tokio::test]
async fn failures_of_other_sorts_name_the_statement_and_the_remedy() {
    let cluster = Cluster::start().await;
    for (n, (toml, sql, shown, help)) in [
        ("", "CREATE TYPE e AS ENUM ('a');\nCOMMIT;\nBEGIN;\nSELECT 1", "ends in a transaction", "correct the file"),
        ("", "BEGIN;\nSELECT 1;", "ends in a transaction", "correct the file"),
        ("", "DO $$ BEGIN COMMIT; END $$", "(SQLSTATE 2D000)", "transaction = \"none\""),
        (
            "",
            "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (e e);\nCOMMIT; BEGIN;\n\
             ALTER TYPE e ADD VALUE 'b';\nINSERT INTO t VALUES ('b'); COMMIT",
            "(SQLSTATE 55P04)",
            "transaction = \"none\"",
        ),
        (
            "",
            "CREATE TABLE p (a int UNIQUE DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO p VALUES (1), (1)",
            "23505",
            "",
        ),
        ("timeout = \"300ms\"", "SELECT 1;\nSELECT pg_sleep(60)", "still running after 300ms", "raise its `timeout`"),
        ("", "SELECT 1;\nSELECT pg_terminate_backend(pg_backend_pid())", ":2:1", "correct the file"),
        ("", "CREATE EXTENSION file_fdw", "(SQLSTATE 42501)", "belongs in a prelude"),
    ]
    .into_iter()
    .enumerate()
    {
        let error = applied(&cluster, &format!("d{n}"), &[("chain.toml", toml), ("001.sql", sql)]).await.unwrap_err();
        assert_eq!(error.exit(), Exit::Untested);
        assert!(error.to_string().contains(shown), "{sql}: {error}");
        assert!(error.to_string().contains("001.sql:"), "{error}");
        assert!(error.help().contains(help), "{sql}: {}", error.help());
    }
    let mut session = cluster.session("rlsgate", "postgres").await;
    let asleep = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()";
    for attempt in 0.. {
        let left: i64 = sqlx::query_scalar(asleep).fetch_one(&mut session).await.unwrap();
        if left == 0 {
            break;
        }
        assert!(attempt < 100, "a revision that ran out of time is stopped");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_supabase_prelude_carries_a_chain_as_the_platform_does() {
    let cluster = Cluster::start().await;
    let applied = applied(
        &cluster,
        "platform",
        &[
            ("chain.toml", "prelude = [\"supabase\", \"more.sql\"]"),
            ("more.sql", "create table public.legacy (id int); alter table public.legacy owner to postgres;"),
            (
                "migrations/20250101000000_first.sql",
                "create extension if not exists pgcrypto with schema extensions;
                 create extension if not exists vector;
                 create extension if not exists moddatetime schema extensions;
                 create table notes (id uuid primary key default uuid_generate_v4(), owner uuid references auth.users);
                 alter table notes enable row level security;
                 create policy own on notes to authenticated using (owner = auth.uid());
                 create trigger touch before update on notes for each row execute function moddatetime (owner);
                 create policy files on storage.objects for select using ((storage.foldername(name))[1] = 'a');
                 alter role authenticator set pgrst.db_schemas = 'public';
                 alter table legacy add column a int;",
            ),
        ],
    )
    .await;
    let applied = applied.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        applied.revisions[0].exempted,
        ["extension moddatetime", "setting pgrst.db_schemas of role authenticator"]
    );
    let owner = "SELECT string_agg(tablename || ' ' || tableowner, ', ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(value(&cluster, "platform", owner).await, "legacy postgres, notes postgres");
    let attributes = "SELECT concat(rolsuper, rolbypassrls) FROM pg_roles WHERE rolname = 'postgres'";
    assert_eq!(value(&cluster, "platform", attributes).await, "ft");
    let mut anon = cluster.session("authenticator", "platform").await;
    execute(&mut anon, "SET ROLE anon; SELECT * FROM public.notes").await.unwrap();
}

#[test]
fn what_is_wrong_in_a_chain_is_said_before_any_server_starts() {
    for (files, message) in [
        (vec![("001.sql", "")], "there is no chain.toml"),
        (vec![("chain.toml", "")], "has no revision in"),
        (vec![("chain.toml", "migrations = \"nowhere\""), ("001.sql", "")], "has no revision in"),
        (vec![("chain.toml", "layout = \"sqk\""), ("001.sql", "")], "unknown layout `sqk`, nearest is `sql`"),
        (vec![("chain.toml", "prelude = \"supabse\""), ("1.sql", "")], "no prelude `supabse`, nearest is `supabase`"),
        (vec![("chain.toml", "[revisions.001x]"), ("001.sql", "")], "no revision `001x`, nearest is `001`"),
        (vec![("chain.toml", "[revisions.001]\ndown = \"x.sql\""), ("001.sql", "")], "no file x.sql"),
        (vec![("chain.toml", "rollback = \"x\""), ("001.sql", ""), ("x/0012.sql", "")], "0012.sql undoes no revision"),
        (vec![("chain.toml", "schemas = []"), ("001.sql", "")], "at least one schema"),
        (vec![("chain.toml", ""), ("001.sql", ""), ("002.down.sql", "")], "002.down.sql undoes no revision"),
        (vec![("chain.toml", ""), ("001.sql", "\\set x 1\n")], "psql meta-command"),
        (vec![("chain.toml", ""), ("001.sql", "copy t from stdin;\n1\n\\.\n")], "COPY with STDIN"),
        (vec![("chain.toml", ""), ("001.sql", "select '")], "this string is not closed"),
    ] {
        let dir = folder(&files);
        let error = Chain::load(dir.path()).unwrap_err();
        assert_eq!(error.exit(), Exit::Input, "{error}");
        assert!(error.to_string().contains(message), "{error}");
    }
    let dir = folder(&[("chain.toml", ""), ("1.sql", "\\x"), ("2.sql", "\\y")]);
    let shown = Chain::load(dir.path()).unwrap_err().to_string();
    assert!(shown.contains("1.sql:1:1") && shown.contains("2.sql:1:1"), "every wrong file is named: {shown}");
}

#[test]
fn revisions_know_what_undoes_them() {
    let dir = folder(&[
        ("chain.toml", "migrations = \"up\"\nrollback = \"back\"\n[revisions.003]\ndown = \"other.sql\""),
        ("up/001_a.sql", ""),
        ("up/001_a.down.sql", ""),
        ("up/002.sql", ""),
        ("up/002_b.sql", ""),
        ("up/003.sql", ""),
        ("back/002_b_rollback.sql", ""),
        ("back/002-undo.sql", ""),
        ("other.sql", ""),
    ]);
    let chain = Chain::load(dir.path()).unwrap();
    let found: Vec<_> = chain
        .revisions
        .iter()
        .map(|revision| {
            (
                revision.id.as_str(),
                revision.down.as_ref().map(|down| down.path().strip_prefix(dir.path()).unwrap().display().to_string()),
            )
        })
        .collect();
    let down = |path: &str| Some(path.to_owned());
    assert_eq!(
        found,
        [
            ("001_a", down("up/001_a.down.sql")),
            ("002", down("back/002-undo.sql")),
            ("002_b", down("back/002_b_rollback.sql")),
            ("003", down("other.sql")),
        ]
    );
}

#[test]
fn the_digest_follows_everything_that_makes_the_schema() {
    let digest = |files: &[(&str, &str)]| Chain::load(folder(files).path()).unwrap().digest();
    let base = [("chain.toml", "prelude = \"p.sql\""), ("p.sql", "select 0"), ("1.sql", "select 1"), ("2.sql", "")];
    let same = digest(&base);
    assert_eq!(same.len(), 64);
    assert_eq!(digest(&base), same);
    for n in 0..base.len() {
        let mut other = base;
        let text = format!("{}\n", other[n].1);
        other[n].1 = &text;
        assert_ne!(digest(&other), same, "{}", base[n].0);
    }
    let mut renamed = base;
    renamed[3].0 = "3.sql";
    assert_ne!(digest(&renamed), same);
    let moved = [base[0], base[1], ("1.sql", ""), ("2.sql", "select 1")];
    assert_ne!(digest(&moved), same);
}
