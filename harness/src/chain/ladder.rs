//! A database that is taken up and down a chain, one revision at a time.
//!
//! SQL runs on a login session of the owner's: on a superuser session that became the owner, code of the chain could go
//! back (RESET ROLE).

mod programs;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use super::applied::AppliedRevision;
use super::connect::{Connect, open, open_superuser, refused};
use super::interpreter::Tool;
use super::privileged::Exempt;
use super::revision::{Revision, RevisionStep};
use super::runner::Runner;
use super::script::{Script, TransactionMode};
use super::watch::Watch;
use super::{Chain, bookkeeping, ground, guard};
use crate::Error;

/// A database, and how far up a chain it is.
///
/// After a step that failed the database may be anywhere between two revisions: throw it away.
pub struct Ladder<'a> {
    chain: &'a Chain,
    server: &'a dyn Connect,
    database: &'a str,
    at: usize,
    standing: guard::Standing,
    session: Option<PgConnection>,
    tool: Tool,
    goal: Option<usize>,
    stopped_at: Option<(PathBuf, u32)>,
}

/// Which way a revision goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    /// The last applied revision, as if it were not applied yet.
    Again,
    /// The project's own tool, where nothing is left to do.
    Tool,
    Down,
}

impl<'a> Ladder<'a> {
    /// Prepares the empty database `database` for `chain`: preludes, owner, and the guard against the chain's rising above
    /// its owner. No revision is applied.
    ///
    /// # Errors
    /// [`Error::Usage`] where the chain has several heads; [`Error::Environment`] where a prelude does not apply, or the owner
    /// could become a superuser.
    pub async fn stand(chain: &'a Chain, server: &'a dyn Connect, database: &'a str) -> Result<Self, Error> {
        chain.one_head()?;
        ground::prepare(chain, server, database).await?;
        let standing = guard::raise(server, database, chain.owner()).await?;
        bookkeeping::lay(chain, server, database).await?;
        Ok(Self {
            chain,
            server,
            database,
            at: 0,
            standing,
            session: None,
            tool: Tool::Unused,
            goal: None,
            stopped_at: None,
        })
    }

    /// Goes on in a database that has `at` revisions: a clone of one that was brought there.
    ///
    /// # Errors
    /// [`Error::Environment`] where the owner could become a superuser.
    pub async fn resume(
        chain: &'a Chain,
        server: &'a dyn Connect,
        database: &'a str,
        at: usize,
    ) -> Result<Self, Error> {
        let standing = guard::raise(server, database, chain.owner()).await?;
        Ok(Self {
            chain,
            server,
            database,
            at,
            standing,
            session: None,
            tool: Tool::Unused,
            goal: None,
            stopped_at: None,
        })
    }

    /// The same, for somebody who wants `goal` revisions applied and no fewer: a failure says how many were not run.
    pub(crate) const fn towards(mut self, goal: usize) -> Self {
        self.goal = Some(goal);
        self
    }

    /// How many revisions are applied.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// File and line of the statement that failed, where it was one.
    #[must_use]
    pub fn stopped_at(&self) -> Option<(&Path, u32)> {
        self.stopped_at.as_ref().map(|(path, line)| (path.as_path(), *line))
    }

    /// Applies the next revision; `watch` is told of each statement, where it is SQL.
    ///
    /// # Errors
    /// [`Error::Environment`] where it fails, with the statement and the server's message, or where there is none.
    pub async fn up(&mut self, watch: Option<&mut dyn Watch>) -> Result<AppliedRevision, Error> {
        let revision = self.chain.revisions.get(self.at).ok_or_else(|| self.no_revision("to apply"))?;
        let applied = self.step(revision, &revision.up, Direction::Up, watch).await?;
        tracing::debug!(database = self.database, revision = revision.id, took = ?applied.elapsed, "applied a revision");
        self.at += 1;
        Ok(applied)
    }

    /// Takes the last applied revision back. One that leaves nothing to undo in the catalog (`catalog_neutral`) may lack
    /// a file that does.
    ///
    /// # Errors
    /// [`Error::Environment`] where it fails, with the statement and the server's message, or cannot be taken back.
    pub async fn down(&mut self) -> Result<AppliedRevision, Error> {
        self.down_watched(None).await
    }

    /// The same; `watch` is told of each statement, where it is SQL.
    ///
    /// # Errors
    /// As [`Ladder::down`].
    pub async fn down_watched(&mut self, watch: Option<&mut dyn Watch>) -> Result<AppliedRevision, Error> {
        let revision = self.last("to take back")?;
        if let Some(why) = revision.stuck() {
            return Err(Error::environment(
                format!("{}: it {why}", self.fails(revision, Direction::Down)),
                "stay above this revision, or add a file that undoes it",
            ));
        }
        let undone = match &revision.down {
            Some(down) => self.step(revision, down, Direction::Down, watch).await?,
            None => nothing_to_run(revision),
        };
        tracing::debug!(database = self.database, revision = revision.id, took = ?undone.elapsed, "reverted a revision");
        self.at -= 1;
        Ok(undone)
    }

    /// Runs the last applied revision once more, as it was run the first time: a tool that keeps an account is made to
    /// forget that it did.
    ///
    /// # Errors
    /// As [`Ladder::up`].
    pub async fn again(&mut self) -> Result<AppliedRevision, Error> {
        let revision = self.last("to run again")?;
        self.step(revision, &revision.up, Direction::Again, None).await
    }

    /// Runs the project's own tool once more at the last revision, as a deployment does that brings nothing new.
    ///
    /// # Errors
    /// As [`Ladder::up`]; where the harness applies the files itself, there is no tool.
    pub async fn tool_again(&mut self) -> Result<AppliedRevision, Error> {
        let revision = self.last("to run the tool at")?;
        self.alembic(revision, Direction::Tool).await
    }

    /// Lets the project's own tool be loaded anew before its next step: what hangs on the order of a set, say, comes out
    /// otherwise in another interpreter.
    pub(crate) fn load_anew(&mut self) {
        self.tool = Tool::Unused;
    }

    /// Whether nobody has risen so far; before anything but the chain runs in the database.
    ///
    /// # Errors
    /// [`Error::Environment`] where the chain made somebody a superuser, or able to run programs or touch files.
    pub async fn check(&self) -> Result<(), Error> {
        guard::check(self.server, self.database, &self.standing).await
    }

    /// Closes the chain's session, and checks the guard again.
    ///
    /// # Errors
    /// As [`Ladder::check`].
    pub async fn finish(mut self) -> Result<(), Error> {
        if let Some(session) = self.session.take() {
            session.close().await.map_err(refused("closing the chain's session"))?;
        }
        self.check().await
    }

    async fn step(
        &mut self,
        revision: &Revision,
        step: &RevisionStep,
        way: Direction,
        watch: Option<&mut dyn Watch>,
    ) -> Result<AppliedRevision, Error> {
        match step {
            RevisionStep::Sql(script) => self.sql(revision, script, way, watch).await,
            RevisionStep::Command(command) => self.command(revision, command, way).await,
            RevisionStep::Alembic(_) => self.alembic(revision, way).await,
        }
    }

    fn schema(&self) -> &'a str {
        self.chain.schemas().next().unwrap_or("public")
    }

    async fn sql(
        &mut self,
        revision: &Revision,
        script: &Script,
        way: Direction,
        watch: Option<&mut dyn Watch>,
    ) -> Result<AppliedRevision, Error> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => open(self.server, self.chain.owner(), self.database, &self.chain.search_path()).await?,
        };
        let runner = Runner {
            timeout: revision.timeout,
            one_by_one: revision.settings.transaction.is_some(),
            exempt: self.chain.schemas().next().map(|schema| Exempt {
                server: self.server,
                database: self.database,
                schema,
            }),
        };
        let started = Instant::now();
        let ran = match runner.run_watched(&mut session, script, watch).await {
            Ok(ran) => ran,
            Err(failure) => {
                self.stopped_at = Some((failure.diagnostic.path.clone(), failure.diagnostic.line()));
                if failure.timed_out {
                    self.stop_sessions().await?;
                }
                return Err(failure.into_error(&self.fails(revision, way)));
            }
        };
        let elapsed = started.elapsed();
        forget(&mut session).await?;
        self.session = Some(session);
        let (mode, exempted) = (ran.mode, ran.exempted);
        Ok(AppliedRevision { id: revision.id.clone(), mode, exempted, output: String::new(), elapsed })
    }

    /// Ends what the chain has at work: a statement that ran out of time, or whose program was killed, goes on and holds
    /// its locks.
    async fn stop_sessions(&self) -> Result<(), Error> {
        let mut connection = open_superuser(self.server, self.database).await?;
        sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND datname = $2")
            .bind(self.chain.owner())
            .bind(self.database)
            .execute(&mut connection)
            .await
            .map(|_| ())
            .map_err(refused("stopping a revision that ran out of time"))
    }

    fn last(&self, what: &str) -> Result<&'a Revision, Error> {
        let last = self.at.checked_sub(1).and_then(|last| self.chain.revisions.get(last));
        last.ok_or_else(|| self.no_revision(what))
    }

    fn fails(&self, revision: &Revision, way: Direction) -> String {
        let what = match way {
            Direction::Up => "does not apply",
            Direction::Again | Direction::Tool => "cannot be run a second time",
            Direction::Down => "cannot be downgraded",
        };
        let later = match self.goal.map_or(0, |goal| goal.saturating_sub(self.at + 1)) {
            0 => String::new(),
            1 => "; 1 later revision was not run".to_owned(),
            n => format!("; {n} later revisions were not run"),
        };
        format!("revision {} of chain {} {what}{later}", revision.id, self.chain.dir.display())
    }

    fn no_revision(&self, what: &str) -> Error {
        let message = format!("chain {} has no further revision {what}", self.chain.dir.display());
        Error::environment(message, format!("{} of its {} are applied", self.at, self.chain.revisions.len()))
    }
}

impl fmt::Debug for Ladder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ladder")
            .field("chain", &self.chain.dir)
            .field("database", &self.database)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// Takes back what a script did to its session: role, settings (`search_path` among them), temporary tables, locks.
async fn forget(session: &mut PgConnection) -> Result<(), Error> {
    for sql in ["RESET ROLE", "DISCARD ALL"] {
        sqlx::raw_sql(sql).execute(&mut *session).await.map_err(refused("resetting the session after a file"))?;
    }
    Ok(())
}

/// A revision that leaves nothing to undo was taken back.
fn nothing_to_run(revision: &Revision) -> AppliedRevision {
    AppliedRevision {
        id: revision.id.clone(),
        mode: TransactionMode::OneTransaction,
        exempted: Vec::new(),
        output: String::new(),
        elapsed: Duration::ZERO,
    }
}
