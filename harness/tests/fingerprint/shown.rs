//! Canonical JSON, and differences as people read them.

use rlsgate::catalog::fingerprint::{Delta, Fingerprint, read};
use rlsgate::exit::Exit;

use super::table::base;
use crate::common::{Cluster, execute};

#[tokio::test]
async fn json_reads_back_and_a_delta_holds_what_the_chain_made() {
    let server = Cluster::start().await;
    let mut session = base(&server, "db").await;
    let platform = read(&mut session).await.unwrap();
    assert_eq!(Fingerprint::from_json(&platform.to_json()).unwrap(), platform);
    assert!(platform.since(&platform).facts.is_empty() && platform.since(&platform).removed.is_empty());

    let chain =
        "CREATE TABLE app.mine (id int); ALTER TABLE app.notes ENABLE ROW LEVEL SECURITY; DROP POLICY own ON app.notes";
    execute(&mut session, chain).await.unwrap();
    let delta = read(&mut session).await.unwrap().since(&platform);
    assert_eq!(delta.facts.keys().collect::<Vec<_>>(), ["table app.mine", "table app.notes"]);
    assert_eq!(delta.facts["table app.notes"].keys().collect::<Vec<_>>(), ["rls"]);
    assert_eq!(delta.removed["table app.notes"]["policy own/using"], "(tenant = 1)");
    assert_eq!(Delta::from_json(&delta.to_json()).unwrap(), delta);
    assert!(delta.diff(&delta).is_empty());

    execute(&mut session, "DROP TABLE app.mine; CREATE POLICY own ON app.notes USING (tenant = 3)").await.unwrap();
    let later = read(&mut session).await.unwrap().since(&platform);
    let text = delta.diff(&later).to_string();
    assert!(text.contains("- table app.mine\n"), "{text}");
    assert!(text.contains("~ policy own/using: (taken from the platform) -> (tenant = 3)\n"), "{text}");
}

#[test]
fn what_is_no_fingerprint_is_refused() {
    for text in [
        "",
        "{}",
        r#"{"format":"rlsgate.fingerprint/2","major":15,"unread":[],"facts":{}}"#,
        r#"{"format":"rlsgate.fingerprint/1","major":15,"unread":[],"facts":{},"more":1}"#,
    ] {
        assert_eq!(Fingerprint::from_json(text).unwrap_err().exit(), Exit::Input, "{text}");
    }
    let unknown = Fingerprint::from_json("{\n \"wrong\": 1}").unwrap_err().to_string();
    assert!(unknown.contains("line 2 column"), "{unknown}");
}

#[tokio::test]
async fn a_difference_is_read_by_object() {
    let server = Cluster::start().await;
    let mut session = base(&server, "db").await;
    let before = read(&mut session).await.unwrap();
    let sql = "ALTER TABLE app.notes FORCE ROW LEVEL SECURITY; GRANT DELETE ON app.notes TO fp_user; DROP POLICY own ON app.notes; \
        CREATE SCHEMA \"a\u{1b}[31m\nb\"; DROP TYPE app.pair; \
        CREATE FUNCTION app.lines() RETURNS int LANGUAGE plpgsql AS E'BEGIN\\n  RETURN 1;\\nEND';";
    execute(&mut session, sql).await.unwrap();
    let middle = read(&mut session).await.unwrap();
    let text = before.diff(&middle).to_string();
    for line in [
        "+ schema \"a?[31m b\"",
        "- type app.pair",
        "    - attributes: a integer, b text",
        "~ table app.notes",
        "    ~ force rls: not forced -> forced",
        "    + grant fp_user/delete: granted",
        "    - policy own/using: (tenant = 1)",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
    }
    // Objects in the order of their names, each once.
    let objects: Vec<_> = text.lines().filter(|line| !line.starts_with(' ')).map(|line| &line[2..]).collect();
    assert!(objects.is_sorted(), "{objects:?}");
    assert!(!text.contains('\u{1b}'));
    // Backwards it says the opposite.
    assert!(middle.diff(&before).to_string().contains("    ~ force rls: forced -> not forced\n"));

    let sql = "CREATE OR REPLACE FUNCTION app.lines() RETURNS int LANGUAGE plpgsql AS E'BEGIN\\n  RETURN 2;\\nEND';";
    execute(&mut session, sql).await.unwrap();
    let text = middle.diff(&read(&mut session).await.unwrap()).to_string();
    assert_eq!(text, "~ function app.lines()\n    ~ body:\n        -   RETURN 1;\n        +   RETURN 2;\n");
}
