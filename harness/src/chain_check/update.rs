//! `rlsgate chain --update`: the lock file of a chain as it is now.

use std::path::PathBuf;

use super::check::Walk;
use super::subject::Subject;
use crate::Error;
use crate::chain::lock::ChainLock;
use crate::chain_check::walk_up::climb;
use crate::instance::Request;

/// Applies the chain on a server of its own, and writes what was released and what it makes to its lock file. Says
/// which file that is, and whether it changed.
///
/// # Errors
/// [`Error::Environment`] where there is no server, or the chain does not apply: nothing is written then.
pub async fn update(subject: &mut Subject, request: &Request) -> Result<(PathBuf, bool), Error> {
    let seen = climb(subject, request, &[Walk::Up]).await?;
    let failed = seen.rungs.iter().find_map(|rung| rung.up.as_ref().err());
    if let Some(failed) = failed {
        return Err(Error::environment(failed.message.clone(), "the lock file was left as it is"));
    }
    let path = subject.lock_path();
    let made = seen.made().filter(|_| seen.stopped.is_empty());
    let made = made.ok_or_else(|| Error::environment("the catalog was not read", "the lock file was left as it is"))?;
    let lock = ChainLock::of(&subject.chain, made);
    let changed = subject.lock.as_ref() != Some(&lock);
    if changed {
        lock.write(&path)?;
    }
    subject.lock = Some(lock);
    Ok((path, changed))
}
