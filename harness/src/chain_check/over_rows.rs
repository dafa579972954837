//! From empty again, with rows: what the manifest's `seed_at` puts in, every later revision meets.

use sqlx::Connection as _;

use super::subject::Subject;
use super::trace::{Scope, locks::Locks, rows};
use crate::Error;
use crate::chain::connect::open_superuser;
use crate::chain::{Ladder, RevisionStep};
use crate::chain_check::observations::{Failed, Observations, OverRows};
use crate::chain_check::walk_up::{Second, again};
use crate::instance::Request;
use crate::provision::EmptyDatabase;

/// Walks the chain over rows; nothing where it names none.
///
/// # Errors
/// [`Error::Environment`] where there is no server, or the server fails; what the chain does wrong is in what was seen.
pub(super) async fn over_rows(subject: &Subject, request: &Request) -> Result<Observations, Error> {
    let bare = EmptyDatabase::open(request, &subject.chain).await?;
    let (major, server) = (bare.instance().facts().major, bare.server());
    let mut seen = Observations { major, server, ..Observations::default() };
    if let Err(error) = walk(subject, &bare, &mut seen).await {
        return Err(bare.stop_after(error).await);
    }
    bare.stop(&subject.chain).await?;
    Ok(seen)
}

async fn walk(subject: &Subject, bare: &EmptyDatabase, seen: &mut Observations) -> Result<(), Error> {
    let mut ladder = Ladder::stand(&subject.chain, bare.instance(), bare.database()).await?;
    let mut session = open_superuser(bare.instance(), bare.database()).await?;
    let scope = Scope::of(&subject.chain, &mut session).await?;
    for (n, revision) in subject.revisions() {
        let seeded = subject.seeded_before(n);
        let held = if seeded { rows::holding(&mut session, &scope).await? } else { std::collections::BTreeSet::new() };
        let mut locks = Locks::on(&mut session, &scope).await?;
        let tried = ladder.up(seeded.then_some(&mut locks)).await;
        let Locks { taken, alone, failure, .. } = locks;
        if let Some(failure) = failure {
            return Err(failure);
        }
        let up = tried.map_err(|error| Failed::of(&error, &ladder));
        let stopped = up.is_err();
        let locks = matches!(revision.up, RevisionStep::Sql(_)).then_some(taken);
        let mut over = OverRows { up, held, locks, alone, again: None, seeded };
        if !stopped && seeded && revision.settings.idempotent == Some(true) {
            over.again = Some(again(&mut ladder, &mut session, &scope, Second::OfRevision).await?);
        }
        let again_failed = over.again.as_ref().is_some_and(|again| again.tried.is_err());
        seen.over_rows.push(over);
        if stopped {
            seen.over_rows_stopped = format!("revision {} does not apply over rows", revision.id);
            return Ok(());
        }
        if again_failed {
            seen.over_rows_stopped = format!("revision {} cannot be run a second time over rows", revision.id);
            return Ok(());
        }
        if let Some(seed) = subject.seeds.get(&n) {
            // Code of the chain runs for the rows.
            ladder.check().await?;
            let before = rows::versions(&mut session, &scope).await?;
            if let Err(error) = bare.seed(seed, &subject.chain).await {
                seen.over_rows_stopped = error.to_string();
                return Ok(());
            }
            if !rows::grew(&before, &rows::versions(&mut session, &scope).await?) {
                seen.over_rows_stopped =
                    format!("{} puts in no row: what comes after it meets none", seed.path.display());
                return Ok(());
            }
        }
    }
    drop(session.close().await);
    ladder.finish().await
}
