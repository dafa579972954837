//! The tables that a tool keeps its own account in: there where the chain speaks of them, and no matter of the contract.

use rlsgate::chain::apply;
use rlsgate::instance::{Provider, Request};
use rlsgate::report::record::Status;
use rlsgate::run::Filter;
use rlsgate::run::Options;

use super::support::{Built, loaded};
use crate::common::{Cluster, folder};

/// Row security on every table of a schema, the tool's own among them.
const LOCKING: &[(&str, &str, &str)] = &[
    ("supabase/migrations/1_a.sql", "", "supabase_migrations.schema_migrations"),
    ("1_a.up.sql", "", "schema_migrations"),
    ("1_a.sql", "-- migrate:up\n-- migrate:down\n", "schema_migrations"),
    ("1_a.sql", "-- +goose Up\n", "public.goose_db_version"),
    ("V1__a.sql", "", "flyway_schema_history"),
    ("migrations/1_a/migration.sql", "", "\"_prisma_migrations\""),
    ("migrations/1_a/up.sql", "", "__diesel_schema_migrations"),
];

#[tokio::test]
async fn a_revision_that_locks_the_table_finds_it() {
    let cluster = Cluster::start().await;
    for (n, (file, markers, table)) in LOCKING.iter().enumerate() {
        let locks = format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\n");
        let text = match markers.split_once('\n') {
            Some((up, rest)) => format!("{up}\n{locks}{rest}"),
            None => locks,
        };
        let (_dir, chain) = loaded(&[(file, &text)]);
        let database = cluster.database(&format!("d{n}")).await;
        apply(&chain, &cluster, &database, None).await.unwrap_or_else(|error| panic!("{error}"));
        let mut session = cluster.session("rlsgate", &database).await;
        let locked = "SELECT relname::text || ' ' || relowner::regrole FROM pg_class WHERE relrowsecurity";
        let seen: Vec<String> = sqlx::query_scalar(locked).fetch_all(&mut session).await.unwrap();
        let name = table.rsplit('.').next().unwrap().trim_matches('"');
        assert_eq!(seen, [format!("{name} migrator")]);
    }
}

#[tokio::test]
async fn a_chain_that_is_silent_about_it_gets_none() {
    let (_dir, chain) = loaded(&[("1_a.up.sql", "CREATE TABLE t ();")]);
    assert_eq!(Built::of(&chain).await.tables().await, ["t"]);
}

/// The checks of a suite over a goose chain whose account is locked: those of `named`, with their outcomes.
fn named(contract: &str) -> Option<Vec<(String, Status)>> {
    let suite = format!(
        "name = \"s\"\nchain = \"chain\"\nseed = \"seed.sql\"\n[contexts.app]\nrole = \"app\"\nsettings = {{ \"app.t\" = \":tenant\" }}\n\
         [actors]\nann = {{ context = \"app\", ids = {{ tenant = \"a\" }}, groups = [\"member\"] }}\n\
         bea = {{ context = \"app\", ids = {{ tenant = \"b\" }}, groups = [\"member\"] }}\n\
         [contract]\nt = {{ tenant_key = \"tenant\", allow.member = {{ select = \"own\" }} }}\n{contract}"
    );
    let up = "-- +goose Up\nCREATE ROLE app;\nCREATE TABLE t (id int PRIMARY KEY, tenant text);\n\
              ALTER TABLE t ENABLE ROW LEVEL SECURITY;\nGRANT SELECT ON t TO app;\n\
              CREATE POLICY own ON t TO app USING (tenant = nullif(current_setting('app.t', true), ''));\n\
              ALTER TABLE goose_db_version ENABLE ROW LEVEL SECURITY;\nCREATE TABLE forgotten ();\n";
    let dir = folder(&[
        ("suite.toml", &suite),
        ("seed.sql", "INSERT INTO t VALUES (1, 'a'), (2, 'b');"),
        ("chain/chain.toml", ""),
        ("chain/1_a.sql", up),
        ("chain/notes.sql", "no SQL"),
    ]);
    let options = Options {
        request: Request { provider: Provider::Local, ..Request::default() },
        jobs: 1,
        filter: Filter::default(),
        today: "2030-01-01".to_owned(),
    };
    let path = dir.path().join("suite.toml");
    let ran = rlsgate::run::run(&path, &options, |_| ());
    let ran = match tokio::runtime::Runtime::new().unwrap().block_on(ran) {
        Ok(ran) => ran,
        Err(error) if error.to_string().starts_with("no local server") => {
            let required = std::env::var("RLSGATE_REQUIRE").unwrap_or_default();
            assert!(!required.split(',').any(|word| word.trim() == "local"), "{error}");
            eprintln!("SKIPPED: needs local: {error}");
            return None;
        }
        Err(error) => panic!("{error}\n{}", error.help()),
    };
    // What is passed over is said in the record.
    assert_eq!(ran.record.facts["not run"], "notes.sql: its name is not of the form `NUMBER_name.sql`");
    let checks = ran.record.checks.into_iter().filter(|check| check.id.ends_with("/named"));
    Some(checks.map(|check| (check.id, check.status)).collect())
}

#[test]
fn a_suite_need_not_name_it_and_may() {
    let Some(silent) = named("") else { return };
    let expected =
        [("s/contract/public.forgotten/named", Status::Failed), ("s/contract/public.t/named", Status::Passed)];
    assert_eq!(silent, expected.map(|(id, status)| (id.to_owned(), status)));
    let Some(spoken) = named("goose_db_version = {}\n") else { return };
    let account = ("s/contract/public.goose_db_version/named".to_owned(), Status::Passed);
    assert!(spoken.contains(&account), "{spoken:?}");
    let follows = ("s/contract/public.goose_db_version_id_seq/named".to_owned(), Status::Passed);
    assert!(spoken.contains(&follows), "{spoken:?}");
}
