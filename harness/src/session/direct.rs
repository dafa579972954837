//! Statements on a session that the caller holds.

use super::error::{AttemptError, StatementResult};
use super::frame::{AFTER, as_role, frame, impersonated, is_unwritten, still_impersonated, unwritten};
use crate::actor::Identity;
use crate::pg::batch::{Batch, Mark};
use crate::pg::session::{ResultSet, Session};

/// Tries a read on a session, in a transaction that the next use rolls back.
pub(crate) async fn read_on(
    session: &mut Session,
    identity: &Identity,
    sql: &str,
) -> Result<StatementResult, AttemptError> {
    Ok(look_on(session, identity, sql).await?.0)
}

/// The same, and whether nothing was written by it: without a transaction id nothing was (PostgreSQL docs, "Transaction ID
/// and Snapshot Information Functions").
pub(crate) async fn look_on(
    session: &mut Session,
    identity: &Identity,
    sql: &str,
) -> Result<(StatementResult, bool), AttemptError> {
    let mut script = frame(identity, &[], "", "");
    script.push(Mark::Try, sql).push(Mark::After, &unwritten());
    let mut outcome = script.outcome(session.batch_of(script.lasting(), script.sql()).await?);
    impersonated(identity, &outcome)?;
    match outcome.stopped.take() {
        None => {
            let after = outcome.last(Mark::After);
            still_impersonated(identity, after)?;
            let unwritten = is_unwritten(after);
            Ok((Ok(outcome.take(Mark::Try).unwrap_or_default()), unwritten))
        }
        Some((Mark::Try, error)) => Ok((Err(error), false)),
        Some((_, error)) => Err(AttemptError::Escaped(error.line())),
    }
}

pub(crate) async fn run_all(session: &mut Session, statements: &[String]) -> Result<StatementResult, AttemptError> {
    let mut last = ResultSet::default();
    for sql in statements {
        let mut reply = session.batch(sql).await?;
        if let Some(error) = reply.error {
            return Ok(Err(error));
        }
        last = reply.results.pop().unwrap_or_default();
    }
    Ok(Ok(last))
}

/// Runs statements as the witness role, in a transaction that the next use rolls back.
pub(crate) async fn harness_on(
    session: &mut Session,
    witness: &str,
    statements: &[String],
) -> Result<StatementResult, AttemptError> {
    let mut script = Batch::default();
    script.push(Mark::Frame, "ROLLBACK").push(Mark::Frame, "BEGIN").push(Mark::Frame, &as_role(witness));
    let opened = script.outcome(session.batch_of(script.lasting(), script.sql()).await?);
    if let Some((_, error)) = opened.stopped {
        return Err(AttemptError::Step { step: "becoming the witness role", error: Box::new(error) });
    }
    run_all(session, statements).await
}

/// Becomes `identity`, runs statements one by one and commits; rolls back where one is refused.
pub(crate) async fn commit_on(
    session: &mut Session,
    identity: &Identity,
    statements: &[String],
) -> Result<StatementResult, AttemptError> {
    let script = frame(identity, &[], "", "");
    let outcome = script.outcome(session.batch_of(script.lasting(), script.sql()).await?);
    impersonated(identity, &outcome)?;
    let tried = run_all(session, statements).await?;
    if tried.is_ok() {
        let mut after = session.batch(AFTER).await?;
        still_impersonated(identity, after.results.pop().as_ref())?;
    }
    let end = if tried.is_ok() { "COMMIT" } else { "ROLLBACK" };
    // A deferred constraint speaks at COMMIT.
    match session.batch(end).await?.error {
        Some(error) if tried.is_ok() => Ok(Err(error)),
        _ => Ok(tried),
    }
}

/// Reads as `identity` and commits, so that what outlives a transaction shows on the connection; tells whether it did:
/// not where something was written, which no clone but one of its own may keep.
pub(crate) async fn read_and_commit(
    session: &mut Session,
    identity: &Identity,
    sql: &str,
    whatever: bool,
) -> Result<(StatementResult, bool), AttemptError> {
    let (tried, unwritten) = look_on(session, identity, sql).await?;
    let commits = tried.is_ok() && (whatever || unwritten);
    session.batch(if commits { "COMMIT" } else { "ROLLBACK" }).await?;
    Ok((tried, commits))
}
