//! Flyway's documentation, "Migrations": versions by number, repeatable ones last by description, undo by version.

use rlsgate::chain::script::TransactionMode::{OneByOne, OneTransaction};

use super::support::{Built, LOG, ids, loaded, ran, refused, skipped};

#[tokio::test]
async fn versions_run_as_numbers_and_repeatable_ones_after_them() {
    let first = format!("{LOG}{}", ran("1.9"));
    let second =
        format!("CREATE TYPE mood AS ENUM ('a'); ALTER TYPE mood ADD VALUE 'b'; SELECT 'b'::mood;{}", ran("1.10"));
    let (ten, views, grants) = (ran("10"), ran("b views"), ran("b1"));
    let (undo1, undo2, undo3) = (ran("undo 1.9"), format!("DROP TYPE mood;{}", ran("undo 1.10")), ran("undo 10"));
    let (_dir, chain) = loaded(&[
        ("migrations/V1.9__first.sql", &first),
        ("migrations/U1.9__first.sql", &undo1),
        ("migrations/V1_10__second.sql", &second),
        ("migrations/V1_10__second.sql.conf", "executeInTransaction = false\n"),
        ("migrations/U1.10__other_words.sql", &undo2),
        ("migrations/later/V10.sql", &ten),
        ("migrations/later/U10.0.sql", &undo3),
        // A blank, which an underscore is, comes before a digit.
        ("migrations/R__b_views.sql", &views),
        ("migrations/R__b1.sql", &grants),
        ("migrations/v11__wrong_case.sql", "no SQL"),
        ("migrations/V12__upper.SQL", "no SQL"),
        ("migrations/Views.sql", "no SQL"),
        ("migrations/afterClean.sql", "no SQL"),
    ]);
    assert_eq!(chain.layout.name, "flyway");
    assert_eq!(ids(&chain), ["V1.9__first", "V1_10__second", "V10", "R__b_views", "R__b1"]);
    let form = "its name is not of the form `V1__name.sql`, `U1__…`, `R__…`";
    assert_eq!(
        skipped(&chain),
        [
            "migrations/V12__upper.SQL: its suffix is not `.sql` in lower case".to_owned(),
            format!("migrations/Views.sql: {form}"),
            format!("migrations/afterClean.sql: {form}"),
            format!("migrations/v11__wrong_case.sql: {form}"),
        ]
    );
    let (built, back) = Built::and_back(&chain).await;
    assert_eq!(built.modes, [OneTransaction, OneByOne, OneTransaction, OneTransaction, OneTransaction]);
    assert_eq!(built.log().await, ["1.9", "1.10", "10", "b views", "b1"]);
    // A repeatable revision has no undo; the versioned ones have.
    let kept = "revision R__b1 of chain";
    assert!(back.is_err_and(|message| message.contains(kept) && message.contains("is run again, and never undone")));
    let downs =
        chain.revisions.iter().map(|revision| revision.down.as_ref().map(|down| down.path().file_name().unwrap()));
    let downs: Vec<_> = downs.flatten().map(|name| name.to_str().unwrap().to_owned()).collect();
    assert_eq!(downs, ["U1.9__first.sql", "U1.10__other_words.sql", "U10.0.sql"]);
}

#[tokio::test]
async fn versions_are_undone_by_their_undo() {
    let (one, two) = (format!("{LOG}{}", ran("V1")), ran("V2"));
    let (back1, back2) = (ran("U1"), ran("U2"));
    let (_dir, chain) = loaded(&[
        ("src/main/resources/db/migration/V1__a.sql", &one),
        ("src/main/resources/db/migration/U1__a.sql", &back1),
        ("src/main/resources/db/migration/V2__b.sql", &two),
        ("src/main/resources/db/migration/U2__b.sql", &back2),
    ]);
    let (built, back) = Built::and_back(&chain).await;
    back.unwrap();
    assert_eq!(built.log().await, ["V1", "V2", "U2", "U1"]);
}

#[test]
fn the_newest_baseline_stands_for_what_came_before() {
    let (_dir, chain) = loaded(&[
        ("V1__a.sql", ""),
        ("V2__b.sql", ""),
        ("U2__b.sql", ""),
        ("B1__old.sql", ""),
        ("B2__base.sql", ""),
        ("V3__c.sql", ""),
        ("R__v.sql", ""),
    ]);
    assert_eq!(ids(&chain), ["B2__base", "V3__c", "R__v"]);
    let stands = "the baseline B2__base.sql stands for it on an empty database";
    assert_eq!(
        skipped(&chain),
        [
            "B1__old.sql: B2__base.sql is a newer baseline".to_owned(),
            format!("U2__b.sql: {stands}"),
            format!("V1__a.sql: {stands}"),
            format!("V2__b.sql: {stands}"),
        ]
    );
}

#[test]
fn what_flyway_refuses_or_changes_is_refused() {
    let good = ("V1__a.sql", "");
    refused(&[good, ("V1.0__b.sql", "")], &["version 1 is claimed by two files", "V1.0__b.sql", "V1__a.sql"]);
    refused(
        &[good, ("x/R__v.sql", ""), ("y/R__v.sql", "")],
        &["version R `v` is claimed by two files", "x/R__v.sql", "y/R__v.sql"],
    );
    refused(&[good, ("U2__b.sql", "")], &["U2__b.sql undoes no revision: there is no version 2"]);
    refused(&[good, ("U1__a.sql", ""), ("U01__b.sql", "")], &["U01__b.sql", "U1__a.sql"]);
    refused(&[good, ("afterMigrate.sql", "")], &["afterMigrate.sql is a callback"]);
    refused(&[good, ("V2__b.sql", "SELECT 1;\nGRANT SELECT ON t TO ${role};")], &["V2__b.sql:2:22", "a placeholder"]);
    let off = [good, ("V2__b.sql", "SELECT '${role}'"), ("V2__b.sql.conf", "placeholderReplacement=false")];
    assert_eq!(ids(&loaded(&off).1), ["V1__a", "V2__b"]);
}
