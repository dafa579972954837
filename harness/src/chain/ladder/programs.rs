//! Steps of a ladder that a program takes: a command of the chain's, or the project's own Alembic.

use std::time::Instant;

use super::{Direction, Ladder};
use crate::Error;
use crate::chain::address::Address;
use crate::chain::alembic;
use crate::chain::applied::AppliedRevision;
use crate::chain::command::ProgramRevision;
use crate::chain::layout::alembic::Project;
use crate::chain::output::{cause, last_lines};
use crate::chain::program::Ended;
use crate::chain::revision::Revision;
use crate::chain::script::TransactionMode;
use crate::text::printable;

impl Ladder<'_> {
    /// Where programs find the database.
    fn address(&self) -> Address {
        Address::of(self.chain.owner(), &self.chain.search_path(), self.server, self.database)
    }

    pub(super) async fn command(
        &mut self,
        revision: &Revision,
        command: &ProgramRevision,
        way: Direction,
    ) -> Result<AppliedRevision, Error> {
        let address = self.address();
        let started = Instant::now();
        let ended = command.run(&address, self.schema(), revision.timeout).await;
        let ended = ended.map_err(|error| self.cannot_run(revision, way, error))?;
        let what = command.words();
        self.of_program(revision, way, started, &address, &what, ended).await
    }

    pub(super) async fn alembic(&mut self, revision: &Revision, way: Direction) -> Result<AppliedRevision, Error> {
        let Some(project) = &self.chain.project else {
            return Err(Error::defect("a revision of Alembic's is in no project"));
        };
        let below = self.at.saturating_sub(1);
        let before = self.chain.revisions.get(..below).unwrap_or_default();
        let (applied, moves) = match way {
            Direction::Up => (self.at + 1, vec![Project::upgrade(revision)]),
            Direction::Again => (self.at, vec![project.forget(before), Project::upgrade(revision)]),
            Direction::Tool => (self.at, vec![Project::upgrade_all()]),
            Direction::Down => (below, vec![project.downgrade(revision)]),
        };
        let address = self.address();
        let (schema, limit, started) = (self.schema(), revision.timeout, Instant::now());
        let mut moved = None;
        let mut what = String::new();
        for arguments in &moves {
            let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let ended = project.run(&mut self.tool, &words, &address, schema, limit).await;
            let ended = ended.map_err(|error| self.cannot_run(revision, way, error))?;
            what = format!("alembic {}", arguments.join(" "));
            moved = Some(self.of_program(revision, way, started, &address, &what, ended).await?);
        }
        let moved = moved.ok_or_else(|| self.no_revision("to move to"))?;
        if !alembic::was_here(self.server, self.database).await? {
            return Err(Error::environment(
                format!(
                    "{}: `{what}` succeeded, and wrote nothing to the database of the run",
                    self.fails(revision, way)
                ),
                "env.py must take its URL from the environment: hand it over with `env` under [alembic] in chain.toml",
            ));
        }
        let applied = self.chain.revisions.get(..applied).unwrap_or_default();
        match alembic::astray(project, &mut self.tool, applied, &address, schema, limit).await? {
            None => Ok(moved),
            Some(astray) => Err(Error::environment(
                format!("{}: after `{what}`, {}", self.fails(revision, way), address.without_secrets(&astray)),
                "look at `alembic history`: the revision before it must be its `down_revision`",
            )),
        }
    }

    /// What came of a program that is a revision.
    async fn of_program(
        &self,
        revision: &Revision,
        way: Direction,
        started: Instant,
        address: &Address,
        what: &str,
        ended: Ended,
    ) -> Result<AppliedRevision, Error> {
        let output = address.without_secrets(&ended.output);
        let Some(failure) = ended.failure else {
            let (id, mode, elapsed) = (revision.id.clone(), TransactionMode::OfProgram, started.elapsed());
            return Ok(AppliedRevision { id, mode, exempted: Vec::new(), output, elapsed });
        };
        self.stop_sessions().await?;
        let help = if ended.timed_out {
            "raise its `timeout`, or look at what it waits for"
        } else {
            "correct the program; its transaction, if it had one open, is rolled back"
        };
        let (head, shown) = (self.fails(revision, way), last_lines(&output));
        let why = cause(&output).filter(|_| !ended.timed_out).map(|line| format!(": {line}")).unwrap_or_default();
        let message = format!("{head}: `{what}` {failure}{why}\nits output ends with:\n{shown}");
        Err(Error::environment(printable(&message), help))
    }

    fn cannot_run(&self, revision: &Revision, way: Direction, error: Error) -> Error {
        Error::environment(format!("{}: {error}", self.fails(revision, way)), error.help())
    }
}
