//! Prisma docs, "Migration histories": folders by name, each with its `migration.sql`.

use super::support::{Built, LOG, ids, loaded, ran, refused, skipped, stuck};

const LOCK: &str = "# do not edit\nprovider = \"postgresql\"\n";

#[tokio::test]
async fn folders_run_by_name() {
    let (first, second) = (format!("{LOG}{}", ran("first")), ran("second"));
    let (_dir, chain) = loaded(&[
        ("prisma/migrations/migration_lock.toml", LOCK),
        ("prisma/migrations/20250102000000_second/migration.sql", &second),
        ("prisma/migrations/20250101000000_first/migration.sql", &first),
        ("prisma/migrations/20250101000000_first/down.sql", "no SQL"),
        ("prisma/migrations/seed.sql", "no SQL"),
        ("prisma/schema.prisma", "no SQL"),
    ]);
    assert_eq!(chain.layout.name, "prisma");
    assert_eq!(ids(&chain), ["20250101000000_first", "20250102000000_second"]);
    assert_eq!(skipped(&chain), ["prisma/migrations/seed.sql: a file beside the folders of the revisions"]);
    let (built, back) = Built::and_back(&chain).await;
    assert_eq!(built.log().await, ["first", "second"]);
    stuck(back, "20250102000000_second");
}

#[test]
fn a_folder_without_its_file_and_another_server_are_refused() {
    let good = ("migrations/1_a/migration.sql", "");
    refused(&[good, ("migrations/2_b/notes.md", "")], &["2_b has no migration.sql"]);
    let other = ("migrations/migration_lock.toml", "provider = \"mysql\"");
    refused(&[good, other], &["migration_lock.toml: the migrations are for mysql"]);
    refused(&[good, ("migrations/migration_lock.toml", "provider =")], &["migration_lock.toml: "]);
}
