//! Which layout a folder is, where `chain.toml` does not say.

use rstest::rstest;

use super::support::{load, loaded, refused};

const DBMATE: &str = "-- migrate:up\n-- migrate:down\n";
const GOOSE: &str = "-- +goose Up\n";
const JOURNAL: &str = "{\"dialect\": \"postgresql\", \"entries\": [{\"tag\": \"0000_a\"}]}";

#[rstest]
#[case("sql", &[("001_a.sql", "")])]
#[case("sql", &[("migrations/20250101000000_a.sql", "")])]
#[case("sql", &[("001_a.sql", ""), ("001_a.down.sql", "")])]
#[case("sql", &[("V1_is_no_version.sql", "-- a +goose Up is nothing in the middle")])]
#[case("sql", &[("config.toml", "[server]\nport = 1"), ("migrations/1_a.sql", "")])]
#[case("supabase", &[("config.toml", "project_id = \"x\""), ("migrations/20250101000000_a.sql", "")])]
#[case("supabase", &[("supabase/migrations/20250101000000_a.sql", "")])]
#[case("supabase", &[("supabase/migrations/0001_a.sql", ""), ("supabase/migrations/meta/x.json", "")])]
#[case("up-down", &[("1_a.up.sql", "")])]
#[case("dbmate", &[("db/migrations/1_a.sql", DBMATE)])]
#[case("goose", &[("1_a.sql", GOOSE)])]
#[case("flyway", &[("V1__a.sql", "")])]
#[case("flyway", &[("db/migration/V2024.01.01__a.sql", ""), ("db/migration/R__v.sql", "")])]
#[case("prisma", &[("prisma/migrations/2025_a/migration.sql", "")])]
#[case("drizzle", &[("drizzle/meta/_journal.json", JOURNAL), ("drizzle/0000_a.sql", "")])]
#[case("diesel", &[("migrations/2025_a/up.sql", "")])]
fn a_folder_is_one_layout(#[case] layout: &str, #[case] files: &[(&str, &str)]) {
    assert_eq!(loaded(files).1.layout.name, layout);
}

#[test]
fn where_two_fit_one_must_be_named() {
    let both = [
        ("supabase/migrations/0000_a.sql", "SELECT 1;"),
        ("supabase/migrations/0001_b.sql", "SELECT 1;"),
        ("supabase/migrations/meta/_journal.json", JOURNAL),
    ];
    refused(&both, &["looks like several layouts: supabase, drizzle"]);
    for (name, revisions) in [("supabase", 2), ("drizzle", 1), ("sql", 2)] {
        let manifest = format!("layout = \"{name}\"");
        let (_dir, chain) = loaded(&[&both[..], &[("chain.toml", &manifest)]].concat());
        assert_eq!((chain.layout.name, chain.revisions.len()), (name, revisions));
    }
}

#[test]
fn where_two_folders_could_be_meant_one_must_be_named() {
    let both = [("supabase/migrations/1_a.sql", ""), ("prisma/migrations/2_b/migration.sql", ""), ("schema.sql", "")];
    refused(&both, &["several folders of migrations", "supabase/migrations", "prisma/migrations"]);
    for (folder, layout) in [("supabase/migrations", "supabase"), ("prisma/migrations", "prisma"), (".", "sql")] {
        let manifest = format!("migrations = \"{folder}\"");
        let (_dir, chain) = loaded(&[&both[..], &[("chain.toml", &manifest)]].concat());
        assert_eq!(chain.layout.name, layout);
    }
}

#[test]
fn what_is_named_is_held_to_its_form() {
    let error = load(&[("chain.toml", "layout = \"goose\""), ("1_a.sql", "SELECT 1;")]).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("takes no statement before `-- +goose Up`"), "{error}");
    refused(&[("chain.toml", "layout = \"flyway\""), ("001.sql", "")], &["has no revision in"]);
    refused(&[("chain.toml", "layout = \"gose\""), ("001.sql", "")], &["unknown layout `gose`, nearest is `goose`"]);
}
