//! What a report holds of the rows: keys of each fault; values where the suite allows them, and nowhere else.

use rlsgate::report::record::CheckRecord;

use super::faults::{ONE_RUN, and_then, caught};
use super::{Status, run, system, text};

/// The check called `name` of one run.
fn check(changes: &[(&str, String)], name: &str) -> Option<CheckRecord> {
    let changes: Vec<(&str, &str)> = changes.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let dir = system(&changes);
    run(dir.path(), &[&format!("*/{name}")])?.pop()
}

fn all(check: &CheckRecord) -> String {
    format!("{} {:?}", check.verdict, check.evidence)
}

fn with_values() -> (&'static str, String) {
    ("suite.toml", format!("report.values = true\n{}", text("suite.toml")))
}

#[test]
fn values_are_shown_where_the_suite_allows_them() {
    let wrong = and_then("update shop.grants set level = 'admins' where org = 'a' and package = 'x'");
    let Some(closed) = check(std::slice::from_ref(&wrong), "values.level") else { return };
    assert_eq!(closed.evidence.notes[0], "rows: 5 identical, 1 modified, 0 missing, 0 extra");
    assert_eq!(closed.evidence.notes[1], "modified: org=a package=x");
    assert!(!all(&closed).contains("everyone"), "{closed:#?}");
    let Some(open) = check(&[wrong, with_values()], "values.level") else { return };
    assert_eq!(open.evidence.notes[1], "modified: org=a package=x ('everyone' became 'admins')");
}

#[test]
fn a_value_without_a_name_in_the_map_is_told_with_its_key() {
    let seed = ("legacy.sql", text("legacy.sql").replace("('b', 'z', 'admin')", "('b', 'z', 'secret')"));
    let Some(closed) = check(std::slice::from_ref(&seed), "unmapped.level") else { return };
    assert_eq!(closed.evidence.notes[1], "unmapped: org=b package=z");
    let Some(open) = check(&[seed, with_values()], "unmapped.level") else { return };
    assert_eq!(open.evidence.notes[1], "unmapped: org=b package=z ('secret')");
}

#[test]
fn a_column_is_told_by_rows_that_differ_in_it() {
    let wider = |sql: String| sql.replace("level   text,", "level text, note text default 'n',");
    let changes = [
        ("chain/001-base.sql", wider(text("chain/001-base.sql"))),
        ("suite.toml", text("suite.toml").replace("org, package, level", "org, package, level, note")),
        and_then(
            "update shop.grants set level = 'admins' where package = 'x'; update shop.grants set note = 'm' where package = 'z'",
        ),
    ];
    let Some(note) = check(&changes, "values.note") else { return };
    assert_eq!(note.status, Status::Failed, "{note:#?}");
    assert_eq!(note.evidence.notes[1], "modified: org=b package=z");
}

#[test]
fn a_value_that_cannot_be_read_is_not_in_the_error() {
    let suite = text("suite.toml")
        .replace("map.level = { workspace = \"everyone\", admin = \"admins\" }\n", "")
        .replace(
            "select org, package, level from shop.old_grants\"",
            "select org, package, level::int as level from shop.old_grants\"",
        )
        .replace(
            "select org, package, level from shop.grants where",
            "select org, package, 1 as level from shop.grants where",
        );
    let Some(refused) = check(&[("suite.toml", suite)], "count-parity") else { return };
    assert_eq!(refused.status, Status::Error);
    assert!(refused.verdict.contains("22P02") && !all(&refused).contains("workspace"), "{refused:#?}");
}

#[test]
fn a_query_may_end_as_files_do() {
    let suite = text("suite.toml")
        .replace("from shop.old_grants\"", "from shop.old_grants; -- all of them\"")
        .replace("made_by = 'move'\"", "made_by = 'move' -- our own\"");
    caught(&[("suite.toml", suite)], ONE_RUN, "");
}

#[test]
fn a_type_that_the_revision_drops_and_makes_again() {
    // What is kept aside depends on no type of the chain's, in the key neither.
    let typed = |sql: String| {
        sql.replace("package text not null", "package shop.name not null").replace("level   text", "level   shop.level")
    };
    let base = format!(
        "create type shop.level as enum ('workspace', 'admin', 'everyone', 'admins');\ncreate type shop.name as enum ('x', 'y', 'z', 'n', 'own');\n{}",
        typed(text("chain/001-base.sql"))
    );
    let again = |name: &str, labels: &str| {
        format!(
            "alter type shop.{name} rename to old_{name}; create type shop.{name} as enum ({labels});\n\
             alter table shop.grants alter column {{}} type shop.{name} using {{}}::text::shop.{name};\n\
             alter table shop.old_grants alter column {{}} type shop.{name} using {{}}::text::shop.{name}; drop type shop.old_{name};\n"
        )
    };
    let sql = format!(
        "{}{}\ninsert into shop.grants (org, package, level, made_by) select org, package, level, 'move' from shop.old_grants",
        again("level", "'workspace', 'admin', 'everyone', 'admins', 'more'").replace("{}", "level"),
        again("name", "'own', 'x', 'y', 'z', 'n'").replace("{}", "package"),
    );
    let suite = text("suite.toml")
        .replace("map.level = { workspace = \"everyone\", admin = \"admins\" }\n", "")
        .replace(
            "source    = \"select org, package, level from shop.old_grants\"",
            "source = { at = \"before\", sql = \"select org, package, level from shop.old_grants\" }",
        )
        .split("[facts.queries.mismatches]")
        .next()
        .map(str::to_owned)
        .unwrap();
    let right = and_then("");
    let changes = |sql: String| [("chain/001-base.sql", base.clone()), ("suite.toml", suite.clone()), (right.0, sql)];
    let filters =
        ["move/fidelity/*", "!*/rerun", "!*/copies.*", "!*/kill.*", "!*/writers", "!*/rollback.*", "!*/untouched.*"];
    caught(&changes(format!("{sql};")), &filters, "");
    let wrong = format!("{sql};\nupdate shop.grants set level = 'more' where package = 'z';");
    caught(&changes(wrong), &filters, "values.level digest");
}

#[test]
fn of_what_a_program_printed_only_the_texts_are_kept() {
    let printing = |wanted: &str, values: bool| {
        let manifest = format!(
            "{}\n[revisions.002-move]\nrun = [\"sh\", \"-c\", \"echo 16 rows; echo secret\"]\nirreversible = \"a test\"\n",
            text("chain/chain.toml")
        );
        let suite = text("suite.toml").replace("untouched = [", &format!("output = [\"{wanted}\"]\nuntouched = ["));
        let suite = suite.lines().filter(|line| !line.starts_with("rollback")).collect::<Vec<_>>().join("\n");
        let dir = system(&[
            ("chain/chain.toml", &manifest),
            ("suite.toml", &if values { format!("report.values = true\n{suite}") } else { suite }),
        ]);
        for name in ["002-move.sql", "002-move.down.sql"] {
            std::fs::remove_file(dir.path().join("chain").join(name)).unwrap();
        }
        run(dir.path(), &["*/output"])?.pop()
    };
    let Some(right) = printing("16 rows", false) else { return };
    assert_eq!((right.status, right.evidence.got.as_str()), (Status::Passed, "16 rows"));
    let Some(wrong) = printing("6 rows", false) else { return };
    assert_eq!(wrong.status, Status::Failed, "a part of 16 is not 6");
    let Some(open) = printing("6 rows", true) else { return };
    assert!(!all(&right).contains("secret") && !all(&wrong).contains("secret") && all(&open).contains("secret"));
}
