//! A database that stands for a live one, and the program run on it.

use std::path::Path;
use std::process::Command;

use rlsgate::chain::Connect as _;
use rlsgate::report::record::{CheckRecord, RunRecord};

use crate::common::{Cluster, execute, folder};

/// What the database holds: every sort of thing by which a query could do more than read.
const LIVE: [&str; 2] = [include_str!("live.sql"), include_str!("hidden.sql")];

/// A server with the database `live` and another of the same make, `staging`.
pub(crate) async fn server() -> Cluster {
    let server = Cluster::start().await;
    for name in ["live", "staging"] {
        let database = server.database(name).await;
        let mut session = server.session("rlsgate", &database).await;
        for sql in LIVE {
            execute(&mut session, sql).await.unwrap();
        }
    }
    server
}

/// A suite with these facts, for the target `production`, which is the database `live`.
pub(crate) fn suite(facts: &str, target: &str) -> tempfile::TempDir {
    let suite = format!(
        "name = \"notes\"\nchain = \"chain\"\n{facts}\n\
         [targets.production]\n{target}\nguards.database = {{ sql = \"select current_database()\", is = \"live\" }}\n"
    );
    folder(&[("suite.toml", &suite), ("chain/chain.toml", ""), ("chain/0001.sql", "select 1")])
}

/// A suite of one query, which must return no row.
pub(crate) fn query(sql: &str, target: &str) -> tempfile::TempDir {
    suite(&format!("[facts.queries.asked]\nsql = '''{sql}'''\nreturns = []\nwitness = 'select from pg_class'"), target)
}

/// What the program did.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) said: String,
    pub(crate) record: Option<RunRecord>,
}

impl Ended {
    /// Fails, with all that was said, unless the exit code is this one and all of this was said.
    #[track_caller]
    pub(crate) fn expect(&self, code: i32, parts: &[&str]) -> &Self {
        assert_eq!(self.code, code, "{}", self.said);
        for part in parts {
            assert!(self.said.contains(part), "no `{part}` in: {}", self.said);
        }
        self
    }

    #[track_caller]
    pub(crate) fn check(&self, id: &str) -> &CheckRecord {
        let record = self.record.as_ref().unwrap_or_else(|| panic!("no record: {}", self.said));
        record.suites[0].check(id).unwrap_or_else(|| panic!("no check {id}: {}", self.said))
    }
}

/// The URL of `database` as `role`.
pub(crate) fn url(server: &Cluster, role: &str, database: &str) -> String {
    let socket = server.options(role, database).get_socket().unwrap().display().to_string();
    format!("postgres://{role}@localhost/{database}?host={socket}")
}

pub(crate) fn verify(url: &str, suite: &Path, options: &[&str]) -> Ended {
    let out = suite.join("reports");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rlsgate"));
    command.arg("verify").arg(suite).arg("--out").arg(&out).args(options).env("RLSGATE_VERIFY_URL", url);
    let output = command.output().unwrap();
    let said = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream)).concat();
    assert!(!said.contains("panicked"), "{said}");
    Ended { code: output.status.code().unwrap(), said, record: RunRecord::read(&out.join("run.json")).ok() }
}

/// All that could show a trace of a write: rows with their versions, catalogs, sequences, large objects, locks,
/// notifications, prepared transactions, settings, sessions and files.
pub(crate) async fn everything(server: &Cluster) -> Vec<String> {
    let mut session = server.session("rlsgate", "live").await;
    // A backend whose client has gone ends a moment later; one that stays is seen below.
    for _ in 0..100 {
        let open: i64 =
            sqlx::query_scalar("select count(*) from pg_stat_activity where application_name like 'rlsgate%'")
                .fetch_one(&mut session)
                .await
                .unwrap();
        if open == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    sqlx::query_scalar(EVERYTHING).fetch_all(&mut session).await.unwrap()
}

/// Everything that the server has logged so far.
pub(crate) async fn log(server: &Cluster) -> String {
    let mut session = server.session("rlsgate", "postgres").await;
    let log = "select pg_read_file(current_setting('data_directory') || '/../log')";
    sqlx::query_scalar(log).fetch_one(&mut session).await.unwrap()
}

const EVERYTHING: &str = "
select 'notes ' || xmin || ctid::text || n::text from notes n
union all select 'log ' || xmin || l::text from log l
union all select 'sequence ' || last_value || is_called from log_id_seq
union all select 'catalogs ' || md5(string_agg(c, '' order by c)) from (
  select oid || relname || xmin::text || coalesce(relacl::text, '') as c from pg_class where relkind <> 'i' and oid > 16383
  union all select oid || proname || xmin::text from pg_proc where oid > 16383
  union all select oid || nspname || xmin::text from pg_namespace
  union all select oid || rolname || xmin::text from pg_authid
  union all select setdatabase || setconfig::text from pg_db_role_setting) x
union all select 'large object ' || oid from pg_largeobject_metadata
union all select 'lock ' || locktype || mode from pg_locks where locktype = 'advisory'
union all select 'notifications ' || pg_notification_queue_usage()
union all select 'prepared ' || gid from pg_prepared_xacts
union all select 'settings ' || coalesce(md5(pg_read_file('postgresql.auto.conf')), '')
union all select 'session ' || application_name from pg_stat_activity where application_name like 'rlsgate%'
union all select 'file ' || f from pg_ls_dir('.') f where f like 'way_out%'
order by 1";
