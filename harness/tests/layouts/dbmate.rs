//! dbmate's README, "Creating Migrations" and "Migration Options".

use rlsgate::chain::script::TransactionMode::{OneByOne, OneTransaction};

use super::support::{Built, LOG, ids, loaded, ran, refused, skipped};

#[tokio::test]
async fn one_file_holds_both_directions() {
    let first =
        format!("-- a comment first\n\n-- migrate:up\n{LOG}\n{}\n-- migrate:down\n{}", ran("up 1"), ran("down 1"));
    let second = format!(
        "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON log (what);\nCREATE TYPE mood AS ENUM ('a');\n\
         ALTER TYPE mood ADD VALUE 'b';\nSELECT 'b'::mood;\n{}--migrate:down\r\nDROP TYPE mood;\r\n{}",
        ran("up 2"),
        ran("down 2")
    );
    let third = format!("-- migrate:up\n{}\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY i", ran("up 3"));
    let (_dir, chain) = loaded(&[
        ("db/migrations/20250101000000_first.sql", &first),
        ("db/migrations/20250102000000_second.sql", &second),
        ("db/migrations/20250103000000_third.sql", &third),
        ("db/migrations/notes.sql", "no SQL"),
    ]);
    assert_eq!(chain.layout.name, "dbmate");
    assert_eq!(ids(&chain), ["20250101000000_first", "20250102000000_second", "20250103000000_third"]);
    assert_eq!(skipped(&chain), ["db/migrations/notes.sql: its name is not of the form `VERSION_name.sql`"]);
    let (built, back) = Built::and_back(&chain).await;
    assert_eq!(built.modes, [OneTransaction, OneByOne, OneTransaction]);
    assert_eq!(back.unwrap(), [OneByOne, OneTransaction, OneTransaction]);
    assert_eq!(built.log().await, ["up 1", "up 2", "up 3", "down 2", "down 1"]);
}

#[tokio::test]
async fn a_failing_down_is_shown_at_its_line_of_the_whole_file() {
    let file = format!("-- migrate:up\n{LOG}\n\n-- migrate:down\nSELECT 1;\n\nSELECT\n  missing;\n");
    let (_dir, chain) = loaded(&[("db/migrations/1_a.sql", &file)]);
    let shown = Built::and_back(&chain).await.1.unwrap_err();
    assert!(shown.contains("1_a.sql:8:3"), "{shown}");
    assert!(shown.contains("statement 2 of 2, from line 7"), "{shown}");
}

#[test]
fn markers_are_held_to_the_form_that_dbmate_requires() {
    let good = ("1.sql", "-- migrate:up\n-- migrate:down\n");
    for (text, parts) in [
        ("SELECT 1;", ["2_x.sql:1:1", "takes no statement before `-- migrate:up`"]),
        ("-- migrate:up\nSELECT 1;", ["2_x.sql:1:1", "no `-- migrate:down` in this file"]),
        ("-- nothing\n", ["2_x.sql:1:1", "no `-- migrate:up` in this file"]),
        ("  -- migrate:up\n-- migrate:down", ["2_x.sql:2:1", "comes before `-- migrate:up`"]),
        ("SELECT 1;\n-- migrate:up\n-- migrate:down", ["2_x.sql:1:1", "no statement before"]),
        ("-- migrate:up\n-- migrate:down\n\n-- migrate:up\n", ["2_x.sql:4:1", "a second `-- migrate:up`"]),
        ("-- migrate:up\n-- migrate:down\nSELECT '\n", ["2_x.sql:3:8", "this string is not closed"]),
    ] {
        refused(&[good, ("2_x.sql", text)], &parts);
    }
    let both = [good, ("1_again.sql", good.1)];
    refused(&both, &["version 1 is claimed by two files", "1.sql and", "1_again.sql"]);
    let beside = [("migrations/1.sql", good.1), ("rollback/1.sql", "")];
    refused(&beside, &["in layout dbmate a revision's own file undoes it"]);
}
