//! goose's documentation, "SQL file annotations": by number; blocks whole; both directions in one file.

use rlsgate::chain::script::TransactionMode::{OneByOne, OneTransaction};

use super::support::{Built, LOG, ids, loaded, ran, refused, skipped};

#[tokio::test]
async fn files_run_by_number_with_their_blocks_whole_and_back() {
    let nine = format!(
        "-- +goose Up\n{LOG}\n-- +goose StatementBegin\nCREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 'up 9';\nEND\n$$;\n\
         -- +goose StatementEnd\nINSERT INTO log (what) VALUES (f());\n\n-- +goose Down\nDROP FUNCTION f();\n{}",
        ran("down 9")
    );
    let ten = format!(
        "-- the head\n-- +goose NO TRANSACTION\n-- +goose UP\nCREATE INDEX CONCURRENTLY i ON log (what);\n{}-- +goose down\nDROP INDEX CONCURRENTLY i;\n{}",
        ran("up 10"),
        ran("down 10")
    );
    // Several statements between the two are one message, and so one transaction even where the file is none.
    let eleven = format!(
        "-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\nSET LOCAL my.word = 'up 11';\n\
         INSERT INTO log (what) VALUES (current_setting('my.word'));\n-- +goose StatementEnd\n-- +goose Down\n{}",
        ran("down 11")
    );
    let (_dir, chain) = loaded(&[
        ("db/migrations/9_a.sql", &nine),
        ("db/migrations/10_b.sql", &ten),
        ("db/migrations/00011_c.sql", &eleven),
        ("db/migrations/a_test.go", "package migrations"),
        ("db/migrations/seed.sql", "no SQL"),
        ("db/migrations/0_zero.sql", "no SQL"),
    ]);
    assert_eq!(chain.layout.name, "goose");
    assert_eq!(ids(&chain), ["9_a", "10_b", "00011_c"]);
    let form = "its name is not of the form `NUMBER_name.sql`";
    assert_eq!(
        skipped(&chain),
        [format!("db/migrations/0_zero.sql: {form}"), format!("db/migrations/seed.sql: {form}")]
    );
    let (built, back) = Built::and_back(&chain).await;
    assert_eq!(built.modes, [OneTransaction, OneByOne, OneByOne]);
    assert_eq!(back.unwrap(), [OneByOne, OneByOne, OneTransaction]);
    assert_eq!(built.log().await, ["up 9", "up 10", "up 11", "down 11", "down 10", "down 9"]);
}

#[tokio::test]
async fn a_failure_is_shown_at_its_line_of_the_whole_file() {
    let file = format!(
        "-- +goose Up\n{LOG}\n-- +goose Down\n-- +goose StatementBegin\nSELECT 1;\nSELECT\n missing;\n-- +goose StatementEnd"
    );
    let (_dir, chain) = loaded(&[("1_a.sql", &file)]);
    let shown = Built::and_back(&chain).await.1.unwrap_err();
    assert!(shown.contains("1_a.sql:7:2"), "{shown}");
    assert!(shown.contains("statement 1 of 1, from line 5"), "{shown}");
}

#[test]
fn a_down_may_be_left_out() {
    let (_dir, chain) =
        loaded(&[("1_a.sql", "-- +goose Up\nSELECT 1;\n"), ("2_b.sql", "-- +goose Up\n-- +goose Down\n")]);
    let downs: Vec<bool> = chain.revisions.iter().map(|revision| revision.down.is_some()).collect();
    assert_eq!(downs, [false, true]);
    let named = ("chain.toml", "[revisions.1_a]\ndown = \"undo.sql\"");
    let (_dir, chain) = loaded(&[named, ("1_a.sql", "-- +goose Up\n-- +goose Down\n"), ("undo.sql", "SELECT 1;")]);
    assert!(chain.revisions[0].down.as_ref().unwrap().path().ends_with("undo.sql"), "what is named is taken");
    assert_eq!(skipped(&chain), [""; 0]);
}

#[test]
fn what_goose_does_not_take_is_refused_at_its_line() {
    let good = ("1_a.sql", "-- +goose Up\nSELECT 1;\n");
    let body =
        "-- +goose Up\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1; -- one\nEND\n$$;\n";
    for (text, parts) in [
        ("SELECT 1;\n-- +goose Up\n", ["2_x.sql:1:1", "no statement before `-- +goose Up`"]),
        ("-- nothing\n", ["2_x.sql:1:1", "no `-- +goose Up` in this file"]),
        ("-- +goose Down\n-- +goose Up\n", ["2_x.sql:1:1", "comes before `-- +goose Up`"]),
        ("-- +goose Up\n-- +goose Up\n", ["2_x.sql:2:1", "a second `-- +goose Up`"]),
        ("-- +goose Up\n-- +goose Down\n-- +goose Down\n", ["2_x.sql:3:1", "a second `-- +goose Down`"]),
        ("-- +goose Up\n  -- +goose Down\n", ["2_x.sql:2:1", "no annotation with blanks before it"]),
        ("-- +goose Up\n-- +goose StatmentBegin\n", ["2_x.sql:2:1", "goose knows no such annotation"]),
        ("-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n", ["2_x.sql:2:", "is not ended"]),
        ("-- +goose Up\n-- +goose StatementBegin\n-- +goose Down\n", ["2_x.sql:3:1", "is not ended"]),
        ("-- +goose Up\n-- +goose StatementEnd\n", ["2_x.sql:2:1", "ends nothing"]),
        ("-- +goose StatementBegin\n-- +goose Up\n", ["2_x.sql:1:1", "comes before `-- +goose Up`"]),
        ("-- +goose ENVSUB ON\n-- +goose Up\n", ["2_x.sql:1:1", "variables of the environment"]),
        ("-- +goose Up\nSELECT 1;\nSELECT 2\n-- +goose Down\n", ["2_x.sql:3:", "requires a semicolon here"]),
        (body, ["2_x.sql:4:1", "goose ends the statement here, in the middle of it"]),
    ] {
        refused(&[good, ("2_x.sql", text)], &parts);
    }
    refused(&[good, ("01_again.sql", good.1)], &["version 1 is claimed by two files", "01_again.sql", "1_a.sql"]);
    refused(&[good, ("2_code.go", "package migrations")], &["2_code.go is a revision in Go"]);
}
