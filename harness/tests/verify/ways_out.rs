//! Every way out of reading: each is refused before it is executed, and the database is afterwards what it was.

use super::live::{everything, log, query, server, url, verify};

/// What is told by the words alone, before anything is sent; part of the message.
const BY_WORDS: &[(&str, &str)] = &[
    ("copy notes to '/tmp/way_out'", "COPY is not"),
    ("copy notes to program 'touch way_out'", "COPY is not"),
    ("set transaction read write", "SET is not"),
    ("commit", "COMMIT is not"),
    ("select 1; commit; insert into log (body) values ('x')", "3 statements"),
    ("select 1 /* ; */; rollback", "2 statements"),
    ("do $$ begin insert into log (body) values ('x'); end $$", "DO is not"),
    ("call x()", "CALL is not"),
    ("notify x", "NOTIFY is not"),
    ("listen x", "LISTEN is not"),
    ("prepare transaction 'x'", "PREPARE is not"),
    ("create temp table x (a int)", "CREATE is not"),
    ("lock table notes", "LOCK is not"),
    ("vacuum notes", "VACUUM is not"),
    ("explain analyze select bump()", "EXPLAIN is not"),
    ("insert into log (body) values ('x') returning id", "INSERT is not"),
    ("with x as (insert into log (body) values ('x') returning id) select * from x", "INSERT writes"),
    ("with x as (delete from log returning id) select * from x", "DELETE writes"),
    ("with x as (update log set body = 'x' returning id) select * from x", "UPDATE writes"),
    ("select id into way_out from notes", "INTO"),
    ("select id from notes for update", "FOR UPDATE"),
    ("select id from notes for key share", "FOR UPDATE"),
    ("select U&\"pg\\005fsleep\"(1)", "U&"),
];

/// What the server is asked about: the function that is named.
const BY_FUNCTION: &[(&str, &str)] = &[
    ("select bump()", "public.bump(), volatile"),
    ("select \"public\" . /* x */ \"bump\" ()", "public.bump(), volatile"),
    ("select n from peek", "public.bump(), volatile, in view public.peek"),
    ("select n from over_peek", "public.bump(), volatile, in view public.peek"),
    ("select hush()", "public.hush(), code of the database"),
    ("select n.label from notes n", "public.label(public.notes), code of the database"),
    ("select (n).label from notes n", "public.label(public.notes)"),
    ("select 'x'::text === 1", "behind operator ==="),
    ("select 'x'::text operator(public.===) 1", "behind operator ==="),
    ("select n from tasted", "in view public.tasted"),
    ("select tally(id) from notes", "public.tally(integer)"),
    ("select 1::pair", "behind a cast to public.pair"),
    ("select 'x'::short", "behind domain public.short"),
    ("select short 'x'", "behind domain public.short"),
    ("select * from ending", "pg_terminate_backend"),
    ("select * from sleeping", "pg_sleep(double precision), volatile, in view public.sleeping"),
    ("select nextval('log_id_seq')", "nextval(regclass)"),
    ("select setval('log_id_seq', 99)", "setval(regclass, bigint)"),
    ("select pg_advisory_lock(1)", "pg_advisory_lock(bigint)"),
    ("select pg_try_advisory_lock(1)", "pg_try_advisory_lock(bigint)"),
    ("select pg_notify('x', 'y')", "pg_notify(text, text)"),
    ("select lo_create(4712)", "lo_create(oid)"),
    ("select lo_unlink(4711)", "lo_unlink(oid)"),
    ("select lo_from_bytea(0, 'x')", "lo_from_bytea(oid, bytea)"),
    ("select set_config('search_path', 'x', false)", "set_config(text, text, boolean)"),
    ("select set_config('transaction_read_only', 'off', true)", "set_config(text, text, boolean)"),
    ("select pg_sleep(1)", "pg_sleep(double precision)"),
    ("select pg_terminate_backend(pid) from pg_stat_activity", "pg_terminate_backend"),
    ("select pg_reload_conf()", "pg_reload_conf()"),
    ("select pg_switch_wal()", "pg_switch_wal()"),
    ("select pg_read_file('PG_VERSION')", "pg_read_file(text)"),
    ("select pg_ls_dir('.')", "pg_ls_dir(text)"),
    ("select pg_stat_reset()", "pg_stat_reset()"),
    ("select pg_export_snapshot()", "pg_export_snapshot()"),
    ("select txid_current()", "txid_current(), not without effect"),
    ("select query_to_xml('select bump()', true, true, '')", "query_to_xml"),
    ("select table_to_xml('peek', true, true, '')", "table_to_xml"),
    ("select ts_rewrite('a'::tsquery, 'select ''a''::tsquery, ''b''::tsquery from peek')", "ts_rewrite"),
    ("select * from crosstab('select 1, bump(), 1') as x(a int, b int)", "crosstab(text)"),
    ("select dblink_exec('dbname=live', 'insert into log (body) values (1)')", "dblink_exec"),
    ("select * from dblink('dbname=live', 'select bump()') as x(n int)", "dblink"),
    ("select line from program", "foreign table public.program"),
    ("select line from over_program", "foreign table public.program"),
    ("select line from parts", "foreign table public.parts_1"),
];

#[tokio::test]
async fn no_way_out_is_open_and_the_database_stays_what_it_was() {
    let server = server().await;
    let url = url(&server, "reader", "live");
    let before = everything(&server).await;
    assert!(before.iter().any(|line| line.starts_with("large object 4711")), "{before:?}");
    for (sql, why) in BY_WORDS.iter().chain(BY_FUNCTION) {
        let suite = query(sql, "");
        let ended = verify(&url, suite.path(), &[]);
        ended.expect(2, &["is not sent", why, "suite.toml:3"]);
        assert!(ended.record.is_none(), "{sql}");
        assert_eq!(everything(&server).await, before, "{sql}");
    }
    // The same as a superuser, for whom the server itself refuses less.
    let url = super::live::url(&server, "rlsgate", "live");
    for (sql, why) in BY_FUNCTION {
        let suite = query(sql, "");
        verify(&url, suite.path(), &["--as-superuser"]).expect(2, &[why]);
        assert_eq!(everything(&server).await, before, "{sql}");
    }
    let log = log(&server).await;
    let statements: Vec<String> = log.lines().filter(|line| line.contains("EXECUTE")).map(ToOwned::to_owned).collect();
    assert!(statements.is_empty(), "{statements:?}");
}

#[tokio::test]
async fn what_a_suite_accepts_is_still_held_by_the_transaction() {
    let server = server().await;
    let url = url(&server, "rlsgate", "live");
    let before = everything(&server).await;
    for (function, sql, why) in [
        ("bump", "select bump()", "25006"),
        ("public.bump", "select n from over_peek", "25006"),
        ("hush", "select hush()", "left the transaction or the session other than it found them"),
        ("dblink_exec", "select dblink_exec('dbname=no_such', 'x')", "08001"),
    ] {
        let suite = query(sql, &format!("may_call = [\"{function}\"]"));
        verify(&url, suite.path(), &["--as-superuser"]).expect(3, &[why]);
        assert_eq!(everything(&server).await, before, "{sql}");
    }
    // One that really reads is accepted and passes.
    let suite = query("select slug(body) from notes where false", "may_call = [\"slug\"]");
    verify(&url, suite.path(), &["--as-superuser"]).expect(0, &["1 passed"]);
}

#[tokio::test]
async fn what_only_reads_is_sent() {
    let server = server().await;
    let url = url(&server, "reader", "live");
    for sql in [
        "select n from fine where n = 0",
        "select * from pg_locks where false",
        "select * from information_schema.columns where table_name = 'no'",
        "select p.* from pg_policies p where qual like '%nothing%' and 'a'::citext = 'B'",
        "with a as (select id, random() r, clock_timestamp() from notes where false) table a",
        "select pg_total_relation_size('notes') where false",
        "select to_jsonb(n), row_number() over (partition by tenant order by id) from notes n where id in (9) and body between 'a' and 'b'",
    ] {
        let suite = query(sql, "");
        verify(&url, suite.path(), &[]).expect(0, &["1 passed"]);
    }
}
