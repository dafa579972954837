//! A `rollback` folder beside `migrations`, found or named.

use super::support::{Built, LOG, ids, loaded, ran, refused};

#[tokio::test]
async fn it_is_found_beside_the_migrations() {
    let (one, two) = (format!("{LOG}{}", ran("up 1")), ran("up 2"));
    let (back1, back2) = (ran("back 1"), ran("back 2"));
    let (_dir, chain) = loaded(&[
        ("migrations/001_a.sql", &one),
        ("migrations/002_b.sql", &two),
        ("rollback/001_a_rollback.sql", &back1),
        ("rollback/002_b.down.sql", &back2),
    ]);
    assert_eq!((chain.layout.name, ids(&chain)), ("sql", vec!["001_a", "002_b"]));
    let (built, back) = Built::and_back(&chain).await;
    back.unwrap();
    assert_eq!(built.log().await, ["up 1", "up 2", "back 2", "back 1"]);
}

#[test]
fn it_goes_with_any_layout_whose_files_are_one_direction() {
    let (_dir, chain) = loaded(&[
        ("supabase/migrations/20250101000000_a.sql", ""),
        ("supabase/rollback/20250101000000_a.sql", "SELECT 1;"),
    ]);
    assert_eq!(chain.layout.name, "supabase");
    assert!(chain.revisions[0].down.is_some());
    let (_dir, chain) = loaded(&[("001.sql", ""), ("rollback/001.sql", "")]);
    assert!(chain.revisions[0].down.is_some() && chain.skipped.is_empty(), "in the chain's own folder");
    let (_dir, chain) = loaded(&[
        ("chain.toml", "rollback = \"undo\""),
        ("migrations/001.sql", ""),
        ("undo/001.sql", ""),
        ("rollback/nothing_of_ours.sql", ""),
    ]);
    assert!(chain.revisions[0].down.as_ref().unwrap().path().ends_with("undo/001.sql"), "what is named is taken");
}

#[test]
fn a_file_that_undoes_nothing_or_what_is_undone_is_refused() {
    refused(&[("migrations/001.sql", ""), ("rollback/002.sql", "")], &["rollback/002.sql undoes no revision"]);
    refused(
        &[("migrations/001.sql", ""), ("migrations/001.down.sql", ""), ("rollback/001.sql", "")],
        &["rollback/001.sql is a second file that undoes revision 001, beside", "001.down.sql"],
    );
}
