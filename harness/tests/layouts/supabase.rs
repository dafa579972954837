//! Supabase docs, "Database Migrations"; the CLI takes `<digits>_name.sql` in the byte order of the names.

use super::support::{Built, LOG, ids, loaded, ran, refused, skipped, stuck};

#[tokio::test]
async fn names_are_compared_and_not_numbers() {
    let (noon, day, next, short) = (format!("{LOG}{}", ran("noon")), ran("day"), ran("next"), ran("short"));
    let (_dir, chain) = loaded(&[
        ("chain.toml", "prelude = \"supabase\""),
        ("supabase/config.toml", "project_id = \"notes\""),
        ("supabase/migrations/20241026120000_noon.sql", &noon),
        ("supabase/migrations/20241026_day.sql", &day),
        (
            "supabase/migrations/20241027000000_next.sql",
            &format!("{next}--> statement-breakpoint\n{}", ran("same file")),
        ),
        ("supabase/migrations/9_short.sql", &short),
        // Drizzle's folder, an archive, and what people leave beside the chain.
        ("supabase/migrations/meta/notes.json", "{}"),
        ("supabase/migrations/migrations_archive/1_old.sql", "no SQL"),
        ("supabase/migrations/20250101000000-5f0c.sql", "no SQL"),
        ("supabase/migrations/20250102000000_UPPER.SQL", "no SQL"),
        ("supabase/migrations/TEMP_check.sql", "no SQL"),
        ("supabase/migrations/fix_policies.sql", "no SQL"),
        ("supabase/migrations/README.md", "no SQL"),
        ("supabase/seed.sql", "no SQL"),
    ]);
    assert_eq!(chain.layout.name, "supabase");
    assert_eq!(ids(&chain), ["20241026120000_noon", "20241026_day", "20241027000000_next", "9_short"]);
    let form = "its name is not of the form `<timestamp>_name.sql`";
    let folder = "a folder, which the tool does not look into";
    assert_eq!(
        skipped(&chain),
        [
            format!("supabase/migrations/20250101000000-5f0c.sql: {form}"),
            "supabase/migrations/20250102000000_UPPER.SQL: its suffix is not `.sql` in lower case".to_owned(),
            format!("supabase/migrations/TEMP_check.sql: {form}"),
            format!("supabase/migrations/fix_policies.sql: {form}"),
            format!("supabase/migrations/meta: {folder}"),
            format!("supabase/migrations/migrations_archive: {folder}"),
        ]
    );
    let (built, back) = Built::and_back(&chain).await;
    assert_eq!(built.log().await, ["noon", "day", "next", "same file", "short"]);
    stuck(back, "9_short");
}

#[test]
fn an_init_of_an_early_cli_is_passed_over_and_a_later_one_is_not() {
    let (_dir, chain) = loaded(&[
        ("supabase/migrations/20211208235959_init.sql", ""),
        ("supabase/migrations/20220101000000_init.sql", ""),
    ]);
    assert_eq!(ids(&chain), ["20220101000000_init"]);
    assert_eq!(
        skipped(&chain),
        ["supabase/migrations/20211208235959_init.sql: an `init` that an early version of the CLI wrote"]
    );
    let (_dir, chain) = loaded(&[
        ("supabase/migrations/20211208235958_first.sql", ""),
        ("supabase/migrations/20211208235959_init.sql", ""),
    ]);
    assert_eq!(ids(&chain).len(), 2, "only a first one");
}

#[test]
fn the_cli_keeps_one_version_once() {
    let files = [("supabase/migrations/20241026_a.sql", ""), ("supabase/migrations/20241026_b.sql", "")];
    refused(&files, &["version 20241026 is claimed by two files", "20241026_a.sql and", "20241026_b.sql"]);
}
