//! A case of several committed transactions, in a clone of its own.

use crate::actor::Identity;
use crate::check::outcome::Outcome;
use crate::check::task::{Isolation, OutcomesFuture, Task};
use crate::checks::case::single::{CaseActor, class_of};
use crate::judge::expect::{self, Match};
use crate::pg::session::Session;
use crate::report::record::Evidence;
use crate::session::direct::commit_on;
use crate::session::{AttemptError, Worker};
use crate::suite::resolved_case::Expect;

/// One transaction.
#[derive(Debug)]
pub(super) struct CaseStep {
    /// Who.
    pub who: CaseActor,
    /// What; the last statement is judged.
    pub sql: Vec<String>,
    /// What must come of it.
    pub expect: Expect,
}

/// The whole case.
#[derive(Debug)]
pub(super) struct Steps {
    /// In order.
    pub steps: Vec<CaseStep>,
    /// All on one pooled connection.
    pub one_session: bool,
    /// Must return a row as the witness role, before the steps.
    pub witness: Vec<String>,
}

impl Task for Steps {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let outcome = match self.run_all(worker).await {
                Ok(outcome) => outcome,
                Err(failure) => Outcome::not_tried(&failure, Evidence::default()),
            };
            vec![outcome]
        })
    }

    fn isolation(&self) -> Isolation {
        Isolation::OwnClone
    }
}

impl Steps {
    async fn still_witnessed(&self, worker: &mut Worker) -> Result<bool, AttemptError> {
        Ok(worker.as_harness(&self.witness).await?.is_ok_and(|result| result.affected > 0))
    }

    async fn run_all(&self, worker: &mut Worker) -> Result<Outcome, AttemptError> {
        let mut witnessed = false;
        if !self.witness.is_empty() {
            match worker.as_harness(&self.witness).await? {
                Ok(result) if result.affected > 0 => witnessed = true,
                Ok(_) => return Ok(Outcome::error("vacuous: the witness query returns no row", Evidence::default())),
                Err(error) => {
                    let why = format!("the witness query failed: {}", error.line());
                    return Ok(Outcome::error(why, Evidence::default()));
                }
            }
        }
        let mut shared = match self.steps.first() {
            Some(first) if self.one_session => Some(worker.fresh(first.who.login()).await?),
            _ => None,
        };
        let mut evidence = Evidence::default();
        for (n, step) in self.steps.iter().enumerate() {
            let found = match &mut shared {
                Some(session) => step.run(worker, session).await?,
                None => {
                    let who = step.who.identity(&worker.world.roles.witness);
                    let mut own = worker.pooled(&who).await?;
                    let found = step.run(worker, &mut own.session).await?;
                    own.used_by(&who, &step.sql);
                    worker.put_back(own).await;
                    found
                }
            };
            evidence.sql.extend(step.sql.iter().map(|sql| format!("-- step {}, {}\n{sql}", n + 1, step.who.name())));
            evidence.expected = format!("step {}: {}", n + 1, expect::words(&step.expect));
            match found {
                Match::Yes => {}
                Match::IfWitnessed if witnessed => {
                    // An earlier step may have taken away what the witness saw.
                    if !self.still_witnessed(worker).await? {
                        let why = format!("step {}: vacuous: the witness query returns no row any more", n + 1);
                        return Ok(Outcome::error(why, evidence));
                    }
                }
                Match::IfWitnessed => {
                    return Ok(Outcome::error(
                        format!("step {}: a denial without witness proves nothing", n + 1),
                        evidence,
                    ));
                }
                Match::NoIfWitnessed(why) if !(witnessed && self.still_witnessed(worker).await?) => {
                    return Ok(Outcome::error(format!("step {}: vacuous: {why}, and no witness", n + 1), evidence));
                }
                Match::No(why) | Match::NoIfWitnessed(why) => {
                    evidence.got.clone_from(&why);
                    return Ok(Outcome::failed(format!("step {}: {why}", n + 1), evidence));
                }
                Match::Undecided(why) => {
                    return Ok(Outcome::error(format!("step {}: no verdict: {why}", n + 1), evidence));
                }
            }
        }
        if witnessed {
            evidence.witness = "the witness query returns a row".to_owned();
        }
        Ok(Outcome::passed(format!("{} steps as expected", self.steps.len()), evidence))
    }
}

impl CaseActor {
    /// The connection it needs.
    #[must_use]
    pub(super) fn login(&self) -> Option<&str> {
        match self {
            Self::Actor(identity) => identity.login.as_deref(),
            Self::Harness => None,
        }
    }

    /// Its name.
    #[must_use]
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Actor(identity) => &identity.name,
            Self::Harness => crate::suite::resolved_case::HARNESS,
        }
    }

    /// How it is become on a connection of the probe's login, or of its own.
    #[must_use]
    pub(super) fn identity(&self, witness: &str) -> Identity {
        match self {
            Self::Actor(identity) => identity.clone(),
            Self::Harness => Identity::bare(crate::suite::resolved_case::HARNESS, witness),
        }
    }
}

impl CaseStep {
    async fn run(&self, worker: &Worker, session: &mut Session) -> Result<Match, AttemptError> {
        let tried = commit_on(session, &self.who.identity(&worker.world.roles.witness), &self.sql).await?;
        let text = self.sql.last().map(String::as_str).unwrap_or_default();
        let class = tried.as_ref().err().map(|error| class_of(&worker.world, &self.who, text, error));
        Ok(expect::hold(&self.expect, &tried, class.as_ref(), text))
    }
}
