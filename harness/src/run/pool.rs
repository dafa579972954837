//! Connections that are used again where nothing tells them from new ones: DISCARD ALL takes away what a session keeps but
//! for one thing, that a setting which was set once reads empty ever after, where it read NULL before. So one goes only to
//! who sets all that was set on it.

use std::collections::BTreeSet;

use super::session::{Lost, Session};
use super::worker::Worker;
use crate::actor::Identity;

/// A connection, and what was done on it.
#[derive(Debug)]
pub struct Pooled {
    /// The connection.
    pub session: Session,
    login: Option<String>,
    /// The settings that were set on it.
    set: BTreeSet<String>,
    /// Whether those are all.
    known: bool,
}

impl Pooled {
    /// Notes that `identity` was become on it, and ran `statements`.
    pub fn used_by(&mut self, identity: &Identity, statements: &[String]) {
        self.set.extend(names(identity));
        // Whatever might set something is taken to have done so.
        let sets = |sql: &String| sql.to_ascii_lowercase().contains("set");
        self.known &= identity.calls.is_empty() && !statements.iter().any(sets);
    }
}

fn names(identity: &Identity) -> impl Iterator<Item = String> {
    identity.settings.iter().map(|(name, _)| name.clone())
}

impl Worker {
    /// A connection of its own for `identity`, as its login or as the probe: what it sees there is what it sees on a new one.
    pub async fn pooled(&mut self, identity: &Identity) -> Result<Pooled, Lost> {
        let sets: BTreeSet<String> = names(identity).collect();
        let fits = |pooled: &Pooled| pooled.login == identity.login && pooled.set.is_subset(&sets);
        if let Some(n) = self.pool.iter().position(fits) {
            let mut pooled = self.pool.swap_remove(n);
            self.settle().await?;
            if pooled.session.discard().await.is_ok() {
                return Ok(pooled);
            }
        }
        let login = identity.login.clone();
        if login.is_none()
            && let Some(mut session) = self.never_set().await?
            && session.discard().await.is_ok()
        {
            return Ok(Pooled { session, login, set: BTreeSet::new(), known: true });
        }
        Ok(Pooled { session: self.fresh(login.as_deref()).await?, login, set: BTreeSet::new(), known: true })
    }

    /// Takes a connection back.
    pub async fn put_back(&mut self, mut pooled: Pooled) {
        // What was locked on it would stand in others' way.
        if pooled.known && pooled.session.roll_back().await.is_ok() {
            self.pool.push(pooled);
        } else {
            pooled.session.close().await;
        }
    }
}
