//! Connections that are used again where nothing tells them from new ones: DISCARD ALL takes away what a session keeps but
//! for one thing, that a setting which was set once reads empty ever after, where it read NULL before. So one goes only to
//! who sets all that was set on it, and none is used again where code may have set something unseen.

use std::collections::BTreeSet;

use super::pooled::{Pooled, names};
use super::worker::Worker;
use crate::actor::Identity;
use crate::pg::session::ConnectionLost;

/// Connections that wait for another use, at most: a server has few.
const MOST: usize = 4;

impl Worker {
    /// A connection of its own for `identity`, as its login or as the probe: what it sees there is what it sees on a new one.
    pub(crate) async fn pooled(&mut self, identity: &Identity) -> Result<Pooled, ConnectionLost> {
        let known = identity.login.is_none() && !self.world.leaves_traces;
        if known {
            let sets: BTreeSet<String> = names(identity).collect();
            self.current().roll_back().await?;
            if let Some(n) = self.pool.iter().position(|pooled| pooled.set.is_subset(&sets)) {
                return Ok(self.pool.swap_remove(n));
            }
            if let Some(mut session) = self.take_pristine()
                && session.discard().await.is_ok()
            {
                return Ok(Pooled { session, set: BTreeSet::new(), known });
            }
        }
        let session = self.fresh(identity.login.as_deref()).await?;
        Ok(Pooled { session, set: BTreeSet::new(), known })
    }

    /// Takes a connection back. What was changed for others' sessions, as by ALTER ROLE, does not reach those that are open.
    pub(crate) async fn put_back(&mut self, mut pooled: Pooled) {
        if pooled.known && self.pool.len() < MOST && pooled.session.discard().await.is_ok() {
            self.pool.push(pooled);
            return;
        }
        pooled.session.close().await;
        for pooled in self.pool.drain(..) {
            pooled.session.close().await;
        }
    }
}
