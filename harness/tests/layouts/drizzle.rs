//! Drizzle docs, "Migrations": the journal says which files there are, and in which order.

use super::support::{Built, LOG, ids, loaded, ran, refused, skipped, stuck};

/// The tool's own table, which is there before the first revision that speaks of it.
const ACCOUNT: &str = "ALTER TABLE drizzle.__drizzle_migrations ENABLE ROW LEVEL SECURITY;\n";

fn journal(tags: &[&str]) -> String {
    let entry = |(idx, tag)| {
        format!("{{\"idx\": {idx}, \"version\": \"7\", \"when\": {idx}, \"tag\": \"{tag}\", \"breakpoints\": true}}")
    };
    let entries: Vec<String> = tags.iter().enumerate().map(entry).collect();
    format!("{{\n\"version\": \"7\", \"dialect\": \"postgresql\", \"entries\": [\n{}\n]}}", entries.join(",\n"))
}

#[tokio::test]
async fn files_run_as_the_journal_says() {
    let (last, first) =
        (ran("0000"), format!("{LOG}--> statement-breakpoint\n{ACCOUNT}{}--> statement-breakpoint", ran("0001")));
    let (_dir, chain) = loaded(&[
        ("drizzle/meta/_journal.json", &journal(&["0001_base", "0000_late"])),
        ("drizzle/meta/0000_snapshot.json", "{}"),
        ("drizzle/0000_late.sql", &last),
        ("drizzle/0001_base.sql", &first),
        ("drizzle/seed.sql", "no SQL"),
    ]);
    assert_eq!(chain.layout.name, "drizzle");
    assert_eq!(ids(&chain), ["0001_base", "0000_late"]);
    assert_eq!(skipped(&chain), ["drizzle/seed.sql: not in meta/_journal.json"]);
    let (built, back) = Built::and_back(&chain).await;
    assert_eq!(built.log().await, ["0001", "0000"]);
    let locked = "SELECT oid::regclass::text FROM pg_class WHERE relrowsecurity";
    assert_eq!(built.texts(locked).await, ["drizzle.__drizzle_migrations"]);
    stuck(back, "0000_late");
}

#[test]
fn a_journal_that_does_not_fit_the_files_is_refused_at_its_line() {
    let missing = journal(&["0000_a", "0001_gone", "0002_gone"]);
    let parts = ["_journal.json:4:", "_journal.json:5:", "there is no file", "0001_gone.sql for entry `0001_gone`"];
    refused(&[("drizzle/meta/_journal.json", &missing), ("drizzle/0000_a.sql", "")], &parts);
    let twice = journal(&["0000_a", "0000_a"]);
    refused(
        &[("drizzle/meta/_journal.json", &twice), ("drizzle/0000_a.sql", "")],
        &["_journal.json:4:", "stands here twice"],
    );
    let outside = journal(&["../0000_a"]);
    refused(
        &[("drizzle/meta/_journal.json", &outside), ("0000_a.sql", ""), ("chain.toml", "migrations = \"drizzle\"")],
        &["is no name of a file"],
    );
    refused(&[("drizzle/meta/_journal.json", "{}")], &["_journal.json is no journal of Drizzle"]);
    let other = journal(&[]).replace("postgresql", "sqlite");
    refused(&[("drizzle/meta/_journal.json", &other)], &["the migrations are for sqlite"]);
}

#[test]
fn the_format_of_folders_is_said_not_to_be_read() {
    let newer = [("drizzle/2025_a/migration.sql", ""), ("drizzle/2025_a/snapshot.json", "{}")];
    refused(&newer, &["folders with a snapshot.json each, as drizzle-kit 1.0 has them, are not read"]);
}
