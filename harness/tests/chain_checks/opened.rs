//! What counts as open: more than tables, wider than before, in any schema, and on the way back.

use rlsgate::report::record::Status;

use super::support::Folder;

const PRELUDE: (&str, &str) = (
    "app.sql",
    "create role app;\ncreate role other;\ncreate role admin bypassrls;\ngrant usage on schema public to app, other",
);
const MANIFEST: (&str, &str) = ("chain.toml", "prelude = \"app.sql\"");

#[test]
fn a_table_that_is_open_and_comes_within_reach_of_more_is_told_again() {
    let reason = "prelude = \"app.sql\"\n[revisions.001]\nopen_tables = { t = \"public by its nature\" }";
    let folder = Folder::of(&[
        ("chain.toml", reason),
        PRELUDE,
        ("001.sql", "create table t (id int);\ngrant select on t to app;"),
        ("002.sql", "grant select on t to app, other;\ngrant delete on t to app;"),
    ]);
    let Some(ran) = folder.check() else { return };
    ran.fails_alone("open-tables/002", "002.sql:1", &["public.t (delete to app, select to other)"], &[]);
}

#[test]
fn what_can_have_no_row_security_is_open_where_others_reach_it() {
    for (sql, words) in [
        (
            "create table t (id int);\ncreate materialized view m as select * from t;\ngrant select on m to app;",
            "public.m (select to app)",
        ),
        ("create foreign table f (id int) server far;\ngrant select on f to app;", "public.f (select to app)"),
    ] {
        let far = "create foreign data wrapper w;\ncreate server far foreign data wrapper w;\n\
            grant usage on foreign server far to migrator;";
        let prelude = format!("{};\n{far}", PRELUDE.1);
        let folder = Folder::of(&[MANIFEST, ("app.sql", prelude.as_str()), ("001.sql", sql)]);
        let Some(ran) = folder.check() else { return };
        assert_eq!(ran.ids(Status::Failed), ["open-tables/001"], "{sql}");
        assert!(ran.of("open-tables/001").verdict.contains(words), "{}", ran.of("open-tables/001").verdict);
    }
}

#[test]
fn a_schema_that_the_chain_makes_is_looked_at_and_must_be_named() {
    let folder = Folder::of(&[
        MANIFEST,
        PRELUDE,
        (
            "001.sql",
            "create schema apart;\ngrant usage on schema apart to app;\ncreate table apart.t (id int);\ngrant select on apart.t to app;",
        ),
    ]);
    let Some(ran) = folder.check() else { return };
    ran.fails_alone("open-tables/001", "001.sql:3", &["apart.t (select to app)"], &[]);
    folder.write("001.sql", "create schema apart;\ncreate view apart.v as select 1 as one;");
    let Some(ran) = folder.check() else { return };
    assert_eq!((ran.ids(Status::Failed), ran.ids(Status::Error)), (vec![], vec!["open-tables/001"]));
    let verdict = &ran.of("open-tables/001").verdict;
    assert!(verdict.contains("apart.v") && verdict.contains("`schemas`"), "{verdict}");
    // One that the platform had is its own; one that is named is held by contracts.
    folder.write("chain.toml", "prelude = \"app.sql\"\nschemas = [\"public\", \"apart\"]");
    let Some(ran) = folder.check() else { return };
    ran.all_pass();
}

#[test]
fn a_way_back_that_commits_with_an_open_table_is_placed_in_its_file() {
    let down = "begin;\nalter table t disable row level security;\ncommit;\nselect 1;\n\
        alter table t enable row level security;\nalter table t drop column note;";
    let folder = Folder::of(&[
        MANIFEST,
        PRELUDE,
        ("001.sql", "create table t (id int);\nalter table t enable row level security;\ngrant select on t to app;"),
        ("001.down.sql", "drop table t"),
        ("002.sql", "alter table t add note text"),
        ("002.down.sql", down),
    ]);
    let Some(ran) = folder.check() else { return };
    let words =
        ["revision 002, downgraded, commits with an open table: public.t (select to app), from ", "to a later commit"];
    ran.fails_alone("open-tables/002", "002.down.sql:3", &words, &[]);
    // In one transaction nobody sees it; and what was open before the revision may be so again.
    folder.write("002.down.sql", &down.replace("begin;", "").replace("commit;", ""));
    let Some(ran) = folder.check() else { return };
    ran.all_pass();
    let meant = "prelude = \"app.sql\"\n[revisions.001]\nopen_tables = { t = \"closed by the next\" }";
    folder.write("chain.toml", meant);
    folder.write("001.sql", "create table t (id int);\ngrant select on t to app;");
    folder.write("002.sql", "alter table t enable row level security");
    folder.write("002.down.sql", "alter table t disable row level security");
    let Some(ran) = folder.check() else { return };
    ran.all_pass();
}

#[test]
fn a_reason_for_what_is_not_open_fails_and_roles_that_bypass_are_told() {
    let reason = "prelude = \"app.sql\"\n[revisions.001]\nopen_tables = { t = \"for the administrators\" }";
    let folder = Folder::of(&[
        ("chain.toml", reason),
        PRELUDE,
        ("001.sql", "create table t (id int);\nalter table t enable row level security;\ngrant select on t to app;"),
    ]);
    let Some(ran) = folder.check() else { return };
    ran.fails_alone("open-tables/001", "001.sql:1", &["opens t, and it does not", "`open_tables`"], &[]);
    folder.write(
        "001.sql",
        "create table t (id int);\ngrant usage on schema public to admin;\ngrant select on t to admin;",
    );
    let Some(ran) = folder.check() else { return };
    let notes = &ran.all_pass().of("open-tables/001").evidence.notes;
    let told = "public.t is without row security, and within reach of roles that bypass it anywhere (select to admin): for the";
    assert!(notes[0].starts_with(told), "{notes:?}");
}
