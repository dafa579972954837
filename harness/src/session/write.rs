//! Statements of the harness's own making, each tried in one message: the actor impersonated, the statement, who the session is
//! after it, and what the witness role sees of a write before the rollback.

use std::collections::{BTreeMap, BTreeSet};

use super::attempt::{Attempt, Before, Effects};
use super::error::AttemptError;
use super::frame::{AFTER, SAVEPOINT, as_role, frame, impersonated, still_impersonated};
use super::scratch_clone;
use super::touched::{self, compared_as};
use super::worker::Worker;
use crate::actor::Identity;
use crate::pg::batch::{Batch, Mark};
use crate::pg::session::ResultSet;

impl Worker {
    /// Tries a statement that writes; what it wrote is seen by the witness role before the rollback. `setup` runs
    /// first, as the witness role. `predicates` are evaluated on the new rows of the relation they are given for.
    pub(crate) async fn write(
        &mut self,
        identity: &Identity,
        setup: &[String],
        sql: &str,
        predicates: &BTreeMap<u32, Vec<String>>,
    ) -> Result<Attempt<'_>, AttemptError> {
        if identity.login.is_some() {
            let (tried, effects) = scratch_clone::write(self, identity, setup, sql, predicates).await?;
            return Ok(Attempt::new(self, Before::Elsewhere, tried).wrote(effects));
        }
        let first: Vec<u32> = predicates.keys().copied().collect();
        let before = self.touched.before(identity, setup, &first);
        let mut script = frame(identity, setup, &self.world.roles.witness, &before);
        script.push(Mark::Frame, SAVEPOINT).push(Mark::Try, sql);
        script.push(Mark::Constraints, "SET CONSTRAINTS ALL IMMEDIATE").push(Mark::After, AFTER);
        script.push(Mark::Witness, &as_role(&self.world.roles.witness));
        // Without a transaction id nothing was written (PostgreSQL docs, "Transaction ID and Snapshot Information Functions").
        let written =
            format!("SELECT {} WHERE pg_catalog.pg_current_xact_id_if_assigned() IS NOT NULL", touched::after());
        script.push(Mark::Written, &written);
        self.push_snapshots(&mut script, &first, predicates);
        let reply = self.session_for(identity).await?.batch_of(script.lasting(), script.sql()).await?;
        let mut outcome = script.outcome(reply);
        impersonated(identity, &outcome)?;
        match outcome.stopped.take() {
            Some((Mark::Try | Mark::Constraints, error)) => {
                return Ok(Attempt::new(self, Before::Savepoint, Err(error)));
            }
            Some((Mark::Frame | Mark::After, error)) => return Err(AttemptError::Escaped(error.line())),
            Some((_, error)) => {
                return Err(AttemptError::Step { step: "looking at what was written", error: Box::new(error) });
            }
            None => {}
        }
        still_impersonated(identity, outcome.last(Mark::After))?;
        if first.iter().any(|oid| !self.world.contexts(*oid).is_empty()) {
            self.touch();
        }
        let mut effects = BTreeMap::new();
        let mut elsewhere = BTreeSet::new();
        let after = outcome.last(Mark::Written).filter(|result| !result.rows.is_empty());
        if let Some(after) = after {
            let value = |result: &'_ ResultSet| result.rows.first()?.last()?.clone();
            let before = outcome.last(Mark::Readback).filter(|_| !before.is_empty()).and_then(value);
            let after = value(after);
            let written = self.touched.between(&self.world, &first, before.as_deref(), after.as_deref());
            self.take_snapshots(&outcome, &first, predicates, &mut effects);
            let (others, names) = self.sort_written(&written, &first);
            elsewhere = names;
            self.look_at(&others, &identity.name, &mut effects).await?;
        }
        let result = outcome.take(Mark::Try).unwrap_or_default();
        Ok(Attempt::new(self, Before::Savepoint, Ok(result)).wrote(Effects { on: effects, elsewhere }))
    }

    /// The effects on relations that the statement was not about.
    async fn look_at(
        &mut self,
        others: &[u32],
        actor: &str,
        effects: &mut BTreeMap<u32, crate::judge::effect::Effect>,
    ) -> Result<(), AttemptError> {
        if others.is_empty() {
            return Ok(());
        }
        let mine = self.world.mine(others, actor);
        let mut script = Batch::default();
        self.push_snapshots(&mut script, others, &mine);
        let outcome = script.outcome(self.current().batch_of(script.lasting(), script.sql()).await?);
        if let Some((_, error)) = outcome.stopped {
            return Err(AttemptError::Step { step: "looking at what was written", error: Box::new(error) });
        }
        self.take_snapshots(&outcome, others, &mine, effects);
        Ok(())
    }

    /// Those of the written relations that have rows of the seed to compare with, and the names of the others.
    fn sort_written(&self, written: &BTreeSet<u32>, first: &[u32]) -> (Vec<u32>, BTreeSet<String>) {
        let mut others = BTreeSet::new();
        let mut elsewhere = BTreeSet::new();
        for oid in written {
            // A partition's rows are compared through the table that the contract names.
            match compared_as(&self.world, *oid) {
                Some(oid) if !first.contains(&oid) => drop(others.insert(oid)),
                Some(_) => {}
                None => {
                    let name = self.world.catalog.by_oid(*oid).map(|relation| relation.name.to_string());
                    elsewhere.extend(name);
                }
            }
        }
        (others.into_iter().collect(), elsewhere)
    }
}
