//! Statements of which only the answer counts: those of people, and of the harness where nobody asks for rows that were written.

use super::attempt::{Attempt, Before};
use super::direct::run_all;
use super::error::{AttemptError, StatementResult};
use super::frame::{AFTER, BACK, SAVEPOINT, frame, impersonated, still_impersonated};
use super::scratch_clone;
use super::worker::Worker;
use crate::actor::Identity;
use crate::pg::batch::{Batch, Mark};
use crate::pg::session::ResultSet;

impl Worker {
    /// Impersonates `identity` after `setup` ran as the witness role, and runs statements; what came of the last. The savepoint stands
    /// before it.
    pub(crate) async fn statements(
        &mut self,
        identity: &Identity,
        setup: &[String],
        statements: &[String],
    ) -> Result<Attempt<'_>, AttemptError> {
        if identity.login.is_some() && !setup.is_empty() {
            let tried = scratch_clone::statements(self, identity, setup, statements).await?;
            return Ok(Attempt::new(self, Before::Elsewhere, tried));
        }
        let before = if identity.login.is_some() { Before::Elsewhere } else { Before::Savepoint };
        let tried = match statements {
            [only] => self.at_once(identity, setup, only).await?,
            _ => None,
        };
        let tried = match tried {
            Some(tried) => tried,
            None => self.one_by_one(identity, setup, statements).await?,
        };
        Ok(Attempt::new(self, before, tried))
    }

    /// A single statement, in one message with all that is before and after it; `None` where nothing of it was run: a message
    /// that does not parse is refused as a whole, and what is misspelt is not to be taken for the harness's.
    async fn at_once(
        &mut self,
        identity: &Identity,
        setup: &[String],
        sql: &str,
    ) -> Result<Option<StatementResult>, AttemptError> {
        let mut script = frame(identity, setup, &self.world.roles.witness, "");
        script.push(Mark::Frame, SAVEPOINT).push(Mark::Try, sql);
        script.push(Mark::Constraints, "SET CONSTRAINTS ALL IMMEDIATE").push(Mark::After, AFTER);
        let reply = match &identity.login {
            None => self.session_for(identity).await?.batch_of(script.lasting(), script.sql()).await?,
            Some(role) => {
                let mut own = self.fresh(Some(role)).await?;
                let reply = own.batch_of(script.lasting(), script.sql()).await?;
                own.close().await;
                reply
            }
        };
        if reply.results.is_empty() && reply.error.is_some() {
            return Ok(None);
        }
        let mut outcome = script.outcome(reply);
        impersonated(identity, &outcome)?;
        match outcome.stopped.take() {
            Some((Mark::Try | Mark::Constraints, error)) => return Ok(Some(Err(error))),
            Some((_, error)) => return Err(AttemptError::Escaped(error.line())),
            None => {}
        }
        still_impersonated(identity, outcome.last(Mark::After))?;
        Ok(Some(Ok(outcome.take(Mark::Try).unwrap_or_default())))
    }

    async fn one_by_one(
        &mut self,
        identity: &Identity,
        setup: &[String],
        statements: &[String],
    ) -> Result<StatementResult, AttemptError> {
        let mut script = frame(identity, setup, &self.world.roles.witness, "");
        let mut login;
        let session = match &identity.login {
            None => self.session_for(identity).await?,
            Some(role) => {
                login = self.fresh(Some(role)).await?;
                &mut login
            }
        };
        // Moved on where statements come before the last.
        script.push(Mark::Frame, SAVEPOINT);
        let outcome = script.outcome(session.batch_of(script.lasting(), script.sql()).await?);
        impersonated(identity, &outcome)?;
        let Some((last, before)) = statements.split_last() else { return Ok(Ok(ResultSet::default())) };
        if !before.is_empty() {
            if let Err(error) = run_all(session, before).await? {
                return Err(AttemptError::Step { step: "a statement before the last", error: Box::new(error) });
            }
            if let Some(error) = session.batch(SAVEPOINT).await?.error {
                return Err(AttemptError::Escaped(error.line()));
            }
        }
        let tried = run_all(session, std::slice::from_ref(last)).await?;
        let mut script = Batch::default();
        match &tried {
            Ok(_) => script.push(Mark::Constraints, "SET CONSTRAINTS ALL IMMEDIATE").push(Mark::After, AFTER),
            Err(_) => script.push(Mark::Frame, BACK),
        };
        let outcome = script.outcome(session.batch_of(script.lasting(), script.sql()).await?);
        match outcome.stopped {
            Some((Mark::Constraints, error)) => return Ok(Err(error)),
            Some((_, error)) => return Err(AttemptError::Escaped(error.line())),
            None => {}
        }
        if tried.is_ok() {
            still_impersonated(identity, outcome.last(Mark::After))?;
        }
        Ok(tried)
    }
}
