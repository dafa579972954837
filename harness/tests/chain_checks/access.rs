//! Tables that stand open, and what revisions change about access.

use rlsgate::report::record::Status;

use super::support::Folder;

const PRELUDE: (&str, &str) =
    ("app.sql", "create role app;\ncreate role admin bypassrls;\ngrant usage on schema public to app");

#[test]
fn a_table_that_is_open_between_two_revisions_is_one_too_early() {
    let folder = Folder::of(&[
        ("chain.toml", "prelude = \"app.sql\""),
        PRELUDE,
        ("001.sql", "select 1;\ncreate table t (id int);\ngrant select on t to app;"),
        ("002.sql", "alter table t enable row level security"),
    ]);
    let Some(ran) = folder.check() else { return };
    ran.fails_alone("open-tables/001", "001.sql:2", &["public.t (select to app)"], &[]);
}

#[test]
fn a_table_that_is_open_between_two_parts_of_one_revision_is_found_at_the_statement() {
    let folder = Folder::of(&[
        ("chain.toml", "prelude = \"app.sql\"\n[revisions.001]\ntransaction = \"none\""),
        PRELUDE,
        (
            "001.sql",
            "create table t (id int);\ngrant select (id) on t to app;\nalter table t enable row level security;",
        ),
    ]);
    let Some(ran) = folder.check() else { return };
    ran.fails_alone("open-tables/001", "001.sql:2", &["public.t (select to app)", "to a later commit"], &[]);
    let own = "begin;\ncreate table t (id int);\ngrant select on t to app;\ncommit;\nalter table t enable row level security;";
    folder.write("chain.toml", "prelude = \"app.sql\"");
    folder.write("001.sql", own);
    let Some(ran) = folder.check() else { return };
    ran.fails_alone("open-tables/001", "001.sql:4", &["public.t"], &[]);
}

#[test]
fn what_nobody_reaches_or_was_opened_on_purpose_is_not_open() {
    let reasons = "prelude = \"app.sql\"\nschemas = [\"public\", \"hidden\"]\n[revisions.001]\nopen_tables = { limits = \"holds no personal data\" }";
    let folder = Folder::of(&[
        ("chain.toml", reasons),
        PRELUDE,
        (
            "001.sql",
            "create table limits (id int);\ngrant select on limits to app;\ncreate table owned (id int);\n\
             create table bypassed (id int);\ngrant all on bypassed to admin;\ncreate schema hidden;\n\
             create table hidden.t (id int);\ngrant select on hidden.t to app;",
        ),
    ]);
    let Some(ran) = folder.check() else { return };
    ran.all_pass();
    let notes = &ran.of("open-tables/001").evidence.notes;
    let told = "public.limits is open: holds no personal data (select to app)";
    assert!(notes.iter().any(|note| note == told), "{notes:?}");
}

#[test]
fn privileges_of_public_and_default_privileges_open_a_table_as_well() {
    for (grant, words) in
        [("grant insert on t to public", "public.t (insert to PUBLIC)"), ("select 1", "public.t (delete to app)")]
    {
        let default =
            if grant == "select 1" { "alter default privileges grant delete on tables to app;\n" } else { "" };
        let folder = Folder::of(&[
            ("chain.toml", "prelude = \"app.sql\""),
            PRELUDE,
            ("001.sql", &format!("{default}create table t (id int);\n{grant};")),
        ]);
        let Some(ran) = folder.check() else { return };
        assert_eq!(ran.ids(Status::Failed), ["open-tables/001"], "{grant}");
        assert!(ran.of("open-tables/001").verdict.contains(words), "{}", ran.of("open-tables/001").verdict);
    }
}

#[test]
fn what_a_revision_changes_about_access_is_told_by_class() {
    let folder = Folder::of(&[
        ("chain.toml", "prelude = \"app.sql\""),
        PRELUDE,
        ("001.sql", "create table t (id int);\nalter table t enable row level security;"),
        ("002.sql", "create policy everybody on t using (true)"),
        ("003.sql", "comment on table t is 'nothing to do with access'"),
    ]);
    let Some(ran) = folder.check() else { return };
    ran.all_pass();
    let check = ran.of("policy-changes/002");
    assert_eq!(check.verdict, "1 dangerous");
    assert!(check.evidence.notes[0].starts_with("dangerous: table public.t, policy everybody"), "{:?}", check.evidence);
    assert_eq!(ran.of("policy-changes/003").verdict, "it changes nothing about access");
    assert_eq!(ran.record.chain.as_ref().unwrap().revisions[1].access, "1 dangerous");
}
