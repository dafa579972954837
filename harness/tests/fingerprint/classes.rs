//! Each class of policy change, by statements that make it.

use rlsgate::catalog::fingerprint::policy_change::{ChangeClass, policy_changes};
use rlsgate::catalog::fingerprint::read;

use crate::common::{Cluster, execute};

const BASE: &str = "
CREATE ROLE one; CREATE ROLE two; CREATE ROLE web_anon; CREATE ROLE above BYPASSRLS;
CREATE TABLE held (id int, owner text); ALTER TABLE held ENABLE ROW LEVEL SECURITY; ALTER TABLE held FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON held TO one USING (owner = 'one');
CREATE POLICY every ON held FOR SELECT TO two USING (true);
CREATE POLICY never ON held FOR DELETE TO two USING (false);
CREATE POLICY bound ON held AS RESTRICTIVE TO one, two USING (id > 0);
GRANT SELECT ON held TO one;
CREATE TABLE open (id int);
CREATE VIEW seen WITH (security_invoker = true, security_barrier = true) AS SELECT * FROM held;
CREATE FUNCTION power() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1';
REVOKE EXECUTE ON FUNCTION power() FROM PUBLIC;
CREATE FUNCTION plain() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION mine(a int, b text) RETURNS bool LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION mine(a int) RETURNS bool LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE FUNCTION steady() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1';
CREATE ROLE keeper; CREATE ROLE above_keeper IN ROLE keeper;
CREATE TABLE kept (id int, owner text); ALTER TABLE kept ENABLE ROW LEVEL SECURITY; ALTER TABLE kept OWNER TO keeper;
CREATE POLICY own ON kept TO one USING (mine(id, owner) AND steady() > 0);";

use ChangeClass::{Breaking, Dangerous, NeedsReview, Safe};

/// Statements; what comes of them, by object and subject.
type Row = (&'static str, &'static [(&'static str, &'static str, ChangeClass)]);

/// Each on a copy of the same state.
const TABLE: &[Row] = &[
    ("ALTER TABLE held DISABLE ROW LEVEL SECURITY", &[("table public.held", "rls", Dangerous)]),
    ("ALTER TABLE open ENABLE ROW LEVEL SECURITY", &[("table public.open", "rls", Breaking)]),
    ("ALTER TABLE held NO FORCE ROW LEVEL SECURITY", &[("table public.held", "force rls", Dangerous)]),
    ("ALTER TABLE open FORCE ROW LEVEL SECURITY", &[("table public.open", "force rls", Breaking)]),
    ("DROP TABLE open", &[("table public.open", "table", Breaking)]),
    (
        "ALTER TABLE held OWNER TO one",
        &[("table public.held", "grant one/select", Breaking), ("table public.held", "owner", NeedsReview)],
    ),
    // Policies.
    ("DROP POLICY own ON held", &[("table public.held", "policy own", Breaking)]),
    ("DROP POLICY bound ON held", &[("table public.held", "policy bound", Dangerous)]),
    ("CREATE POLICY p ON held TO one USING (id = 1)", &[("table public.held", "policy p", NeedsReview)]),
    ("CREATE POLICY p ON held TO one USING (true)", &[("table public.held", "policy p", Dangerous)]),
    ("CREATE POLICY p ON held FOR INSERT TO one WITH CHECK (true)", &[("table public.held", "policy p", Dangerous)]),
    ("CREATE POLICY p ON held USING (id = 1)", &[("table public.held", "policy p", Dangerous)]),
    ("CREATE POLICY p ON held TO one USING (false)", &[("table public.held", "policy p", Safe)]),
    ("CREATE POLICY p ON held AS RESTRICTIVE USING (id = 1)", &[("table public.held", "policy p", Breaking)]),
    ("CREATE POLICY p ON held AS RESTRICTIVE USING (true)", &[("table public.held", "policy p", Safe)]),
    (
        "CREATE POLICY \"p/using\" ON held TO one USING (id = 1)",
        &[("table public.held", "policy \"p/using\"", NeedsReview)],
    ),
    ("ALTER POLICY own ON held USING (owner = 'two')", &[("table public.held", "policy own", NeedsReview)]),
    ("ALTER POLICY own ON held USING (true)", &[("table public.held", "policy own", Dangerous)]),
    ("ALTER POLICY own ON held USING (false)", &[("table public.held", "policy own", Breaking)]),
    ("ALTER POLICY own ON held WITH CHECK (true)", &[("table public.held", "policy own", Dangerous)]),
    ("ALTER POLICY every ON held USING (id = 1)", &[("table public.held", "policy every", Breaking)]),
    ("ALTER POLICY never ON held USING (id = 1)", &[("table public.held", "policy never", NeedsReview)]),
    ("ALTER POLICY bound ON held USING (true)", &[("table public.held", "policy bound", Dangerous)]),
    ("ALTER POLICY own ON held TO one, two", &[("table public.held", "policy own", NeedsReview)]),
    ("ALTER POLICY own ON held TO PUBLIC", &[("table public.held", "policy own", Dangerous)]),
    ("ALTER POLICY bound ON held TO one", &[("table public.held", "policy bound", Dangerous)]),
    ("ALTER POLICY bound ON held TO PUBLIC", &[("table public.held", "policy bound", Breaking)]),
    // Grants.
    ("GRANT INSERT ON held TO one", &[("table public.held", "grant one/insert", NeedsReview)]),
    ("GRANT INSERT ON held TO web_anon", &[("table public.held", "grant web_anon/insert", NeedsReview)]),
    ("GRANT SELECT ON open TO web_anon", &[("table public.open", "grant web_anon/select", Dangerous)]),
    ("GRANT SELECT (id) ON open TO PUBLIC", &[("table public.open", "column id/grant public/select", Dangerous)]),
    ("GRANT TRUNCATE ON held TO one", &[("table public.held", "grant one/truncate", Dangerous)]),
    ("REVOKE SELECT ON held FROM one", &[("table public.held", "grant one/select", Breaking)]),
    ("GRANT SELECT ON held TO one WITH GRANT OPTION", &[("table public.held", "grant one/select", NeedsReview)]),
    ("GRANT CREATE ON SCHEMA public TO PUBLIC", &[("schema public", "grant public/create", Dangerous)]),
    ("GRANT SELECT ON seen TO web_anon", &[("view public.seen", "grant web_anon/select", NeedsReview)]),
    (
        "GRANT EXECUTE ON FUNCTION power() TO web_anon",
        &[("function public.power()", "grant web_anon/execute", Dangerous)],
    ),
    ("GRANT EXECUTE ON FUNCTION power() TO one", &[("function public.power()", "grant one/execute", NeedsReview)]),
    ("REVOKE EXECUTE ON FUNCTION plain() FROM PUBLIC", &[]),
    (
        "ALTER DEFAULT PRIVILEGES FOR ROLE one GRANT SELECT ON TABLES TO web_anon",
        &[("default privileges of one", "tables/grant web_anon/select", Dangerous)],
    ),
    // Roles and views.
    ("ALTER ROLE one BYPASSRLS", &[("role one", "bypassrls", Dangerous)]),
    ("ALTER ROLE above NOBYPASSRLS", &[("role above", "bypassrls", Breaking)]),
    ("CREATE ROLE more BYPASSRLS", &[("role more", "bypassrls", Dangerous)]),
    ("CREATE ROLE more", &[]),
    ("GRANT two TO one", &[("role one", "member of two", NeedsReview)]),
    ("GRANT above TO one", &[("role one", "member of above", Dangerous)]),
    ("ALTER VIEW seen SET (security_invoker = off)", &[("view public.seen", "option security_invoker", Dangerous)]),
    ("ALTER VIEW seen RESET (security_barrier)", &[("view public.seen", "option security_barrier", Dangerous)]),
    // Functions.
    ("ALTER FUNCTION plain() SECURITY DEFINER", &[("function public.plain()", "security", Dangerous)]),
    (
        "ALTER FUNCTION plain() SECURITY DEFINER SET search_path = pg_catalog, pg_temp",
        &[("function public.plain()", "security", NeedsReview)],
    ),
    ("ALTER FUNCTION power() SECURITY INVOKER", &[("function public.power()", "security", Breaking)]),
    ("ALTER FUNCTION power() RESET search_path", &[("function public.power()", "setting search_path", Dangerous)]),
    ("DROP FUNCTION power()", &[("function public.power()", "security", Breaking)]),
    (
        "CREATE OR REPLACE FUNCTION power() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 2'",
        &[("function public.power()", "body", NeedsReview)],
    ),
    // Functions that a policy calls.
    (
        "CREATE OR REPLACE FUNCTION mine(a int, b text) RETURNS bool LANGUAGE sql AS 'SELECT a > 0'",
        &[("function public.mine(integer, text)", "body", NeedsReview)],
    ),
    (
        "ALTER FUNCTION mine(int, text) IMMUTABLE; ALTER FUNCTION mine(int, text) OWNER TO one",
        &[
            ("function public.mine(integer, text)", "owner", NeedsReview),
            ("function public.mine(integer, text)", "volatility", NeedsReview),
        ],
    ),
    ("CREATE OR REPLACE FUNCTION mine(a int) RETURNS bool LANGUAGE sql AS 'SELECT a > 0'", &[]),
    ("ALTER FUNCTION steady() STABLE", &[("function public.steady()", "volatility", NeedsReview)]),
    // Ways around policies.
    ("ALTER ROLE one CREATEROLE", &[("role one", "createrole", Dangerous)]),
    ("ALTER ROLE one REPLICATION", &[("role one", "replication", Dangerous)]),
    ("GRANT keeper TO one", &[("role one", "member of keeper", Dangerous)]),
    ("GRANT above_keeper TO one", &[("role one", "member of above_keeper", Dangerous)]),
    ("CREATE PUBLICATION news FOR TABLE held, open", &[("publication news", "table public.held", NeedsReview)]),
    ("CREATE PUBLICATION every FOR ALL TABLES", &[("publication every", "all tables", NeedsReview)]),
    (
        "CREATE TRIGGER stamp BEFORE INSERT ON held FOR EACH ROW EXECUTE FUNCTION stamp(); \
         CREATE TRIGGER late AFTER INSERT ON held FOR EACH ROW EXECUTE FUNCTION stamp(); \
         CREATE TRIGGER stamp BEFORE INSERT ON open FOR EACH ROW EXECUTE FUNCTION stamp()",
        &[("table public.held", "trigger stamp", NeedsReview)],
    ),
    // What concerns nobody's rights.
    ("ALTER TABLE open ADD more int; CREATE INDEX ON open (id); COMMENT ON TABLE open IS 'x'", &[]),
];

#[tokio::test]
async fn each_change_has_its_class() {
    let server = Cluster::start().await;
    let mut session = server.session("rlsgate", "postgres").await;
    execute(&mut session, BASE).await.unwrap();
    let before = read(&mut session).await.unwrap();
    let mut wrong = Vec::new();
    for (sql, expected) in TABLE {
        // A fingerprint is read outside of transactions. What changes roles is taken back below.
        drop(session);
        let mut other = server.session("rlsgate", "template1").await;
        execute(&mut other, "DROP DATABASE IF EXISTS copy").await.unwrap();
        execute(&mut other, "CREATE DATABASE copy TEMPLATE postgres").await.unwrap();
        session = server.session("rlsgate", "copy").await;
        if let Err(error) = execute(&mut session, sql).await {
            wrong.push(format!("{sql}: {error}"));
        }
        let after = read(&mut session).await.unwrap();
        let changes = policy_changes(&before, &after);
        let got: Vec<_> = changes.iter().map(|c| (c.object.as_str(), c.subject.as_str(), c.class)).collect();
        if got != *expected {
            wrong.push(format!("{sql}\n  {got:?}"));
        }
        assert!(changes.iter().all(|change| !change.what.is_empty() && !change.why.is_empty()), "{sql}");
        drop(session);
        session = server.session("rlsgate", "template1").await;
        execute(
            &mut session,
            "ALTER ROLE one NOBYPASSRLS NOCREATEROLE NOREPLICATION; ALTER ROLE above BYPASSRLS; DROP ROLE IF EXISTS more; \
            REVOKE two, above, keeper, above_keeper FROM one",
        )
        .await
        .unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(policy_changes(&before, &before).is_empty());
    assert!(Safe < Breaking && Breaking < NeedsReview && NeedsReview < Dangerous);
    assert_eq!(NeedsReview.to_string(), "needs-review");
}
