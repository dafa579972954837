//! Connections that are used again, and messages that hold more than one statement: nothing of one shows in the next.

use rlsgate::catalog::leaves_traces;
use rlsgate::instance::{Provider, Request, start};
use rlsgate::report::record::Status::Passed;
use rstest::rstest;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};

use super::support::{Ran, absent};

static RAN: Ran = Ran::of("reused");
/// Where code of the schema may set something, no connection is used again.
static REMEMBERING: Ran = Ran::of("remembering");

#[rstest]
#[case("temporary-table")]
#[case("prepared-statement")]
#[case("number-of-a-sequence")]
#[case("advisory-lock")]
#[case("setting-of-the-session")]
#[case("who-sets-nothing")]
fn nothing_of_one_step_is_left_for_the_next(#[case] name: &str) {
    RAN.hold(&format!("case/{name}"), Passed, "steps as expected");
}

#[rstest]
#[case("temporary-table-of-one-session")]
#[case("setting-of-one-session")]
fn all_of_it_is_where_one_session_is_asked_for(#[case] name: &str) {
    RAN.hold(&format!("case/{name}"), Passed, "2 steps as expected");
}

#[rstest]
#[case("setting-by-code", "3 steps as expected")]
#[case("setting-by-code-of-one-session", "2 steps as expected")]
fn what_code_sets_unseen_is_not_left_either(#[case] name: &str, #[case] verdict: &str) {
    REMEMBERING.hold(&format!("case/{name}"), Passed, verdict);
}

/// Code of the schema asks for the context of the witness role as well: it tries in that of the actor.
#[rstest]
#[case("contract/public.guarded/insert/ann/withheld", "refused by policy")]
#[case("contract/public.guarded/update/ann/withheld", "filtered")]
fn the_witness_role_tries_in_the_context_of_the_actor(#[case] id: &str, #[case] verdict: &str) {
    RAN.hold(id, Passed, verdict);
}

#[rstest]
#[case("ends-in-a-comment", "2")]
#[case("misspelt", "42601")]
#[case("not-closed", "42601")]
fn a_statement_is_one_of_its_own(#[case] name: &str, #[case] verdict: &str) {
    RAN.hold(&format!("case/{name}/ann"), Passed, verdict);
}

/// What may be left on a session by code that the statement does not show; a setting of the server's own and a column do not.
const CODE: [(&str, bool); 14] = [
    ("create table t (id int)", false),
    ("create function f() returns text language sql as $$ select current_setting('app.x', true) $$", false),
    ("create function f() returns void language plpgsql set search_path = '' as $$ begin null; end $$", false),
    ("create table t (id int); create function f() returns void language sql as $$ update t\n set id = 1 $$", false),
    ("create function f() returns void language plpgsql as $$ begin set local statement_timeout = 1; end $$", false),
    ("create function f() returns text language sql as $$ select set_config('app.x', '', true) $$", true),
    ("create function f() returns void language plpgsql as $$ begin\n -- a note\n set local app.x = 'y'; end $$", true),
    (
        "create function f() returns void language plpgsql as $$ begin execute format('set %I = 1', 'app.x'); end $$",
        true,
    ),
    ("create function f() returns void language plpgsql set app.x = 'y' as $$ begin null; end $$", true),
    ("create function f() returns int language sql as $$ select pg_backend_pid() $$", true),
    ("create table t (id int, by text default set_config('app.x', 'y', true))", true),
    ("create table t (id int); create policy p on t using (set_config('app.x', 'y', true) = 'y')", true),
    ("create view v as select set_config('app.x', 'y', true) as it", true),
    ("create table t (id int check (set_config('app.x', 'y', true) = 'y'))", true),
];

#[test]
fn code_that_may_leave_something_is_told() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let request = Request { provider: Provider::Local, ..Request::default() };
        let instance = match start(&request, None).await {
            Ok(instance) => instance,
            Err(error) if error.to_string().starts_with("no local server") => {
                return absent("local", &error.to_string());
            }
            Err(error) => panic!("{error}"),
        };
        let options = instance.connect_options(instance.superuser(), instance.maintenance_database());
        let mut session = options.connect().await.unwrap();
        for (code, expected) in CODE {
            session.execute(sqlx::raw_sql(AssertSqlSafe(format!("begin; {code}")))).await.unwrap();
            assert_eq!(leaves_traces(&mut session).await.unwrap(), expected, "{code}");
            session.execute("rollback").await.unwrap();
        }
        session.close().await.unwrap();
        instance.stop().await.unwrap();
    });
}
