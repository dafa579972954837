//! The documentation of `diesel_migrations`: folders with `up.sql` and `down.sql`, by version.

use rlsgate::chain::script::TransactionMode::{OneByOne, OneTransaction};

use super::support::{Built, LOG, ids, loaded, ran, refused, skipped};

#[tokio::test]
async fn folders_run_by_version_and_back() {
    let (setup, first, second) = (LOG.to_owned(), ran("first"), format!("VACUUM log;{}", ran("second")));
    let (unset, undo1, undo2) = (ran("undo setup"), ran("undo first"), ran("undo second"));
    let (_dir, chain) = loaded(&[
        ("diesel.toml", ""),
        ("migrations/00000000000000_diesel_initial_setup/up.sql", &setup),
        ("migrations/00000000000000_diesel_initial_setup/down.sql", &unset),
        // Hyphens are no part of the version.
        ("migrations/2025-01-02-000000_second/up.sql", &second),
        ("migrations/2025-01-02-000000_second/down.sql", &undo2),
        ("migrations/2025-01-02-000000_second/metadata.toml", "run_in_transaction = false"),
        ("migrations/20250101000000_first/up.sql", &first),
        ("migrations/20250101000000_first/down.sql", &undo1),
        ("migrations/20250101000000_first/metadata.toml", "run_in_transaction = true\nother = 1"),
        ("migrations/notes.sql", "no SQL"),
        ("migrations/.keep", ""),
    ]);
    assert_eq!(chain.layout.name, "diesel");
    assert_eq!(
        ids(&chain),
        ["00000000000000_diesel_initial_setup", "20250101000000_first", "2025-01-02-000000_second"]
    );
    assert_eq!(skipped(&chain), ["migrations/notes.sql: a file beside the folders of the revisions"]);
    let (built, back) = Built::and_back(&chain).await;
    assert_eq!(built.modes, [OneTransaction, OneTransaction, OneByOne]);
    assert_eq!(back.unwrap(), [OneByOne, OneTransaction, OneTransaction]);
    assert_eq!(built.log().await, ["first", "second", "undo second", "undo first", "undo setup"]);
}

#[test]
fn the_digest_follows_what_lies_beside_a_revision() {
    let up = ("migrations/1_a/up.sql", "SELECT 1;");
    let (_dir, plain) = loaded(&[up]);
    let (_dir, bare) = loaded(&[up, ("migrations/1_a/metadata.toml", "run_in_transaction = false")]);
    let (_dir, silent) = loaded(&[up, ("migrations/1_a/metadata.toml", "other = 1")]);
    assert_ne!(plain.digest(), bare.digest());
    assert_eq!(bare.digest(), silent.digest(), "Diesel reads a file that does not say it as `false`");
    // sha256sum of the file.
    assert_eq!(bare.revisions[0].checksum(), "17db4fd369edb9244b9f91d9aeed145c3d04ad8ba6e95d06247f07a63527d11a");
    assert_eq!(plain.revisions[0].checksum(), bare.revisions[0].checksum());
}

#[test]
fn folders_that_diesel_refuses_are_refused() {
    let good = ("migrations/1_a/up.sql", "");
    refused(
        &[good, ("migrations/2_b/down.sql", "")],
        &["2_b/down.sql undoes no revision: there is no up.sql beside it"],
    );
    refused(&[good, ("migrations/2_b/notes.md", "")], &["folder", "2_b has no up.sql"]);
    refused(
        &[("migrations/2025-01-01_a/up.sql", ""), ("migrations/20250101_b/up.sql", "")],
        &["version 20250101 is claimed by two files", "2025-01-01_a/up.sql", "20250101_b/up.sql"],
    );
    refused(&[good, ("migrations/1_a/metadata.toml", "run_in_transaction")], &["1_a/metadata.toml: "]);
}
