//! golang-migrate, MIGRATIONS.md: "applied upward in order of increasing version number, and downward by decreasing".

use super::support::{Built, LOG, ids, loaded, ran, refused, skipped};

#[tokio::test]
async fn pairs_run_by_number_and_back() {
    let (nine, ten, eleven) = (format!("{LOG}{}", ran("up 9")), ran("up 10"), ran("up 11"));
    let (down9, down10, down11) =
        (format!("{}CREATE TABLE left_over ();", ran("down 9")), ran("down 10"), ran("down 11"));
    let (_dir, chain) = loaded(&[
        ("migrations/9_a.up.sql", &nine),
        ("migrations/9_another_title.down.sql", &down9),
        ("migrations/10_b.up.sql", &ten),
        ("migrations/10_b.down.sql", &down10),
        ("migrations/0011_c.up.sql", &eleven),
        ("migrations/0011_c.down.sql", &down11),
        ("migrations/seed.sql", "no SQL"),
        ("migrations/12_d.UP.sql.bak", "no SQL"),
    ]);
    assert_eq!(chain.layout.name, "up-down");
    assert_eq!(ids(&chain), ["9_a", "10_b", "0011_c"]);
    assert_eq!(skipped(&chain), ["migrations/seed.sql: its name is not of the form `VERSION_title.up.sql`"]);
    let (built, back) = Built::and_back(&chain).await;
    back.unwrap();
    assert_eq!(built.log().await, ["up 9", "up 10", "up 11", "down 11", "down 10", "down 9"]);
    assert_eq!(built.tables().await, ["left_over", "log"]);
}

#[test]
fn what_cannot_be_paired_is_refused() {
    refused(
        &[("1_a.up.sql", ""), ("01_b.up.sql", "")],
        &["version 1 is claimed by two files", "01_b.up.sql", "1_a.up.sql"],
    );
    refused(&[("1_a.up.sql", ""), ("1_a.down.sql", ""), ("1_b.down.sql", "")], &["1_a.down.sql", "1_b.down.sql"]);
    refused(&[("1_a.up.sql", ""), ("2_b.down.sql", "")], &["2_b.down.sql undoes no revision: version 2 has no up"]);
    refused(&[("1_a.up.sql", ""), ("2_b.sql", "")], &["2_b.sql is neither up nor down in a folder of pairs"]);
}
