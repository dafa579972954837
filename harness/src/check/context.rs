//! Contexts broken on purpose: they must yield no row of any tenant.

use std::collections::BTreeSet;

use super::outcome::Outcome;
use super::select::{Statement, keys_of, statement, stopped};
use super::trial::{Trial, rows};
use super::unit::{Place, Running, Task};
use crate::actor::{Break, Broken, Identity};
use crate::judge::effect::{Key, show_keys};
use crate::plan::basis::Basis;
use crate::report::record::Evidence;
use crate::run::session::{ResultSet, Session};
use crate::run::worker::{Trouble, Worker, read_on};

/// What is tried under a broken context.
#[derive(Debug)]
pub enum Tried {
    /// A read: these keys may be seen.
    Read {
        /// Who and where.
        trial: Box<Trial>,
        /// What the contract grants without the id.
        tolerated: BTreeSet<Key>,
    },
    /// Nothing: the seed has no row to try it on.
    Nothing(Box<Trial>),
    /// A write, with its own judgement.
    Write(Box<dyn Task>),
}

/// One actor's context, broken in one way, on every relation.
#[derive(Debug)]
pub struct Context {
    /// The broken context.
    pub broken: Broken,
    /// The whole context, which an earlier transaction of the same connection had.
    pub whole: Identity,
    /// One for each check.
    pub tried: Vec<Tried>,
}

impl Task for Context {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move {
            let left_over = self.broken.how == Break::Empty;
            if !worker.serves(&self.whole, &self.broken.identity, left_over) {
                return self.on_its_own(worker).await;
            }
            // A pooled connection reads what an earlier transaction set; who sets nothing has a session of its own.
            worker.pin(left_over);
            let outcomes = self.on(worker).await;
            worker.pin(false);
            outcomes
        })
    }

    fn place(&self) -> Place {
        if self.broken.identity.sets_nothing() { Place::Unset } else { Place::Shared }
    }
}

impl Context {
    /// On a connection of its own: what was set on it before, and by which code, is what the break is about.
    async fn on_its_own(&self, worker: &mut Worker) -> Vec<Outcome> {
        let mut fresh = match worker.on_fresh_connection(self.whole.login.as_deref()).await {
            Ok(fresh) => fresh,
            Err(lost) => return self.troubled(&Trouble::Lost(lost)),
        };
        let outcomes = self.on(&mut fresh).await;
        fresh.close().await;
        outcomes
    }

    async fn on(&self, worker: &mut Worker) -> Vec<Outcome> {
        if self.broken.how == Break::Empty
            && let Err(trouble) = worker.read_and_commit(&self.whole, "SELECT 1").await
        {
            return self.troubled(&trouble);
        }
        let mut outcomes = Vec::with_capacity(self.tried.len());
        for tried in &self.tried {
            if self.broken.how == Break::Unset
                && let Err(lost) = worker.as_never_set().await
            {
                outcomes.push(Outcome::troubled(&Trouble::Lost(lost), Evidence::default()));
                continue;
            }
            outcomes.push(match tried {
                Tried::Read { trial, tolerated } => read(worker, trial, tolerated).await,
                Tried::Nothing(trial) => {
                    let expected = format!("only what is granted: {}", trial.granted);
                    let evidence = trial.evidence("", expected, "nothing was tried");
                    Outcome::error("no row on the seed to try it on: it proves nothing", evidence)
                }
                Tried::Write(task) => failed_closed(task.run(worker).await.pop()),
            });
        }
        outcomes
    }

    fn troubled(&self, trouble: &Trouble) -> Vec<Outcome> {
        vec![Outcome::troubled(trouble, Evidence::default()); self.tried.len()]
    }
}

fn failed_closed(outcome: Option<Outcome>) -> Outcome {
    outcome.unwrap_or_else(|| Outcome::error("nothing was tried", Evidence::default()))
}

async fn read(worker: &mut Worker, trial: &Trial, tolerated: &BTreeSet<Key>) -> Outcome {
    let basis = worker.basis.clone();
    let statement = statement(&basis, trial);
    let expected = format!("only what is granted: {}", trial.granted);
    let tried = match worker.read(&trial.identity, &statement.sql).await {
        Ok(tried) => tried,
        Err(Trouble::Setter { error, .. }) => {
            let evidence = trial.evidence(&statement.sql, expected, error.line());
            return Outcome::passed("failed closed: the setter refuses the context", evidence);
        }
        Err(trouble) => return Outcome::troubled(&trouble, trial.evidence(&statement.sql, expected, "nothing")),
    };
    match tried {
        Err(error) => {
            let class = trial.class(&basis, &error);
            let evidence = trial.evidence(&statement.sql, expected, error.line());
            if class == crate::judge::classify::Class::Raised {
                return Outcome::passed("failed closed: raised by code of the schema", evidence);
            }
            stopped(super::select::Probe::Withheld, &class, evidence)
        }
        Ok(result) => judge(&basis, trial, &statement, &result, tolerated),
    }
}

fn judge(
    basis: &Basis,
    trial: &Trial,
    statement: &Statement,
    result: &ResultSet,
    tolerated: &BTreeSet<Key>,
) -> Outcome {
    let sql = statement.sql.as_str();
    let baseline = trial.relation(basis).and_then(|relation| basis.baseline(relation)).cloned().unwrap_or_default();
    let (seen, unclear) = statement.seen(&baseline, tolerated, result);
    if unclear {
        let evidence = trial.evidence(sql, format!("only what is granted: {}", trial.granted), "rows that look alike");
        return Outcome::error("what the actor may read does not tell tolerated rows from others", evidence);
    }
    let leaked: Vec<&Key> = seen.difference(tolerated).collect();
    if !leaked.is_empty() {
        let n = leaked.len();
        let mut evidence = trial.evidence_of_leak(basis, sql, format!("{} seen", rows(n)));
        evidence.notes.insert(0, format!("seen: {}", show_keys(&baseline, leaked.iter().copied())));
        evidence.notes.push("if that is meant: pass_through.ID, with the reason".to_owned());
        return Outcome::failed(format!("sees {} of tenants with a broken context", rows(n)), evidence);
    }
    let hidden = baseline.rows.keys().filter(|key| !tolerated.contains(*key)).count();
    let mut evidence = trial.evidence(sql, format!("only what is granted: {}", trial.granted), "no row of any tenant");
    if hidden == 0 {
        return Outcome::error("no row of a tenant on the seed: it proves nothing", evidence);
    }
    evidence.witness = format!("the witness role sees {} of tenants there", rows(hidden));
    Outcome::passed("filtered", evidence)
}

/// Another actor's ids in part: nothing that neither whole context sees.
#[derive(Debug)]
pub struct Mixed {
    /// Who and where.
    pub trial: Trial,
    /// What either whole context sees.
    pub tolerated: BTreeSet<Key>,
}

impl Task for Mixed {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move { vec![read(worker, &self.trial, &self.tolerated).await] })
    }
}

/// Reads on a session as `identity`, for contexts that share one connection.
pub(super) async fn read_keys(
    session: &mut Session,
    identity: &Identity,
    sql: &str,
) -> Result<Result<BTreeSet<Key>, crate::judge::error::ServerError>, Trouble> {
    Ok(read_on(session, identity, sql).await?.map(|result| keys_of(&result)))
}
