//! The revision run otherwise than once and alone: what is left of a kill, and what copies do to each other.

use std::collections::BTreeSet;

use super::faults::{and_then, caught, instead};
use super::{Status, of, run, system, text};

#[test]
fn two_copies_double_each_others_rows() {
    let sql = "create temporary table todo on commit drop as \
        select o.org, o.package, case o.level when 'workspace' then 'everyone' when 'admin' then 'admins' end as level \
          from shop.old_grants o \
         where not exists (select from shop.grants g where g.org = o.org and g.package = o.package and g.made_by = 'move'); \
        insert into shop.grants (org, package, level, made_by) select org, package, level, 'move' from todo;";
    caught(&[instead(sql)], &["*/copies.2", "*/rerun"], "copies.2");
}

#[test]
fn two_copies_lock_each_other_out() {
    // Each takes what is shared, and then wants it alone.
    let sql = format!(
        "lock table shop.old_grants in share mode;\n{}\nlock table shop.old_grants in exclusive mode;",
        text("chain/002-move.sql")
    )
    .replace("select pg_advisory_xact_lock(42);", "");
    caught(&[instead(&sql)], &["*/copies.2", "*/rerun"], "copies.2");
}

#[test]
fn two_copies_count_twice() {
    // The rows are right, and so is their number in every table.
    let base = format!(
        "{}create table shop.stats (runs int);\ninsert into shop.stats values (0);\n",
        text("chain/001-base.sql")
    );
    let down = format!("drop table shop.stats;\n{}", text("chain/001-base.down.sql"));
    let changes = [
        and_then("update shop.stats set runs = runs + 1"),
        ("chain/001-base.sql", base),
        ("chain/001-base.down.sql", down),
    ];
    caught(&changes, &["*/copies.2", "*/rerun"], "copies.2 rerun");
}

const INSERT: &str = "insert into shop.grants (org, package, level, made_by) \
    select org, package, case level when 'workspace' then 'everyone' when 'admin' then 'admins' end, 'move' from shop.old_grants";

/// The checks of a program that commits after each of `parts`, and takes any row of its own for all of them.
fn in_parts(
    suite: &str,
    parts: &[String],
    base: &str,
    filters: &[&str],
) -> Option<(BTreeSet<String>, BTreeSet<String>)> {
    if std::process::Command::new("psql").arg("--version").output().is_err() {
        crate::common::absent("psql", "a revision of the test is a script for it");
        return None;
    }
    let program = format!(
        "select exists (select from shop.grants where made_by = 'move') as done \\gset\n\\if :done\n\\else\n{}\n\\endif\n",
        parts.join("\n")
    );
    let manifest = format!(
        "{}\n[revisions.002-move]\nrun = [\"psql\", \"-X\", \"-v\", \"ON_ERROR_STOP=1\", \"-f\", \"move.psql\"]\ndown = \"002-back.sql\"\ntransactional = true\n",
        text("chain/chain.toml")
    );
    let back = text("chain/002-move.down.sql");
    let dir = system(&[
        ("chain/move.psql", &program),
        ("chain/chain.toml", &manifest),
        ("chain/002-back.sql", &back),
        ("chain/001-base.sql", base),
        ("suite.toml", suite),
    ]);
    for name in ["002-move.sql", "002-move.down.sql"] {
        std::fs::remove_file(dir.path().join("chain").join(name)).unwrap();
    }
    let checks = run(dir.path(), filters)?;
    let names = |status| of(&checks, status).into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    let (failed, passed) = (names(Status::Failed), names(Status::Passed));
    assert_eq!(failed.len() + passed.len(), checks.len(), "{checks:#?}");
    Some((failed, passed))
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_part_that_is_left_after_a_kill() {
    let parts = [format!("{INSERT} where org = 'a';"), format!("{INSERT} where org <> 'a';")];
    let filters = ["*/kill.after-*", "*/rerun", "*/orphans"];
    let Some((failed, passed)) = in_parts(&text("suite.toml"), &parts, &text("chain/001-base.sql"), &filters) else {
        return;
    };
    // Stopped at row 1 nothing is committed; at row 4 the first half is.
    assert_eq!(failed, set(&["kill.after-4"]));
    assert_eq!(passed, set(&["kill.after-1", "orphans", "rerun"]));
}

#[test]
fn a_second_part_in_another_column_is_skipped_after_a_kill() {
    let base = text("chain/001-base.sql").replacen("level   text,", "level text, note text,", 1);
    let suite = text("suite.toml").replace("after_rows = [1, 4]", "after_rows = [4, 8]");
    let parts = [format!("{INSERT};"), "update shop.old_grants set note = 'moved';".to_owned()];
    let filters = ["*/kill.after-*", "*/rerun"];
    let Some((failed, passed)) = in_parts(&suite, &parts, &base, &filters) else { return };
    // Six rows are inserted; the eighth is the second of the update. The target is right, and no table lacks a row.
    assert_eq!(failed, set(&["kill.after-8"]));
    assert_eq!(passed, set(&["kill.after-4", "rerun"]));
}

#[test]
fn a_row_that_nobody_wrote_comes_with_the_writers() {
    let sql = and_then(
        "insert into shop.grants (org, package, level, made_by) \
         select 'b', 'ghost-' || count(*), 'admins', 'move' from shop.old_grants having count(*) > 6",
    );
    caught(&[sql], &["*/writers", "*/orphans"], "writers");
}

#[test]
fn a_row_of_before_is_lost_where_somebody_writes() {
    let sql = and_then(
        "delete from shop.grants where package = 'z' and made_by = 'move' and exists (select from shop.old_grants having count(*) > 6)",
    );
    caught(&[sql], &["*/writers", "*/orphans"], "writers");
}

#[test]
fn a_row_that_comes_and_goes_is_the_writers() {
    let writers = "insert into shop.old_grants values ('b', 'late-' || gen_random_uuid(), 'workspace');\n\
        delete from shop.old_grants where package like 'late-%' and random() < 0.5;";
    caught(&[("old-writers.sql", writers.to_owned())], &["*/writers"], "");
}

#[test]
fn a_reason_that_nothing_needed_is_told() {
    // What is written belongs to no row of the source.
    let suite = text("suite.toml").replace("from shop.old_grants\"", "from shop.old_grants where org <> 'd'\"");
    let writers = "insert into shop.old_grants values ('d', 'late-' || gen_random_uuid(), 'workspace');";
    let sql = text("chain/002-move.sql").replace("where not exists", "where o.org <> 'd' and not exists");
    let dir = system(&[("suite.toml", &suite), ("old-writers.sql", writers), ("chain/002-move.sql", &sql)]);
    let Some(checks) = run(dir.path(), &["*/writers"]) else { return };
    assert_eq!(checks[0].status, Status::Passed, "{checks:#?}");
    assert!(checks[0].verdict.contains("the reason in `lost` was not needed"), "{checks:#?}");
}

#[test]
fn a_revision_that_says_it_is_transactional_and_commits_on_the_way() {
    let (suite, base) = (text("suite.toml"), text("chain/001-base.sql"));
    let halves = [format!("{INSERT} where org = 'a';"), format!("{INSERT} where org <> 'a';")];
    let Some((failed, _)) = in_parts(&suite, &halves, &base, &["*/transactional"]) else { return };
    assert_eq!(failed, set(&["transactional"]));
    let whole = ["begin;".to_owned(), halves[0].clone(), halves[1].clone(), "commit;".to_owned()];
    let Some((failed, passed)) = in_parts(&suite, &whole, &base, &["*/transactional"]) else { return };
    assert_eq!((failed, passed), (set(&[]), set(&["transactional"])));
}
