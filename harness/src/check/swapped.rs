//! One pooled connection, two actors in turn: the second sees what it sees on a connection of its own.

use std::collections::BTreeSet;

use super::context::read_keys;
use super::outcome::Outcome;
use super::select::{Probe, stopped};
use super::trial::{Trial, rows};
use super::unit::{Place, Running, Task};
use crate::actor::Identity;
use crate::judge::classify::Class;
use crate::judge::effect::{Key, show_keys};
use crate::judge::error::ServerError;
use crate::plan::basis::Basis;
use crate::report::record::Evidence;
use crate::run::committed;
use crate::run::pool::Pooled;
use crate::run::session::Session;
use crate::run::worker::{Trouble, Worker, read_and_commit};

/// A relation read by both.
#[derive(Debug)]
pub struct Shared {
    /// Who comes second, and where.
    pub trial: Trial,
    /// The read, which shows keys.
    pub sql: String,
    /// What the second must see.
    pub must: BTreeSet<Key>,
    /// What it may see.
    pub may: BTreeSet<Key>,
}

/// The connection that both use.
#[derive(Debug)]
pub struct Swapped {
    /// Who comes first.
    pub first: Identity,
    /// One for each check.
    pub shared: Vec<Shared>,
}

impl Task for Swapped {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move {
            let mut outcomes = Vec::with_capacity(self.shared.len());
            // One for all relations: what the first leaves behind adds up, as it does in a pool.
            let mut pooled: Option<Pooled> = None;
            for (n, shared) in self.shared.iter().enumerate() {
                outcomes.push(match self.swap(worker, &mut pooled, shared, n).await {
                    Ok(outcome) => outcome,
                    Err(trouble) => Outcome::troubled(&trouble, shared.trial.evidence(&shared.sql, "", "nothing")),
                });
            }
            if let Some(pooled) = pooled {
                worker.put_back(pooled).await;
            }
            outcomes
        })
    }

    fn place(&self) -> Place {
        Place::Pooled
    }
}

impl Swapped {
    /// The statement is prepared once: a plan that keeps the first actor's context would show in the second's rows. The
    /// first commits: a setting of the session, where the application meant one of the transaction, outlives it.
    async fn swap(
        &self,
        worker: &mut Worker,
        pooled: &mut Option<Pooled>,
        shared: &Shared,
        n: usize,
    ) -> Result<Outcome, Trouble> {
        let mut used = match pooled.take().filter(|pooled| pooled.session.is_open()) {
            Some(used) => used,
            None => worker.pooled(&self.first).await?,
        };
        let outcome = self.on(&worker.basis, &mut used.session, shared, n, false).await?;
        used.used_by(&self.first, &[]);
        used.used_by(&shared.trial.identity, &[]);
        if let Some(outcome) = outcome {
            *pooled = Some(used);
            return Ok(outcome);
        }
        used.session.close().await;
        let mut other = committed::worker(worker).await?;
        let outcome = match other.fresh(self.first.login.as_deref()).await {
            Ok(mut session) => {
                let outcome = self.on(&other.basis, &mut session, shared, n, true).await;
                session.close().await;
                outcome
            }
            Err(lost) => Err(Trouble::Lost(lost)),
        };
        committed::discard(other).await?;
        let none = || Outcome::error("the first actor's transaction cannot be committed", Evidence::default());
        Ok(outcome?.unwrap_or_else(none))
    }

    /// `None` where the first actor's transaction has written something, and `whatever` does not say that it may.
    async fn on(
        &self,
        basis: &Basis,
        session: &mut Session,
        shared: &Shared,
        n: usize,
        whatever: bool,
    ) -> Result<Option<Outcome>, Trouble> {
        let name = format!("rlsgate_swapped_{n}");
        let prepare = format!("PREPARE {name} AS {}", shared.sql);
        let execute = format!("EXECUTE {name}");
        let prepared = read_keys(session, &self.first, &prepare).await?;
        let second = match prepared {
            Ok(_) => {
                let (_, committed) = read_and_commit(session, &self.first, &execute, whatever).await?;
                if !committed {
                    return Ok(None);
                }
                read_keys(session, &shared.trial.identity, &execute).await?
            }
            Err(error) => {
                let verdict = format!("{} is refused its own read, so nothing is left over", self.first.name);
                let evidence = Evidence { sql: vec![prepare], got: error.line(), ..Evidence::default() };
                return Ok(Some(Outcome::error(verdict, evidence)));
            }
        };
        Ok(Some(self.judge(basis, shared, second, &[prepare, execute.clone(), execute])))
    }

    fn judge(
        &self,
        basis: &Basis,
        shared: &Shared,
        second: Result<BTreeSet<Key>, ServerError>,
        sql: &[String],
    ) -> Outcome {
        let baseline =
            shared.trial.relation(basis).and_then(|relation| basis.baseline(relation)).cloned().unwrap_or_default();
        let name = &shared.trial.identity.name;
        let only = if shared.must == shared.may { "exactly" } else { "at most" };
        let evidence = |got: String| Evidence {
            context: [self.first.describe(), shared.trial.identity.describe()].concat(),
            sql: sql.to_vec(),
            expected: format!("{name} sees {only} {}", rows(shared.may.len())),
            got,
            ..Evidence::default()
        };
        let seen = match second {
            Err(error) => {
                let class = shared.trial.class(basis, &error);
                if class == Class::Raised && shared.trial.broken && shared.must.is_empty() {
                    return Outcome::passed("failed closed: raised by code of the schema", evidence(error.line()));
                }
                let probe = if shared.must.is_empty() { Probe::Withheld } else { Probe::Granted };
                return stopped(probe, &class, evidence(error.line()));
            }
            Ok(seen) => seen,
        };
        let other: Vec<&Key> = seen.difference(&shared.may).chain(shared.must.difference(&seen)).collect();
        let mut evidence = evidence(format!("{} seen", rows(seen.len())));
        if !other.is_empty() {
            evidence.notes.push(format!("differs in: {}", show_keys(&baseline, other)));
            return Outcome::failed(format!("sees other rows after {} used the connection", self.first.name), evidence);
        }
        let hidden = baseline.rows.len() - seen.len();
        if hidden == 0 {
            return Outcome::error("no row of others on the seed: it proves nothing", evidence);
        }
        evidence.witness = format!("the witness role sees {} of others there", rows(hidden));
        Outcome::passed("sees what it sees on a connection of its own", evidence)
    }
}
