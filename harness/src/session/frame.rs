//! What stands around a statement that is tried: the transaction, the actor impersonated and read back, the savepoint.

use crate::actor::Identity;
use crate::pg::batch::{Batch, BatchOutcome, Mark};
use crate::pg::session::ResultSet;
use crate::session::error::AttemptError;
use crate::sql::quote;

pub(crate) const SAVEPOINT: &str = "SAVEPOINT rlsgate_try";
pub(crate) const BACK: &str = "ROLLBACK TO SAVEPOINT rlsgate_try";
/// A setting local to the transaction: gone if the statement ended it.
pub(crate) const AFTER: &str = "SELECT current_user, pg_catalog.current_setting('rlsgate.transaction', true)";

/// [`AFTER`], and whether nothing was written since the transaction began.
pub(crate) fn unwritten() -> String {
    format!("{AFTER}, pg_catalog.pg_current_xact_id_if_assigned() IS NULL")
}

/// What [`unwritten`] answered.
pub(crate) fn is_unwritten(after: Option<&ResultSet>) -> bool {
    after.and_then(|result| result.rows.first()?.last()?.as_deref()) == Some("t")
}

pub(crate) fn as_role(role: &str) -> String {
    format!("SET LOCAL ROLE {}", quote::ident(role))
}

/// The start of every transaction: the last one ended, `setup` as the witness role, the actor become and read back. `also`
/// is asked for with the readback, as its last column.
pub(crate) fn frame(identity: &Identity, setup: &[String], witness: &str, also: &str) -> Batch {
    let mut script = Batch::default();
    script.push(Mark::Frame, "ROLLBACK").push(Mark::Frame, "BEGIN");
    if !setup.is_empty() {
        script.push(Mark::Frame, &as_role(witness));
        for sql in setup {
            script.push(Mark::Setup, sql);
        }
        script.push(Mark::Frame, "RESET ROLE");
    }
    script.push(Mark::Impersonate, &format!("SELECT {}", identity.impersonation(("rlsgate.transaction", "open"))));
    for sql in &identity.calls {
        script.push(Mark::Call, sql);
    }
    let also = if also.is_empty() { String::new() } else { format!(", {also}") };
    script.push(Mark::Readback, &format!("{}{also}", identity.readback()));
    script
}

/// Whether the actor was become, before anything is made of what followed.
pub(crate) fn impersonated(identity: &Identity, outcome: &BatchOutcome) -> Result<(), AttemptError> {
    let actor = identity.name.clone();
    match &outcome.stopped {
        Some((Mark::Frame, error)) => {
            return Err(AttemptError::Step { step: "opening a transaction", error: Box::new(error.clone()) });
        }
        Some((Mark::Setup, error)) => return Err(AttemptError::Step { step: "setup", error: Box::new(error.clone()) }),
        Some((Mark::Call, error)) => return Err(AttemptError::Setter { actor, error: Box::new(error.clone()) }),
        Some((Mark::Impersonate | Mark::Readback, error)) => {
            return Err(AttemptError::NotImpersonated { actor, why: error.line() });
        }
        _ => {}
    }
    let row = outcome.last(Mark::Readback).and_then(|result| result.rows.first());
    let Some(row) = row else {
        return Err(AttemptError::NotImpersonated { actor, why: "nothing was read back".into() });
    };
    identity.mismatch(row).map_or(Ok(()), |why| Err(AttemptError::NotImpersonated { actor, why }))
}

/// Whether transaction and role are still those of the actor.
pub(crate) fn still_impersonated(identity: &Identity, after: Option<&ResultSet>) -> Result<(), AttemptError> {
    let row = after.and_then(|result| result.rows.first()).map(Vec::as_slice);
    match row {
        Some([Some(user), Some(open), ..]) if open == "open" && user == identity.effective_role() => Ok(()),
        Some([Some(user), Some(open), ..]) if open == "open" => Err(AttemptError::Escaped(format!(
            "current_user is `{user}` after it, not `{}`",
            identity.effective_role()
        ))),
        _ => Err(AttemptError::Escaped("it ended the transaction".into())),
    }
}
