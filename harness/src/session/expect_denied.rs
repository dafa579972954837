//! Statements of which nothing should come, tried without the looks before and after them that tell what a write did, and
//! where it can be in one message with the try of the witness role that makes a denial count.

use std::collections::BTreeMap;

use super::attempt::{Attempt, Before};
use super::error::AttemptError;
use super::frame::{BACK, SAVEPOINT, as_role, frame, impersonated, is_unwritten, still_impersonated, unwritten};
use super::worker::Worker;
use crate::actor::Identity;
use crate::pg::batch::{BatchOutcome, Mark};

/// When the witness role tries its statement.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Proof<'a> {
    /// When it is asked to.
    Later,
    /// Before: the denial to come is an error, which ends a message.
    Before(&'a str),
    /// After: the denial to come is that nothing is found.
    After(&'a str),
}

impl Worker {
    /// Tries a statement that should be refused, or find nothing. Where it has written something after all, it is tried
    /// again as [`Worker::write`] does, which sees what. What the witness role gave is there when [`Attempt::witness`] asks
    /// for it.
    pub(crate) async fn denied(
        &mut self,
        identity: &Identity,
        sql: &str,
        predicates: &BTreeMap<u32, Vec<String>>,
        proof: Proof<'_>,
    ) -> Result<Attempt<'_>, AttemptError> {
        if identity.login.is_some() {
            return self.write(identity, &[], sql, predicates).await;
        }
        let mut outcome = self.message(identity, sql, proof).await?;
        let mut refused = None;
        if let Proof::Before(witness) = proof
            && let Some((_, error)) = outcome.stopped.take_if(|(mark, _)| *mark == Mark::Proof)
        {
            refused = Some((witness.to_owned(), Err(error)));
            outcome = self.message(identity, sql, Proof::Later).await?;
        }
        impersonated(identity, &outcome)?;
        let mut proved = None;
        if let Proof::Before(witness) | Proof::After(witness) = proof {
            let tried = match outcome.stopped.take_if(|(mark, _)| *mark == Mark::Proof) {
                Some((_, error)) => Some(Err(error)),
                None => outcome.take(Mark::Proof).map(Ok),
            };
            proved = refused.or_else(|| tried.map(|tried| (witness.to_owned(), tried)));
        }
        match outcome.stopped.take() {
            Some((Mark::Try | Mark::Constraints, error)) => {
                return Ok(Attempt::new(self, Before::Savepoint, Err(error)).proved(proved));
            }
            Some((_, error)) => return Err(AttemptError::Escaped(error.line())),
            None => {}
        }
        let after = outcome.last(Mark::After);
        still_impersonated(identity, after)?;
        // After the witness role's try there is a transaction id in any case: what is not denied is looked at again.
        if !is_unwritten(after) {
            return self.write(identity, &[], sql, predicates).await;
        }
        let result = outcome.take(Mark::Try).unwrap_or_default();
        Ok(Attempt::new(self, Before::Savepoint, Ok(result)).proved(proved))
    }

    async fn message(
        &mut self,
        identity: &Identity,
        sql: &str,
        proof: Proof<'_>,
    ) -> Result<BatchOutcome, AttemptError> {
        let as_witness = as_role(&self.world.roles.witness);
        let mut script = frame(identity, &[], "", "");
        script.push(Mark::Frame, SAVEPOINT);
        if let Proof::Before(witness) = proof {
            script.push(Mark::Frame, &as_witness).push(Mark::Proof, witness).push(Mark::Frame, BACK);
        }
        script.push(Mark::Try, sql);
        script.push(Mark::Constraints, "SET CONSTRAINTS ALL IMMEDIATE");
        script.push(Mark::After, &unwritten());
        if let Proof::After(witness) = proof {
            script.push(Mark::Frame, BACK).push(Mark::Frame, &as_witness).push(Mark::Frame, SAVEPOINT);
            script.push(Mark::Proof, witness);
        }
        Ok(script.outcome(self.session_for(identity).await?.batch_of(script.lasting(), script.sql()).await?))
    }
}
