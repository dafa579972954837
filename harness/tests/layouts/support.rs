//! A chain made of files, run on a server of its own, whose revisions write down that they ran.

use rlsgate::chain::script::TransactionMode;
use rlsgate::chain::{Chain, Ladder};
use rlsgate::exit::Exit;
use tempfile::TempDir;

use crate::common::{Cluster, folder};

/// The table that revisions write their names to.
pub(crate) const LOG: &str = "CREATE TABLE log (n serial PRIMARY KEY, what text);";

/// Writes down that `what` ran.
pub(crate) fn ran(what: &str) -> String {
    format!("INSERT INTO log (what) VALUES ('{what}');\n")
}

/// The chain in a folder of these files; `chain.toml` is empty unless it is among them.
pub(crate) fn load(files: &[(&str, &str)]) -> Result<(TempDir, Chain), rlsgate::Error> {
    let manifest = files.iter().any(|(name, _)| name.ends_with("chain.toml"));
    let files: Vec<_> = files.iter().copied().chain((!manifest).then_some(("chain.toml", ""))).collect();
    let dir = folder(&files);
    Chain::load(dir.path()).map(|chain| (dir, chain))
}

pub(crate) fn loaded(files: &[(&str, &str)]) -> (TempDir, Chain) {
    load(files).unwrap_or_else(|error| panic!("{error}\n{}", error.help()))
}

pub(crate) fn ids(chain: &Chain) -> Vec<&str> {
    chain.revisions.iter().map(|revision| revision.id.as_str()).collect()
}

/// What was passed over, as `path from the chain's folder: reason`.
pub(crate) fn skipped(chain: &Chain) -> Vec<String> {
    let from = |path: &std::path::Path| path.strip_prefix(&chain.dir).unwrap().display().to_string();
    chain.skipped.iter().map(|(path, why)| format!("{}: {why}", from(path))).collect()
}

/// Such a chain is refused as wrong input, and the message holds each of `parts`.
pub(crate) fn refused(files: &[(&str, &str)], parts: &[&str]) {
    let error = load(files).map(|(_, chain)| ids(&chain).join(", ")).expect_err("it is refused");
    assert_eq!(error.exit(), Exit::Input, "{error}");
    let shown = error.to_string();
    for part in parts {
        assert!(shown.contains(part), "no {part:?} in: {shown}");
    }
}

/// A server with one database that a chain was applied to.
pub(crate) struct Built {
    pub(crate) cluster: Cluster,
    pub(crate) modes: Vec<TransactionMode>,
}

const DATABASE: &str = "chain";

impl Built {
    /// Up to the head.
    pub(crate) async fn of(chain: &Chain) -> Self {
        Self::climb(chain, false).await.0
    }

    /// Up to the head and all the way back; how each revision stood to transactions then, or what could not be undone.
    pub(crate) async fn and_back(chain: &Chain) -> (Self, Result<Vec<TransactionMode>, String>) {
        Self::climb(chain, true).await
    }

    async fn climb(chain: &Chain, and_back: bool) -> (Self, Result<Vec<TransactionMode>, String>) {
        let cluster = Cluster::start().await;
        cluster.database(DATABASE).await;
        let fail = |error: rlsgate::Error| -> ! { panic!("{error}\n{}", error.help()) };
        let mut ladder = Ladder::stand(chain, &cluster, DATABASE).await.unwrap_or_else(|error| fail(error));
        let mut modes = Vec::new();
        for _ in &chain.revisions {
            modes.push(ladder.up(None).await.unwrap_or_else(|error| fail(error)).mode);
        }
        let mut back = Ok(Vec::new());
        while let (true, true, Ok(undone)) = (and_back, ladder.at() > 0, &mut back) {
            match ladder.down().await {
                Ok(revision) => undone.push(revision.mode),
                Err(error) => back = Err(error.to_string()),
            }
        }
        ladder.finish().await.unwrap_or_else(|error| fail(error));
        (Self { cluster, modes }, back)
    }

    /// What the revisions wrote down, in order.
    pub(crate) async fn log(&self) -> Vec<String> {
        self.texts("SELECT what FROM public.log ORDER BY n").await
    }

    pub(crate) async fn texts(&self, sql: &'static str) -> Vec<String> {
        let mut session = self.cluster.session("rlsgate", DATABASE).await;
        sqlx::query_scalar(sql).fetch_all(&mut session).await.unwrap()
    }

    /// Tables of the schema `public`, in order.
    pub(crate) async fn tables(&self) -> Vec<String> {
        self.texts("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").await
    }
}

/// A revision that nothing undoes stops the way back, and is named.
pub(crate) fn stuck(back: Result<Vec<TransactionMode>, String>, revision: &str) {
    let message = back.expect_err("nothing undoes it");
    assert!(
        message.contains(&format!("revision {revision} of chain")) && message.contains("nothing undoes"),
        "{message}"
    );
}
