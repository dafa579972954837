//! What is verified, in which order it is told, and what is left out.

use rlsgate::report::record::Status;

use super::live::{server, suite, url, verify};

const FACTS: &str = r#"
title = "Notes"
[contexts.person]
role = "person"
[actors]
ann = { context = "person" }
[contract]
notes = {}
log = {}
[cases.hand-written]
as = "ann"
sql = "select 1"
expect = "allowed"
[facts.relations.notes]
step = "2.10"
forced = false
policies.own = { command = "all" }
[facts.relations.log]
rls = true
step = "2.9"
remedy = "enable it"
[facts.extensions]
citext = "*"
[facts.functions."bump()"]
volatility = "volatile"
[facts.queries.both]
step = "1"
sql = "select id, tenant from notes order by id"
returns = [{ id = 1, tenant = "a" }, { id = 2, tenant = "b" }]
[facts.queries.none]
sql = "select id from notes where tenant is null"
witness = "select from notes"
returns = []
[facts.queries.empty]
sql = "select id from notes where tenant is null"
witness = "select from notes where tenant = 'c'"
returns = []
[[known]]
check = "notes/contract/*"
reason = "not planned here, and no reason to stop"
"#;

#[tokio::test]
async fn facts_are_verified_and_the_rest_is_listed() {
    let server = server().await;
    let suite = suite(FACTS, "");
    let url = url(&server, "reader", "live");
    let ended = verify(&url, suite.path(), &[]);
    ended.expect(1, &["left out: 2 relations of the contract", "1 case (", "the chain's fingerprint"]);
    let status = |id: &str| ended.check(&format!("notes/fact/{id}")).status;
    for passed in [
        "public.notes/rls",
        "public.notes/policy/own",
        "extension/citext",
        "function/public.bump()/volatility",
        "query/both",
        "query/none",
    ] {
        assert_eq!(status(passed), Status::Passed, "{passed}: {}", ended.said);
    }
    assert_eq!(status("public.log/rls"), Status::Failed);
    assert_eq!(status("query/empty"), Status::Error);
    let failed = ended.check("notes/fact/public.log/rls");
    assert_eq!(failed.remedy.as_deref(), Some("enable it"));
    assert!(
        failed.reproduce.ends_with("--target production --only 'notes/fact/public.log/rls'"),
        "{}",
        failed.reproduce
    );
    let query = ended.check("notes/fact/query/both");
    assert!(query.evidence.context[0].starts_with("as the session's own role, read only: reader@"), "{query:?}");
    let facts = &ended.record.as_ref().unwrap().suites[0].facts;
    assert_eq!(facts["target"], "production");
    assert!(facts["verified"].ends_with("/live") && facts["left out"].contains("1 case"), "{facts:?}");
    // A document's numbering orders the reports: 1, 2.9, 2.10, then what has none.
    let junit = std::fs::read_to_string(suite.path().join("reports/junit.xml")).unwrap();
    let place = |id: &str| junit.find(id).unwrap_or_else(|| panic!("no {id} in {junit}"));
    let order =
        ["notes/fact/query/both", "notes/fact/public.log/rls", "notes/fact/public.notes/rls", "notes/fact/query/none"]
            .map(place);
    assert!(order.is_sorted(), "{order:?}");
    assert!(junit.contains("left out"), "{junit}");
    verify(&url, suite.path(), &["--only", "notes/fact/query/both"]).expect(0, &["1 passed"]);
}

#[tokio::test]
async fn rows_that_policies_would_hide_are_no_answer() {
    let server = server().await;
    let suite = suite(
        "[facts.queries.none]\nsql = \"select id from notes\"\nreturns = []\nwitness = 'select from pg_class'",
        "",
    );
    // Filtered to nothing this would pass, which it must not.
    let ended = verify(&url(&server, "person", "live"), suite.path(), &[]);
    ended.expect(3, &["the query failed: 42501"]);
    verify(&url(&server, "reader", "live"), suite.path(), &[]).expect(1, &["2 rows returned instead of 0"]);
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_an_error_in_bounded_time() {
    let server = server().await;
    let long = "select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b";
    let facts = format!("[facts.queries.long]\nsql = \"{long}\"\nreturns = []\nwitness = 'select from pg_class'");
    let suite = suite(&facts, "statement_timeout = \"500ms\"");
    let started = std::time::Instant::now();
    verify(&url(&server, "reader", "live"), suite.path(), &[]).expect(3, &["57014"]);
    assert!(started.elapsed().as_secs() < 10);
}
