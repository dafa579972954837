//! Runs that are let meet: the tables that the revision writes are closed to writers until everybody has read what there is
//! and wants to write. What only happens now and then by itself happens each time.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;

use crate::Error;
use crate::catalog::QName;
use crate::fidelity::fixture::{Sandbox, close, refused, run};

/// How long the first one waits for the others, at most.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long nobody may come, before the gate is opened for whoever does not write to these tables.
const NOBODY: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);

/// Tables closed to writers.
#[derive(Debug)]
pub struct Gate {
    holder: PgConnection,
    watcher: PgConnection,
    owner: String,
}

impl Gate {
    /// Closes `tables`. SHARE lets readers pass (PostgreSQL docs, "Explicit Locking").
    ///
    /// # Errors
    /// [`Error::Environment`] with what the server said.
    pub async fn close(sandbox: &Sandbox<'_>, tables: &[QName]) -> Result<Self, Error> {
        let mut holder = sandbox.witness().await?;
        let watcher = sandbox.superuser().await?;
        run(&mut holder, "BEGIN").await?;
        if !tables.is_empty() {
            let names = tables.iter().map(QName::sql).collect::<Vec<_>>().join(", ");
            run(&mut holder, &format!("LOCK TABLE {names} IN SHARE MODE")).await?;
        }
        Ok(Self { holder, watcher, owner: sandbox.owner().to_owned() })
    }

    /// Waits until `wanted` sessions of the chain's owner wait for a lock and `ready` says so, or for as long as makes sense,
    /// or `over`; then opens.
    ///
    /// # Errors
    /// As [`Gate::close`].
    pub async fn open_when(
        mut self,
        wanted: usize,
        ready: impl Fn() -> bool + Send,
        over: impl Fn() -> bool + Send,
    ) -> Result<(), Error> {
        let begun = Instant::now();
        let mut first: Option<Instant> = None;
        while !over() {
            let waiting = self.waiting().await?;
            if waiting > 0 && first.is_none() {
                first = Some(Instant::now());
            }
            let enough = waiting >= wanted && ready();
            if enough || first.map_or(begun.elapsed() > NOBODY, |first| first.elapsed() > PATIENCE) {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        run(&mut self.holder, "COMMIT").await?;
        close(self.holder).await;
        close(self.watcher).await;
        Ok(())
    }

    async fn waiting(&mut self) -> Result<usize, Error> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
             WHERE NOT l.granted AND a.datname = current_database() AND a.usename = $1",
        )
        .bind(&self.owner)
        .fetch_one(&mut self.watcher)
        .await
        .map_err(|error| refused(&error))?;
        Ok(usize::try_from(count).unwrap_or_default())
    }
}
