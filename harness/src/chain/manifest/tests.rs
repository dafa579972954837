//! What a `chain.toml` may say and must not, under test.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Preludes, Reason, Timeout, Transaction, parse};

fn problem(text: &str) -> String {
    parse(Path::new("x/chain.toml"), &Arc::from(text)).unwrap_err().to_string()
}

#[test]
fn every_key_is_read() {
    let text = r#"
        layout = "sql"
        migrations = "migrations"
        rollback = "rollback"
        prelude = ["supabase", "prelude.sql"]
        owner = "app_owner"
        schemas = ["app", "public"]
        lock = "released.lock"
        lock_budget = 3
        timeout = "2m"
        skip = { "down" = "never deployed" }
        [alembic]
        program = [".venv/bin/alembic"]
        env = { DATABASE_URL = ":url" }
        [revisions.641-connector-access]
        run = ["python3", "641.py"]
        env = { SCHEMA = ":schema" }
        down = "641.down.sql"
        transaction = "none"
        idempotent = true
        transactional = true
        irreversible = "drops a table"
        catalog_neutral = "statistics only"
        open_tables = { rate_limits = "no personal data" }
        lock_budget = 1
        timeout = "500ms"
        title = "one"
    "#;
    let manifest = parse(Path::new("chain.toml"), &Arc::from(text)).unwrap();
    assert_eq!(manifest.timeout, Timeout(Duration::from_secs(120)));
    assert!(matches!(manifest.prelude.unwrap().get_ref(), Preludes::Many(many) if many.len() == 2));
    let revision = &manifest.revisions["641-connector-access"];
    assert_eq!(revision.transaction, Some(Transaction::None));
    assert_eq!(revision.timeout, Some(Timeout(Duration::from_millis(500))));
    assert_eq!(revision.open_tables["rate_limits"], Reason("no personal data".to_owned()));
}

#[test]
fn an_empty_file_is_all_defaults() {
    let manifest = parse(Path::new("chain.toml"), &Arc::from("")).unwrap();
    assert_eq!(manifest.timeout, Timeout(Duration::from_secs(60)));
    assert_eq!(manifest.lock.get_ref(), Path::new("chain.lock"));
    assert_eq!(manifest.schemas.get_ref()[0].get_ref(), "public");
    assert!(manifest.prelude.is_none() && manifest.owner.is_none());
}

#[test]
fn an_unknown_key_is_shown_with_line_caret_and_nearest_name() {
    assert_eq!(
        problem("prelude = \"none\"\nshcemas = [\"public\"]\n"),
        "error: unknown key `shcemas`, nearest is `schemas`\n \
         --> x/chain.toml:2:1\n  \
         |\n\
         2 | shcemas = [\"public\"]\n  \
         | ^^^^^^^\n  \
         |\n\
         help: the keys here are layout, migrations, rollback, prelude, owner, schemas, lock, lock_budget, timeout, seed_at, skip, alembic, revisions"
    );
    let inner = problem("[revisions.a]\nirreversable = \"x\"");
    assert!(inner.contains("unknown key `irreversable`, nearest is `irreversible`"), "{inner}");
    assert!(inner.contains("x/chain.toml:2:1"), "{inner}");
}

#[test]
fn wrong_values_are_shown_where_they_stand() {
    for (text, message, place) in [
        ("timeout = \"5h\"", "`5h` is not a duration", ":1:11"),
        ("lock = \"a\"\nlock = \"b\"", "duplicate key", ":2:1"),
        ("[revisions.a]\nirreversible = \" \"", "the reason is empty", ":2:16"),
        ("prelude = 3", "expected a prelude, or a list of them", ":1:11"),
        ("[revisions.a]\ntransaction = \"many\"", "unknown variant `many`", ":2:15"),
        ("layout =", "", ":1:9"),
    ] {
        let shown = problem(text);
        assert!(shown.contains(message) && shown.contains(place), "{shown}");
    }
}
