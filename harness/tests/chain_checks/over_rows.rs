//! Revisions that meet rows: upgrades, locks, second runs.

use rlsgate::report::record::Status;

use super::support::Folder;

const TABLE: (&str, &str) =
    ("001.sql", "create table t (id int primary key);\nalter table t enable row level security;");
const SEED: (&str, &str) = ("seed/t.sql", "insert into t values (1), (2)");

#[test]
fn an_upgrade_that_fails_over_rows_only_is_named_with_its_statement() {
    let folder = Folder::of(&[
        ("chain.toml", "[seed_at]\n001 = \"seed/t.sql\""),
        TABLE,
        SEED,
        ("002.sql", "select 1;\nalter table t add owner text not null;"),
        ("003.sql", "select 1"),
    ]);
    let Some(ran) = folder.check() else { return };
    let words = ["revision 002 does not apply over rows", "contains null values"];
    ran.fails_alone("upgrade-with-data/002", "002.sql:2", &words, &["upgrade-with-data/003"]);
}

#[test]
fn a_lock_that_is_held_too_long_is_named_with_the_statement_that_took_it() {
    let budget = "[seed_at]\n001 = \"seed/t.sql\"\n[revisions.002]\nlock_budget = 1";
    let folder = Folder::of(&[
        ("chain.toml", budget),
        TABLE,
        SEED,
        ("002.sql", "select 1;\nalter table t add note text;\nselect 2;\nselect 3;"),
    ]);
    let Some(ran) = folder.check() else { return };
    let words = ["AccessExclusive on public.t is kept for 2 further statements; the budget is 1"];
    ran.fails_alone("locks/002", "002.sql:2", &words, &[]);
    // At the end of the transaction, and on tables that the revision makes itself, nobody waits.
    folder.write(
        "002.sql",
        "create table u (id int);\nalter table u enable row level security;\nselect 1;\nalter table t add note text;",
    );
    let Some(ran) = folder.check() else { return };
    assert_eq!(
        ran.all_pass().of("locks/002").verdict,
        "AccessExclusive on public.t is kept for 0 further statements, of 1"
    );
    // What commits by itself is over with the statement.
    folder.write("002.sql", "begin;\nalter table t add note text;\ncommit;\nselect 2;\nselect 3;\nselect 4;");
    let Some(ran) = folder.check() else { return };
    ran.all_pass();
    let locks = &ran.record.chain.as_ref().unwrap().revisions[1].locks;
    assert_eq!(locks, &["AccessExclusive on public.t (+0)"]);
    // Outside a transaction, nothing is kept past the statement.
    folder.write("002.sql", "alter table t add note text;\nbegin;\ncommit;");
    let Some(ran) = folder.check() else { return };
    let check = ran.all_pass().of("locks/002");
    assert_eq!(check.verdict, "AccessExclusive is kept on no table that held rows");
    assert!(check.evidence.notes[0].contains("2 statements ran outside a transaction"), "{:?}", check.evidence);
}

#[test]
fn a_budget_that_no_row_is_there_for_proves_nothing() {
    let folder = Folder::of(&[("chain.toml", "[revisions.001]\nlock_budget = 0"), TABLE]);
    let Some(ran) = folder.check() else { return };
    assert_eq!(ran.ids(Status::Error), ["locks/001"]);
    assert!(ran.of("locks/001").verdict.contains("seed_at"));
    // For the whole chain as well; and where a seed puts nothing in.
    folder.write("chain.toml", "lock_budget = 0");
    let Some(ran) = folder.check() else { return };
    assert_eq!(ran.ids(Status::Error), ["locks"]);
    folder.write("chain.toml", "lock_budget = 0\n[seed_at]\n001 = \"seed/t.sql\"");
    folder.write("seed/t.sql", "select 1");
    folder.write("002.sql", "select 1");
    let Some(ran) = folder.check() else { return };
    assert_eq!(ran.ids(Status::Error), ["locks/002", "upgrade-with-data/002"]);
}

#[test]
fn a_second_run_that_writes_is_not_idempotent() {
    let idempotent = "[seed_at]\n001 = \"seed/t.sql\"\n[revisions.002]\nidempotent = true";
    for (sql, words) in [
        // Values stay, versions do not.
        ("update t set id = id;", "writes to public.t (2 rows, their versions changed)"),
        ("insert into t select coalesce(max(id), 0) + 1 from t;", "(3 rows before, 4 after)"),
        ("delete from t where id = (select min(id) from t);", "(1 rows before, 0 after)"),
    ] {
        let folder = Folder::of(&[("chain.toml", idempotent), TABLE, SEED, ("002.sql", sql)]);
        let Some(ran) = folder.check() else { return };
        ran.fails_alone("idempotent/002", "002.sql:1", &[words], &[]);
    }
    let folder =
        Folder::of(&[("chain.toml", idempotent), TABLE, SEED, ("002.sql", "create policy p on t using (true);\n")]);
    let Some(ran) = folder.check() else { return };
    let words = ["cannot be run a second time", "policy \"p\" for table \"t\" already exists"];
    ran.fails_alone("idempotent/002", "002.sql:1", &words, &[]);
}

#[test]
fn a_seed_that_does_not_apply_leaves_the_rest_untested() {
    let folder = Folder::of(&[
        ("chain.toml", "[seed_at]\n001 = \"seed/t.sql\""),
        TABLE,
        ("seed/t.sql", "insert into nowhere values (1)"),
        ("002.sql", "select 1"),
    ]);
    let Some(ran) = folder.check() else { return };
    assert_eq!(ran.ids(Status::Error), ["upgrade-with-data/002"]);
    assert!(ran.of("upgrade-with-data/002").verdict.contains("does not apply"));
}

#[test]
fn a_seed_must_put_rows_in_whatever_the_chain_did_before() {
    let folder = Folder::of(&[
        ("chain.toml", "lock_budget = 0\n[seed_at]\n001 = \"seed/t.sql\""),
        ("001.sql", "create table t (id int);\nalter table t enable row level security;\ninsert into t values (1);"),
        ("seed/t.sql", "update t set id = 2"),
        ("002.sql", "select 1"),
    ]);
    let Some(ran) = folder.check() else { return };
    assert_eq!(ran.ids(Status::Error), ["locks/002", "upgrade-with-data/002"]);
    assert!(ran.of("locks/002").verdict.contains("seed/t.sql puts in no row"), "{}", ran.of("locks/002").verdict);
}

#[test]
fn a_lock_on_a_table_that_held_no_row_proves_nothing() {
    let folder = Folder::of(&[
        ("chain.toml", "lock_budget = 0\n[seed_at]\n001 = \"seed/t.sql\""),
        (
            "001.sql",
            "create table t (id int);\nalter table t enable row level security;\n\
            create table u (id int);\nalter table u enable row level security;",
        ),
        SEED,
        ("002.sql", "alter table u add note text;\nselect 1;"),
    ]);
    let Some(ran) = folder.check() else { return };
    assert_eq!((ran.ids(Status::Failed), ran.ids(Status::Error)), (vec![], vec!["locks/002"]));
    ran.shows("locks/002", "002.sql:1", &["AccessExclusive on public.u", "it held no row"]);
    // At the end of the transaction it keeps the budget whatever the table holds; it is told.
    folder.write("002.sql", "select 1;\nalter table u add note text;");
    let Some(ran) = folder.check() else { return };
    let notes = &ran.all_pass().of("locks/002").evidence.notes;
    assert!(notes.iter().any(|note| note.contains("public.u") && note.contains("it proves nothing")), "{notes:?}");
}

#[test]
fn a_second_run_over_no_rows_proves_nothing_and_one_that_moves_a_sequence_writes() {
    let idempotent = "[revisions.002]\nidempotent = true";
    let folder = Folder::of(&[("chain.toml", idempotent), TABLE, ("002.sql", "update t set id = id")]);
    let Some(ran) = folder.check() else { return };
    assert_eq!((ran.ids(Status::Failed), ran.ids(Status::Error)), (vec![], vec!["idempotent/002"]));
    assert!(ran.of("idempotent/002").verdict.contains("no row was there"));
    let seeded = format!("[seed_at]\n001 = \"seed/t.sql\"\n{idempotent}");
    folder.write("chain.toml", &seeded);
    folder.write("seed/t.sql", SEED.1);
    folder.write("001.sql", &format!("{}\ncreate sequence s;", TABLE.1));
    folder.write("002.sql", "select nextval('s');");
    let Some(ran) = folder.check() else { return };
    ran.fails_alone("idempotent/002", "002.sql:1", &["writes to public.s (a sequence, which stands elsewhere)"], &[]);
}
