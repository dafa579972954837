//! Up, down and again, one revision at a time, on a real server.

use std::time::Duration;

use rlsgate::chain::script::TransactionMode;
use rlsgate::chain::watch::{Look, Sent};
use rlsgate::chain::{Chain, Connect, Ladder, Watch};
use rlsgate::exit::Exit;
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

use super::value;
use crate::common::{Cluster, folder};

const TABLES: &str =
    "SELECT coalesce(string_agg(tablename, ' ' ORDER BY tablename), '') FROM pg_tables WHERE schemaname = 'public'";

#[tokio::test]
async fn a_chain_is_climbed_up_and_down() {
    let cluster = Cluster::start().await;
    let dir = folder(&[
        ("chain.toml", "[revisions.003_vacuum]\ncatalog_neutral = \"statistics only\"\ntransaction = \"none\""),
        ("001_a.sql", "CREATE TABLE IF NOT EXISTS a (n int); INSERT INTO a VALUES (1);"),
        ("001_a.down.sql", "SET ROLE migrator;\nDROP TABLE a"),
        ("002_b.sql", "CREATE TABLE b (n int)"),
        ("002_b.down.sql", "DROP TABLE b"),
        ("003_vacuum.sql", "VACUUM a"),
    ]);
    let chain = Chain::load(dir.path()).unwrap();
    cluster.database("climbed").await;
    let mut ladder = Ladder::stand(&chain, &cluster, "climbed").await.unwrap();
    assert_eq!((ladder.at(), value(&cluster, "climbed", TABLES).await.as_str()), (0, ""));
    assert_eq!(
        ladder.down().await.unwrap_err().to_string(),
        format!("chain {} has no further revision to take back", dir.path().display())
    );
    assert_eq!(ladder.up(None).await.unwrap().id, "001_a");
    assert_eq!(ladder.again().await.unwrap().id, "001_a");
    assert_eq!(value(&cluster, "climbed", "SELECT count(*)::text FROM public.a").await, "2");
    ladder.up(None).await.unwrap();
    let vacuum = ladder.up(None).await.unwrap();
    assert_eq!((vacuum.id.as_str(), vacuum.mode), ("003_vacuum", TransactionMode::OneByOne));
    assert_eq!((ladder.at(), value(&cluster, "climbed", TABLES).await.as_str()), (3, "a b"));
    assert!(ladder.up(None).await.unwrap_err().to_string().ends_with("has no further revision to apply"));
    assert_eq!(ladder.down().await.unwrap().id, "003_vacuum");
    assert_eq!(ladder.down().await.unwrap().id, "002_b");
    assert_eq!((ladder.at(), value(&cluster, "climbed", TABLES).await.as_str()), (1, "a"));
    let undone = ladder.down().await.unwrap();
    assert_eq!((undone.id.as_str(), undone.mode), ("001_a", TransactionMode::OneTransaction));
    assert_eq!((ladder.at(), value(&cluster, "climbed", TABLES).await.as_str()), (0, ""));
    ladder.up(None).await.unwrap();
    ladder.finish().await.unwrap();
    assert_eq!(value(&cluster, "climbed", TABLES).await, "a");
}

#[tokio::test]
async fn a_down_that_fails_is_shown_as_an_up_is() {
    let cluster = Cluster::start().await;
    for (n, (toml, down, shown, help)) in [
        ("", "DROP TABLE a;\nDROP TABLE missing", "001.down.sql:2:1\n  |\n2 | DROP TABLE missing", "correct the file"),
        ("timeout = \"300ms\"", "SELECT pg_sleep(60)", "still running after 300ms", "raise its `timeout`"),
        ("", "COMMIT; BEGIN; DROP TABLE a", "ends in a transaction", "correct the file"),
        ("", "CREATE EXTENSION file_fdw", "(SQLSTATE 42501)", "belongs in a prelude"),
        (
            "[revisions.001]\nirreversible = \"data is gone\"",
            "-- nothing does",
            "it is irreversible: data is gone",
            "stay above",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let dir = folder(&[("chain.toml", toml), ("001.sql", "CREATE TABLE a ()"), ("001.down.sql", down)]);
        let chain = Chain::load(dir.path()).unwrap();
        let database = cluster.database(&format!("d{n}")).await;
        let mut ladder = Ladder::stand(&chain, &cluster, &database).await.unwrap();
        ladder.up(None).await.unwrap();
        let error = ladder.down().await.unwrap_err();
        assert_eq!((error.exit(), ladder.at()), (Exit::Untested, 1), "{error}");
        let head = format!("revision 001 of chain {} cannot be downgraded", dir.path().display());
        assert!(error.to_string().starts_with(&head), "{error}");
        assert!(error.to_string().contains(shown), "{down}: {error}");
        assert!(error.help().contains(help), "{down}: {}", error.help());
    }
    let dir = folder(&[("chain.toml", ""), ("001.sql", "CREATE TABLE a ()")]);
    let chain = Chain::load(dir.path()).unwrap();
    cluster.database("none").await;
    let mut ladder = Ladder::stand(&chain, &cluster, "none").await.unwrap();
    ladder.up(None).await.unwrap();
    let error = ladder.down().await.unwrap_err();
    assert!(error.to_string().contains("nothing undoes") && error.to_string().contains("001.sql"), "{error}");
}

/// Sees, from a session of its own, which locks the chain holds on table `a` between two statements.
struct Locks {
    options: PgConnectOptions,
    seen: Vec<(usize, bool, Option<String>)>,
    before: usize,
}

impl Watch for Locks {
    fn before<'a>(&'a mut self, _: Sent<'a>) -> Look<'a> {
        self.before += 1;
        Box::pin(std::future::ready(()))
    }

    fn after<'a>(&'a mut self, statement: Sent<'a>, elapsed: Duration) -> Look<'a> {
        Box::pin(async move {
            assert!(elapsed > Duration::ZERO && statement.script.statements.len() > statement.index);
            let mut session = self.options.connect().await.unwrap();
            let held = "SELECT max(mode) FROM pg_locks WHERE pid = $1 AND relation = 'public.a'::regclass";
            let held = sqlx::query_scalar(held).bind(statement.pid).fetch_one(&mut session).await.unwrap();
            // The limit of the file is shorter than that: this time does not count.
            tokio::time::sleep(Duration::from_millis(400)).await;
            self.seen.push((statement.index, statement.open, held));
        })
    }
}

#[tokio::test]
async fn a_watch_looks_on_while_the_transaction_is_open() {
    let cluster = Cluster::start().await;
    let dir = folder(&[
        ("chain.toml", "[revisions.002]\ntimeout = \"700ms\""),
        ("001.sql", "CREATE TABLE a (n int)"),
        ("002.sql", "ALTER TABLE a ADD COLUMN m int; SELECT 1"),
        ("003.sql", "BEGIN; LOCK TABLE a IN SHARE MODE; COMMIT; SELECT 1"),
    ]);
    let chain = Chain::load(dir.path()).unwrap();
    cluster.database("watched").await;
    let mut ladder = Ladder::stand(&chain, &cluster, "watched").await.unwrap();
    ladder.up(None).await.unwrap();
    let mut locks = Locks { options: cluster.options("rlsgate", "watched"), seen: Vec::new(), before: 0 };
    ladder.up(Some(&mut locks)).await.unwrap_or_else(|error| panic!("{error}"));
    let held = |mode: &str| Some(mode.to_owned());
    let exclusive = || held("AccessExclusiveLock");
    assert_eq!((locks.before, locks.seen), (2, vec![(0, true, exclusive()), (1, true, exclusive())]));
    let mut locks = Locks { options: cluster.options("rlsgate", "watched"), seen: Vec::new(), before: 0 };
    ladder.up(Some(&mut locks)).await.unwrap();
    assert_eq!(locks.seen, [(0, true, None), (1, true, held("ShareLock")), (2, false, None), (3, false, None)]);
    ladder.finish().await.unwrap();
}
