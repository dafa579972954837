//! Short forms, defaults, and what odd text does.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use rlsgate::Error;
use rlsgate::run::load_suite as load;
use rlsgate::suite::resolved::{Claim, Command, Grant, Name, Reference, Rows, Suite, Template, TenantKey};
use rlsgate::suite::resolved_case::{Body, Expect, Scalar};

/// The smallest useful suite of the format's description.
const SMALLEST: &str = r#"
name  = "notes"
chain = "chain"
seed  = "seed.sql"
[contexts.jwt]
role   = "authenticated"
claims = { sub = ":user" }
[actors]
ann = { context = "jwt", ids = { user = "a0000000-0000-4000-8000-000000000001" }, groups = ["user"] }
bob = { context = "jwt", ids = { user = "b0000000-0000-4000-8000-000000000001" }, groups = ["user"] }
[contract]
notes = { tenant_key = { user = "owner_id" }, allow.user = "own" }
"#;

fn read(text: &str) -> Result<Suite, Error> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("chain")).unwrap();
    std::fs::write(folder.path().join("seed.sql"), "").unwrap();
    std::fs::write(folder.path().join("suite.toml"), text).unwrap();
    load(&folder.path().join("suite.toml"))
}

fn suite(text: &str) -> Suite {
    read(text).unwrap_or_else(|error| panic!("{error}"))
}

fn own() -> Rows {
    Rows::Sets(["own".to_owned()].into())
}

fn rows(cells: &BTreeMap<Command, Grant>) -> Vec<(Command, Rows)> {
    cells.iter().map(|(command, cell)| (*command, cell.rows.clone())).collect()
}

#[test]
fn the_smallest_suite_has_its_defaults() {
    let suite = suite(SMALLEST);
    assert_eq!((suite.title.as_str(), suite.timeout), ("notes", Duration::from_secs(5)));
    assert_eq!((suite.schemas, suite.postgres.len(), suite.report_values), (None, 0, false));
    let claims = Claim::Object(vec![("sub".to_owned(), Claim::Id(Reference { actor: None, name: "user".to_owned() }))]);
    assert_eq!(suite.actors["ann"].claims, Some(claims));
    assert_eq!(suite.actors["ann"].groups, ["ann".to_owned(), "user".to_owned()].into());
    assert_eq!(suite.actors["ann"].at.line, 9);
    let cells = &suite.contract[0].allow["user"];
    let dml = [Command::Select, Command::Insert, Command::Update, Command::Delete];
    assert_eq!(rows(cells), dml.map(|command| (command, own())));
}

#[test]
fn short_forms_are_the_first_key_of_the_long_form() {
    let text = SMALLEST.to_owned()
        + r#"
short = { tenant_key = "t", allow.user = { select = "own", truncate = "all" } }
long  = { tenant_key = { tenant = "t" }, allow.user = { select = { rows = ["own"] }, truncate = { rows = "all" } } }
"App.Mixed".allow.ann = { dml = "all", delete = "none", usage = "all" }
[execute]
"f(int)" = ["user"]
"g( int )" = { allow = ["user"] }
"#;
    let text = text.replace("ids = {", "ids = { tenant = 1,");
    let suite = suite(&text);
    let [_, short, long, mixed] = suite.contract.as_slice() else { panic!("{:?}", suite.contract) };
    assert_eq!(short.tenant_key, long.tenant_key);
    assert_eq!(long.tenant_key, Some(TenantKey::Columns([("tenant".to_owned(), "t".to_owned())].into())));
    assert_eq!(rows(&short.allow["user"]), rows(&long.allow["user"]));
    assert_eq!(mixed.name, Name { schema: Some("app".to_owned()), name: "mixed".to_owned() });
    let none = Rows::Sets([].into());
    assert_eq!(
        rows(&mixed.allow["ann"]),
        [
            (Command::Select, Rows::All),
            (Command::Insert, Rows::All),
            (Command::Update, Rows::All),
            (Command::Delete, none),
            (Command::Usage, Rows::All),
        ]
    );
    assert_eq!(suite.execute[0].allow, suite.execute[1].allow);
    assert_eq!((suite.execute[1].name.name.as_str(), suite.execute[1].arguments.as_str()), ("g", "int"));
}

#[test]
fn values_keep_their_types() {
    let text = SMALLEST.to_owned()
        + r#"
[contexts.worker]
login = "app"
settings = { "app.user" = ":user", "app.colon" = "::user", "app.level" = 3 }
[actors.wil]
context = "worker"
role = "worker"
ids = { user = 7 }
[cases.types]
as = "wil"
sql = "select 1"
expect = { returns = [{ a = 1, b = true, c = 1.5, d = 2026-01-31, e = "x", f = { null = true } }] }
[[known]]
check = "notes/case/*"
reason = "r"
until = 2026-12-31
[facts.relations.notes]
triggers = []
"#;
    let suite = suite(&text);
    let wil = &suite.actors["wil"];
    assert_eq!(
        (wil.login.as_deref(), wil.role.as_deref(), wil.ids["user"].as_str()),
        (Some("app"), Some("worker"), "7")
    );
    assert_eq!(wil.settings[1], ("app.colon".to_owned(), Template::Text(":user".to_owned())));
    assert_eq!(wil.settings[2].1, Template::Text("3".to_owned()));
    let Body::Single(single) = &suite.cases[0].body else { panic!("steps") };
    let Expect::Returns(returned) = &single.expect else { panic!("{:?}", single.expect) };
    let values: Vec<&Scalar> = returned[0].values().collect();
    let date = Scalar::Date("2026-01-31".to_owned());
    let text = Scalar::Text("x".to_owned());
    let expected = [&Scalar::Integer(1), &Scalar::Boolean(true), &Scalar::Float(1.5), &date, &text, &Scalar::Null];
    assert_eq!(values, expected);
    assert_eq!(suite.known[0].until.as_deref(), Some("2026-12-31"));
    let facts = &suite.facts.relations[0];
    assert_eq!((facts.rls, facts.triggers.as_deref(), facts.policies.is_none()), (Some(true), Some(&[][..]), true));
}

proptest! {
    /// Whatever is cut out of a suite or put into it: it loads, or it says what is wrong, in finite time.
    #[test]
    fn damaged_text_is_answered(from in 0_usize..4000, length in 0_usize..40, insert in "[\\[\\]{}='\":.#a-z0-9`\n ]{0,6}") {
        let text = include_str!("data/suites/installations/suite.toml");
        let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let (start, end) = (boundary(from), boundary(from + length));
        let damaged = format!("{}{insert}{}", &text[..start], &text[end..]);
        if let Err(error) = read(&damaged.replace("../../schemas/installations", "chain")) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
