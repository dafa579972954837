//! A hand-written case of one transaction, with its witness and its control.

use crate::actor::Identity;
use crate::check::outcome::Outcome;
use crate::check::task::{Isolation, OutcomesFuture, Task};
use crate::checks::attempt::access::class_name;
use crate::checks::case::privileges::lacks_something;
use crate::judge::classify::{ErrorClass, Probed, classify};
use crate::judge::expect::{self, Match};
use crate::pg::error::ServerError;
use crate::report::record::{Evidence, Status};
use crate::session::{AttemptError, StatementResult, Worker};
use crate::sql::placeholders::Reference;
use crate::suite::resolved_case::Expect;
use crate::world::World;

/// Who runs a statement of a case.
#[derive(Debug, Clone)]
pub(super) enum CaseActor {
    /// An actor.
    Actor(Identity),
    /// The witness role.
    Harness,
}

/// One case, for one actor and variant, ids and parameters filled in.
#[derive(Debug)]
pub(super) struct SingleCase {
    /// Who acts.
    pub who: CaseActor,
    /// As the witness role, before.
    pub setup: Vec<String>,
    /// As the actor, before; all must succeed.
    pub before: Vec<String>,
    /// As the actor; the last is judged.
    pub sql: Vec<String>,
    /// What must come of it.
    pub expect: Expect,
    /// Must return a row as the witness role.
    pub witness: Vec<String>,
    /// Who must be allowed the same, and the same with that one's ids.
    pub control: Option<(CaseActor, Vec<String>)>,
}

impl Task for SingleCase {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let outcome = match self.decide(worker).await {
                Ok(outcome) => outcome,
                Err(failure) => Outcome::not_tried(&failure, self.evidence("nothing")),
            };
            vec![outcome]
        })
    }

    fn isolation(&self) -> Isolation {
        let nobody = |who: &CaseActor| matches!(who, CaseActor::Actor(identity) if identity.sets_nothing());
        let control = self.control.as_ref().map(|(who, _)| who);
        if std::iter::once(&self.who).chain(control).any(nobody) {
            Isolation::PristineSession
        } else {
            Isolation::SharedClone
        }
    }
}

impl SingleCase {
    fn evidence(&self, got: impl Into<String>) -> Evidence {
        Evidence {
            context: match &self.who {
                CaseActor::Actor(identity) => identity.describe(),
                CaseActor::Harness => vec!["as the witness role".to_owned()],
            },
            sql: self.before.iter().chain(&self.sql).cloned().collect(),
            expected: expect::words(&self.expect),
            got: got.into(),
            ..Evidence::default()
        }
    }

    async fn run_as(
        &self,
        worker: &mut Worker,
        who: &CaseActor,
        sql: &[String],
    ) -> Result<StatementResult, AttemptError> {
        match who {
            CaseActor::Actor(identity) => Ok(worker.statements(identity, &self.setup, sql).await?.result),
            CaseActor::Harness => worker.as_harness(&[&self.setup, sql].concat()).await,
        }
    }

    async fn decide(&self, worker: &mut Worker) -> Result<Outcome, AttemptError> {
        let world = worker.world.clone();
        let all = [self.before.as_slice(), self.sql.as_slice()].concat();
        let tried = self.run_as(worker, &self.who, &all).await?;
        let text = self.sql.last().map(String::as_str).unwrap_or_default();
        let class = tried.as_ref().err().map(|error| class_of(&world, &self.who, text, error));
        let got = match &tried {
            Ok(result) => format!("{} rows returned or changed", result.affected),
            Err(error) => error.line(),
        };
        let evidence = self.evidence(got);
        match expect::hold(&self.expect, &tried, class.as_ref(), text) {
            Match::No(why) => Ok(Outcome::failed(why, evidence)),
            Match::NoIfWitnessed(why) => {
                let outcome = self.prove(worker, evidence, why.clone()).await?;
                let proved = outcome.status == Status::Passed;
                Ok(if proved { Outcome::failed(why, outcome.evidence) } else { outcome })
            }
            Match::Undecided(why) => Ok(Outcome::error(format!("no verdict: {why}"), evidence)),
            Match::Yes if self.witness.is_empty() && self.control.is_none() => {
                Ok(Outcome::passed(expect::words(&self.expect), evidence))
            }
            matched @ (Match::Yes | Match::IfWitnessed) => {
                let how = class.as_ref().map_or("filtered", class_name);
                let how = if matched == Match::Yes { expect::words(&self.expect) } else { how.to_owned() };
                self.prove(worker, evidence, how).await
            }
        }
    }

    /// A denial counts only if its witness returns a row, or its control is allowed.
    async fn prove(&self, worker: &mut Worker, mut evidence: Evidence, how: String) -> Result<Outcome, AttemptError> {
        if !self.witness.is_empty() {
            match self.run_as(worker, &CaseActor::Harness, &self.witness).await? {
                Ok(result) if result.affected > 0 => evidence.witness = "the witness query returns a row".to_owned(),
                Ok(_) => return Ok(Outcome::error("vacuous: the witness query returns no row", evidence)),
                Err(error) => {
                    return Ok(Outcome::error(format!("the witness query failed: {}", error.line()), evidence));
                }
            }
        }
        if let Some((who, sql)) = &self.control {
            match self.run_as(worker, who, sql).await? {
                Ok(result) if result.affected > 0 => evidence.witness = "the control is allowed the same".to_owned(),
                Ok(_) => return Ok(Outcome::error("vacuous: the control reaches no row either", evidence)),
                Err(error) => {
                    return Ok(Outcome::error(
                        format!("the control is not allowed the same: {}", error.line()),
                        evidence,
                    ));
                }
            }
        }
        if self.witness.is_empty() && self.control.is_none() {
            return Ok(Outcome::error("no witness and no control: it proves nothing", evidence));
        }
        Ok(Outcome::passed(how, evidence))
    }
}

/// What `error` means for a statement that names its objects itself.
#[must_use]
pub(crate) fn class_of(world: &World, who: &CaseActor, sql: &str, error: &ServerError) -> ErrorClass {
    let lacks_privilege = match who {
        CaseActor::Actor(identity) => lacks_something(world, identity.effective_role(), sql),
        CaseActor::Harness => false,
    };
    let relation = error.table.as_ref().and_then(|name| world.catalog.relations.get(name));
    classify(error, &Probed { catalog: &world.catalog, relation, lacks_privilege, broken_context: false })
}

/// The text of an id or of a variant's parameter.
pub(super) fn resolver<'a>(
    world: &'a World,
    actor: &'a str,
    params: &'a std::collections::BTreeMap<String, String>,
) -> impl Fn(&Reference) -> Option<String> + use<'a> {
    move |reference| {
        let param = reference.actor.is_none().then(|| params.get(&reference.name)).flatten();
        let own = world.actors.get(reference.actor.as_deref().unwrap_or(actor));
        param.or_else(|| own.and_then(|actor| actor.ids.get(&reference.name))).cloned()
    }
}
