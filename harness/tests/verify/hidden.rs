//! Code that nothing in a statement names: behind types, indexes, statistics, JSON and default operator classes.

use super::live::{everything, query, server, suite, url, verify};

const BY_WORDS: &[(&str, &str)] = &[
    // The parser itself makes values of literals.
    ("select '{x}'::sly[]", "public.trace(), code of the database, behind domain public.sly"),
    ("select '{x}'::_sly", "behind domain public.sly"),
    ("select _sly '{x}'", "behind domain public.sly"),
    ("select cast('{x}' as public.slyer[])", "behind domain public.sly"),
    ("select '(x)'::holder", "behind domain public.sly"),
    ("select '(\"(x)\")'::nest", "behind domain public.sly"),
    ("select '{\"(\\\\\"(x)\\\\\")\"}'::nest[]", "behind domain public.sly"),
    ("select '[a,b]'::span", "behind domain public.sly"),
    ("select '{x}'::tags", "behind domain public.sly"),
    ("select id from kept where many = '{x}'", "behind domain public.sly"),
    ("select id from kept where one = '(x)'", "behind domain public.sly"),
    ("select id from kept where tagged = $${x}$$", "behind domain public.sly"),
    ("select id from kept where spans @> 'x'", "behind domain public.sly"),
    ("select id from named n where n = '(1,x,a)'", "behind domain public.sly"),
    ("select json_populate_record(n, '{\"name\": \"x\"}') from named n", "behind domain public.sly"),
    ("select array_append(array[name], 'x') from named", "behind domain public.sly"),
    ("select id from named where array[name] = '{x}'", "behind domain public.sly"),
    ("select row(1, 'x', 'a')::named", "behind domain public.sly"),
    ("select to_json(p) from pairs", "public.pair_json(public.pair), code of the database, behind a cast to json"),
    ("select jsonb_build_array(p) from pairs", "behind a cast to json"),
    ("select distinct m from moods", "behind the order of public.mood"),
    ("select n #= 'name=>x' from named n", "behind domain public.sly"),
    ("select '(1)' ~=~ '(1)'", "public.weigh(public.coin, public.coin), code of the database, behind operator ~=~"),
    ("select body @> '(1)' from notes", "public.lifted(text, public.coin), code of the database, behind operator @>"),
    // What takes a type, a function or a partitioned table as an argument.
    ("select array_in('{x}', 'sly'::regtype, -1)", "array_in(cstring, oid, integer), not without effect"),
    ("select domain_in('x', 'sly'::regtype, -1)", "domain_in(cstring, oid, integer)"),
    ("select fmgr_sql_validator('parsed'::regproc)", "fmgr_sql_validator(oid)"),
    ("select satisfies_hash_partition('split'::regclass, 1, 0, 1)", "satisfies_hash_partition"),
    ("select query_to_xmlschema('select ''{x}''::_sly', true, true, '')", "query_to_xmlschema"),
];

const BY_RELATIONS: &[(&str, &str)] = &[
    ("select n from cast_inside", "behind domain public.sly, in view public.cast_inside"),
    ("select n from array_inside", "behind domain public.sly, in view public.array_inside"),
    ("select id from indexed", "public.trace(), code of the database, in index public.guarded"),
    ("select id from expressed", "in index public.folded"),
    ("select id from parent", "in index public.of_child"),
    ("select id from stated", "in statistics of_stated"),
    ("select id from split", "in table public.split"),
    ("select id from backward", "away.compare(integer, integer), code of the database, in index public.of_backward"),
    ("select n from rows_of_moods", "behind the order of public.mood"),
    ("select n from sent", "behind a cast to json, in view public.sent"),
];

#[tokio::test]
async fn code_that_nothing_names_is_not_run() {
    let server = server().await;
    let url = url(&server, "reader", "live");
    let before = everything(&server).await;
    for (sql, why) in BY_WORDS.iter().chain(BY_RELATIONS) {
        let suite = query(sql, "");
        verify(&url, suite.path(), &[]).expect(2, &["is not sent", why, "suite.toml:3"]);
        assert_eq!(everything(&server).await, before, "{sql}");
    }
    // The trace is one that would be seen: the server runs it for a literal alone.
    let mut session = server.session("reader", "live").await;
    crate::common::execute(&mut session, "begin read only; prepare p as select '{x}'::_sly; rollback").await.unwrap();
    assert_ne!(everything(&server).await, before);
}

#[tokio::test]
async fn what_stands_beside_such_code_is_read() {
    let server = server().await;
    let url = url(&server, "reader", "live");
    for sql in [
        "select id::int, name::text from named where tenant = 'b' and name = 'x'",
        "select p::text, p is null from pairs where false",
        "select to_jsonb(n), 'x' = 'y' from notes n where false",
        "select name from named where id::bigint = 7 order by name",
        "select cast(id as int)::text from notes where id > 9",
        "select tenant || 'x' from notes group by 1 having false",
        "select '{a,b}'::text[], id from notes where '(1,2)'::point is null",
    ] {
        let suite = query(sql, "");
        verify(&url, suite.path(), &[]).expect(0, &["1 passed"]);
    }
    // Somebody has looked at it.
    let suite = query("select id from indexed where id = 1", "may_call = [\"trace\"]");
    verify(&url, suite.path(), &[]).expect(0, &["1 passed"]);
}

#[tokio::test]
async fn a_lock_that_outlives_the_error_of_a_statement_is_told() {
    let server = server().await;
    let url = url(&server, "reader", "live");
    let before = everything(&server).await;
    let suite = query("select grab()", "may_call = [\"grab\"]");
    verify(&url, suite.path(), &[]).expect(3, &["left the transaction or the session other than it found them"]);
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn an_answer_of_any_size_is_counted_in_bounded_memory() {
    let server = server().await;
    let sql = "select repeat('x', 20000) from generate_series(1, 60000)";
    let facts = format!("[facts.queries.long]\nsql = \"{sql}\"\nreturns = []\nwitness = \"select from notes\"");
    let suite = suite(&facts, "statement_timeout = \"60s\"");
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -v 1000000; exec \"$0\" verify \"$@\"", env!("CARGO_BIN_EXE_rlsgate")]);
    command.arg(suite.path()).arg("--out").arg(suite.path().join("reports"));
    let output = command.env("RLSGATE_VERIFY_URL", url(&server, "reader", "live")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("60000 rows returned instead of 0"), "{said}");
}
