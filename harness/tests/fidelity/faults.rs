//! The table of wrong backfills: what is changed, what it is tried with, and the checks that fail; all others pass.

use super::{Status, of, run, system, text};

/// The checks of one clean run, and the runbook's own query.
pub(crate) const ONE_RUN: &[&str] =
    &["move/fidelity/*", "move/fact/*", "!*/rerun", "!*/copies.*", "!*/kill.*", "!*/writers", "!*/rollback.*"];

/// Right, with `after` behind it.
pub(crate) fn and_then(after: &str) -> (&'static str, String) {
    ("chain/002-move.sql", format!("{}\n{after};", text("chain/002-move.sql")))
}

pub(crate) fn instead(sql: &str) -> (&'static str, String) {
    ("chain/002-move.sql", sql.to_owned())
}

pub(crate) fn caught(changes: &[(&str, String)], filters: &[&str], failing: &str) {
    let changes: Vec<(&str, &str)> = changes.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let dir = system(&changes);
    let Some(checks) = run(dir.path(), filters) else { return };
    let shown: Vec<String> =
        checks.iter().map(|c| format!("{} {:?}: {} {:?}", c.id, c.status, c.verdict, c.evidence)).collect();
    assert_eq!(of(&checks, Status::Failed), failing.split_whitespace().collect(), "{shown:#?}");
    assert!(of(&checks, Status::Error).is_empty(), "{shown:#?}");
    if filters.contains(&"move/fact/*") {
        assert!(of(&checks, Status::Passed).contains("mismatches") || failing.contains("mismatches"), "{shown:#?}");
    }
}

#[test]
fn a_lost_row() {
    let sql = and_then("delete from shop.grants where org = 'b' and package = 'z'");
    // The runbook's query says 0: an inner join does not see what is missing.
    caught(&[sql], ONE_RUN, "count-parity orphans digest distribution visibility.ben");
}

#[test]
fn a_doubled_row() {
    let sql = and_then(
        "insert into shop.grants (org, package, level, made_by) select org, package, level, made_by from shop.grants where package = 'z'",
    );
    caught(&[sql], ONE_RUN, "count-parity one-to-one digest distribution");
}

#[test]
fn one_lost_and_one_doubled_so_that_the_counts_agree() {
    let sql = and_then("update shop.grants set package = 'x', level = 'everyone' where org = 'a' and package = 'y'");
    caught(&[sql], ONE_RUN, "orphans one-to-one digest visibility.amy");
}

#[test]
fn a_row_of_another_tenant() {
    let sql = and_then("update shop.grants set org = 'b' where org = 'a' and package = 'y'");
    caught(&[sql], ONE_RUN, "orphans digest distribution tenant-preserved visibility.amy visibility.ben");
}

#[test]
fn values_swapped() {
    let sql = and_then(
        "update shop.grants set level = case level when 'everyone' then 'admins' else 'everyone' end where org = 'a'",
    );
    caught(&[sql], ONE_RUN, "values.level digest mismatches");
}

#[test]
fn null_mapped_to_a_value() {
    let sql = and_then("update shop.grants set level = 'everyone' where level is null");
    // The runbook's query says 0: <> of NULL is NULL.
    caught(&[sql], ONE_RUN, "values.level digest");
}

#[test]
fn a_value_mapped_to_null() {
    let sql = and_then("update shop.grants set level = null where org = 'b' and package = 'x'");
    caught(&[sql], ONE_RUN, "values.level digest");
}

#[test]
fn a_value_that_the_map_does_not_name() {
    let seed = text("legacy.sql").replace("('b', 'z', 'admin')", "('b', 'z', 'secret')");
    caught(&[("legacy.sql", seed)], ONE_RUN, "unmapped.level");
}

#[test]
fn the_source_modified() {
    let (name, sql) = instead(&format!(
        "update shop.old_grants set level = 'admin' where level is null;\n{}",
        text("chain/002-move.sql")
    ));
    caught(&[(name, sql)], ONE_RUN, "untouched.old_grants");
}

#[test]
fn visibility_widened() {
    let sql = and_then("create policy everybody on shop.grants for select to app using (true)");
    caught(&[sql], ONE_RUN, "visibility.amy visibility.ben visibility.nell");
}

#[test]
fn visibility_narrowed() {
    let sql = and_then("create policy few on shop.grants as restrictive for select to app using (level <> 'admins')");
    caught(&[sql], ONE_RUN, "visibility.amy visibility.ben");
}

#[test]
fn not_idempotent() {
    let sql = text("chain/002-move.sql").replace("where not exists", "where true or not exists");
    caught(&[instead(&sql)], &["*/rerun"], "rerun");
}

#[test]
fn idempotent_by_an_update_that_writes_the_same() {
    let sql = and_then("update shop.grants set level = level");
    caught(&[sql], &["*/rerun"], "rerun");
}

#[test]
fn what_the_version_before_writes_meanwhile_is_lost() {
    let suite = text("suite.toml").replace("lost = \"nothing reads the old table afterwards\"", "lost = \"none\"");
    caught(&[("suite.toml", suite)], &["*/writers"], "writers");
}

#[test]
fn the_way_back_takes_rows_of_others() {
    let down = "delete from shop.grants".to_owned();
    caught(&[("chain/002-move.down.sql", down)], &["*/rollback.*"], "rollback.own-rows");
}

#[test]
fn the_way_back_leaves_rows() {
    let down = "delete from shop.grants where made_by = 'move' and org = 'a'".to_owned();
    caught(&[("chain/002-move.down.sql", down)], &["*/rollback.*"], "rollback.own-rows");
}

#[test]
fn the_way_back_empties_the_source() {
    let down = "delete from shop.grants where made_by = 'move'; delete from shop.old_grants".to_owned();
    caught(&[("chain/002-move.down.sql", down)], &["*/rollback.*"], "rollback.keeps.old_grants rollback.own-rows");
}
