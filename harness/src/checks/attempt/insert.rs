//! INSERT: copies of rows, judged by what stands there afterwards.

use crate::actor::Identity;
use crate::check::outcome::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::attempt::access::{Access, class_name, watching};
use crate::judge::classify::ErrorClass;
use crate::judge::effect::{Effect, RowKey, show_keys};
use crate::pg::error::ServerError;
use crate::report::record::{Evidence, Status};
use crate::session::expect_denied::Proof;
use crate::session::{Attempt, AttemptError, Worker};
use crate::sql::Sql;
use crate::world::World;

/// One INSERT.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    /// What it is, for notes.
    pub what: String,
    /// The statement.
    pub sql: Sql,
    /// The statement whose acceptance as the witness role proves that the row could be inserted at all. None where
    /// another attempt proves it.
    pub witness: Option<Sql>,
    /// The statement that the actor itself must be allowed, or a refusal proves nothing.
    pub control: Option<Sql>,
    /// A key that is taken already cannot tell whether a trigger made the row the actor's own.
    pub verbatim: bool,
    /// Whether it meets a row of others in a unique key: accepted without touching that row, it has not.
    pub meets: bool,
    /// One more way in, tried beside others that prove the refusal: it counts where it is accepted.
    pub aside: bool,
}

/// INSERTs that must be accepted, or must not.
#[derive(Debug)]
pub(crate) struct Insert {
    /// Who and where.
    pub access: Access,
    /// Whether they must be accepted.
    pub granted: bool,
    /// In order.
    pub candidates: Vec<Candidate>,
    /// The rows that may be inserted: a predicate over the new row.
    pub within: String,
    /// Whose INSERT of the same row proves it where the witness role's does not: with a broken context, the whole one. A
    /// trigger that asks for the context stops the witness role as well.
    pub whole: Option<Identity>,
    /// Why there is nothing to try, where there is nothing.
    pub empty: &'static str,
}

/// What came of one attempt: an outcome that ends the check, or why the next one is needed.
enum InsertStep {
    End(Outcome),
    Denied(Outcome),
    Open(Outcome),
}

impl Task for Insert {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move { vec![self.try_all(worker).await] })
    }
}

impl Insert {
    fn expected(&self) -> String {
        let what = if self.granted { "accepted" } else { "refused by policy or privilege" };
        format!("{what}; granted: {}", self.access.granted)
    }

    async fn try_all(&self, worker: &mut Worker) -> Outcome {
        let mut denied: Option<Outcome> = None;
        let mut open: Option<Outcome> = None;
        // A verbatim copy that is left open is decided by the same row with fresh keys, which is tried next.
        let mut verbatim: Option<Outcome> = None;
        for candidate in &self.candidates {
            let step = match self.try_one(worker, candidate).await {
                Ok(step) => step,
                Err(AttemptError::Setter { error, .. }) if self.access.broken => {
                    let evidence = self.access.evidence(candidate.sql.shown(), self.expected(), error.line());
                    return Outcome::passed("failed closed: the setter refuses the context", evidence);
                }
                Err(failure) => {
                    let evidence = self.access.evidence(candidate.sql.shown(), self.expected(), "nothing");
                    return Outcome::not_tried(&failure, evidence);
                }
            };
            match step {
                InsertStep::End(outcome) => return outcome,
                // The evidence of all refusals is one: their statements together.
                InsertStep::Denied(mut outcome) => {
                    outcome.evidence.notes.extend(verbatim.take().map(|open| open.verdict));
                    let merged = match denied.take() {
                        None => outcome,
                        Some(mut first) => {
                            first.evidence.sql.extend(outcome.evidence.sql);
                            if first.evidence.witness.is_empty() {
                                first.evidence.witness = outcome.evidence.witness;
                            }
                            first
                        }
                    };
                    denied = Some(merged);
                }
                InsertStep::Open(_) if candidate.aside => {}
                InsertStep::Open(outcome) if candidate.verbatim => verbatim = Some(outcome),
                InsertStep::Open(outcome) => open = open.or(Some(outcome)),
            }
        }
        match (denied, open.or(verbatim)) {
            (Some(outcome), None) => outcome,
            (_, Some(open)) => open,
            (None, None) => Outcome::error(self.empty, self.access.evidence("", self.expected(), "nothing was tried")),
        }
    }

    async fn try_one(&self, worker: &mut Worker, candidate: &Candidate) -> Result<InsertStep, AttemptError> {
        let world = worker.world.clone();
        if let Some(control) = &candidate.control
            && let Err(error) =
                &worker.statements(&self.access.identity, &[], &[control.run().to_owned()]).await?.result
            && self.access.class(&world, error) != ErrorClass::PastPolicy
        {
            let evidence = self.access.evidence(control.shown(), "accepted, as control", error.line());
            let verdict = "the control is not accepted, so the refusal beside it would prove nothing";
            return Ok(InsertStep::End(Outcome::error(verdict, evidence)));
        }
        let attempt = self.write(worker, candidate).await?;
        match &attempt.result {
            Ok(_) => self.accepted(attempt, &world, candidate).await,
            Err(error) => {
                let error = error.clone();
                self.stopped(attempt, &world, candidate, &error).await
            }
        }
    }

    async fn write<'w>(&self, worker: &'w mut Worker, candidate: &Candidate) -> Result<Attempt<'w>, AttemptError> {
        let oid = self.access.relation(&worker.world).map(|relation| relation.oid).unwrap_or_default();
        let predicates = watching(oid, vec![self.within.clone()]);
        let sql = candidate.sql.run();
        if self.granted {
            return worker.write(&self.access.identity, &[], sql, &predicates).await;
        }
        let proof = match &candidate.witness {
            // A key that is taken stops the witness role as well.
            Some(witness) if !candidate.verbatim && !candidate.meets && !self.access.lacks_privilege(&worker.world) => {
                Proof::Before(witness.run())
            }
            _ => Proof::Later,
        };
        worker.denied(&self.access.identity, sql, &predicates, proof).await
    }

    async fn accepted(
        &self,
        attempt: Attempt<'_>,
        world: &World,
        candidate: &Candidate,
    ) -> Result<InsertStep, AttemptError> {
        let none = Effect::default();
        let relation = self.access.relation(world);
        let effect = relation.and_then(|relation| attempt.effects.on.get(&relation.oid)).unwrap_or(&none);
        let baseline = relation.and_then(|relation| world.baseline(relation)).cloned().unwrap_or_default();
        let outside = |holds: &Vec<bool>| holds.first() == Some(&false);
        let leaked = effect.inserted.values().filter(|holds| outside(holds)).count();
        let changed: Vec<&RowKey> = effect.touched().collect();
        let got = format!("accepted: {}", candidate.what);
        if leaked > 0 {
            let evidence = self.access.evidence_of_leak(world, candidate.sql.shown(), got);
            return Ok(InsertStep::End(Outcome::failed(format!("accepted: {}", candidate.what), evidence)));
        }
        if let Some(foreign) = self.access.foreign_effects(world, &attempt.effects) {
            let evidence = self.access.evidence_of_leak(world, candidate.sql.shown(), foreign.clone());
            return Ok(InsertStep::End(Outcome::failed(format!("changed beside it: {foreign}"), evidence)));
        }
        if !changed.is_empty() && !self.granted {
            let mut evidence = self.access.evidence_of_leak(world, candidate.sql.shown(), got);
            evidence.notes.insert(0, format!("changed: {}", show_keys(&baseline, changed.iter().copied())));
            return Ok(InsertStep::End(Outcome::failed(
                format!("changed a row of others: {}", candidate.what),
                evidence,
            )));
        }
        let evidence = self.access.evidence(candidate.sql.shown(), self.expected(), got);
        if self.granted {
            return Ok(if effect.inserted.is_empty() && effect.updated.is_empty() {
                InsertStep::End(Outcome::failed("accepted, but no row stands there", evidence))
            } else {
                InsertStep::Denied(Outcome::passed(format!("accepted: {}", candidate.what), evidence))
            });
        }
        // Accepted, and what stands there is the actor's own: a trigger has rewritten the row.
        if attempt.effects.on.is_empty() && attempt.effects.elsewhere.is_empty() {
            return self
                .refused(attempt, world, candidate, evidence, "no row stands there: the schema swallowed it")
                .await;
        }
        if effect.is_empty() {
            let verdict = format!("vacuous: accepted, but nothing of it shows there: {}", candidate.what);
            return Ok(InsertStep::Open(Outcome::error(verdict, evidence)));
        }
        if candidate.meets {
            let verdict = format!("vacuous: accepted, and no row of others was in its way: {}", candidate.what);
            return Ok(InsertStep::Open(Outcome::error(verdict, evidence)));
        }
        Ok(InsertStep::Denied(Outcome::passed("made the actor's own by the schema", evidence)))
    }

    async fn stopped(
        &self,
        attempt: Attempt<'_>,
        world: &World,
        candidate: &Candidate,
        error: &ServerError,
    ) -> Result<InsertStep, AttemptError> {
        let class = self.access.class(world, error);
        let name = class_name(&class);
        let mut evidence = self.access.evidence(candidate.sql.shown(), self.expected(), error.line());
        if self.granted {
            return Ok(match class {
                ErrorClass::PastPolicy => InsertStep::Denied(Outcome::passed(format!("allowed: it {name}"), evidence)),
                ErrorClass::RefusedByPolicy
                | ErrorClass::RefusedByPrivilege
                | ErrorClass::RefusedByCheckOption
                | ErrorClass::Raised => {
                    evidence.notes = self.access.policies(world);
                    InsertStep::End(Outcome::failed(
                        format!("{name}, though the contract grants it: {}", candidate.what),
                        evidence,
                    ))
                }
                _ => InsertStep::End(Outcome::error(format!("no verdict: {name}: {}", candidate.what), evidence)),
            });
        }
        Ok(match class {
            ErrorClass::RefusedByPrivilege => InsertStep::End(Outcome::passed(name, evidence)),
            // A view's option holds everybody, the witness role too: no row is accepted to compare with.
            ErrorClass::ContextError | ErrorClass::RefusedByCheckOption => {
                InsertStep::Denied(Outcome::passed(name, evidence))
            }
            ErrorClass::Raised if self.access.broken => {
                InsertStep::Denied(Outcome::passed(format!("failed closed: {name}"), evidence))
            }
            ErrorClass::RefusedByPolicy => self.refused(attempt, world, candidate, evidence, name).await?,
            ErrorClass::PastPolicy if candidate.verbatim && self.may_be_rewritten(world) => InsertStep::Open(
                Outcome::error(format!("no verdict: {name}, and a trigger may have rewritten the row"), evidence),
            ),
            ErrorClass::PastPolicy => {
                let mut evidence = self.access.evidence_of_leak(world, candidate.sql.shown(), error.line());
                evidence.notes.push("the error tells that a row is there".to_owned());
                InsertStep::End(Outcome::failed(format!("{name}: {}", candidate.what), evidence))
            }
            _ => InsertStep::Open(Outcome::error(format!("no verdict: {name}: {}", candidate.what), evidence)),
        })
    }

    fn may_be_rewritten(&self, world: &World) -> bool {
        self.access
            .relation(world)
            .is_some_and(|relation| relation.triggers.iter().any(|trigger| trigger.enabled && trigger.before_insert))
    }

    /// Whether the actor with its whole context may insert the row: on another connection, since what it sets would be
    /// left over on this one.
    async fn whole_may(&self, worker: &mut Worker, sql: &Sql) -> Result<bool, AttemptError> {
        let Some(whole) = &self.whole else { return Ok(false) };
        let mut another = worker.on_fresh_connection(whole.login.as_deref()).await?;
        let may = match another.write(whole, &[], sql.run(), &watching(0, Vec::new())).await {
            Err(failure) => Err(failure),
            Ok(attempt) => Ok(match &attempt.result {
                Ok(result) => result.affected > 0,
                Err(error) => self.access.class(&worker.world, error) == ErrorClass::PastPolicy,
            }),
        };
        another.close().await;
        may
    }

    /// A refusal counts only if the row is one that the witness role could insert.
    async fn refused(
        &self,
        mut attempt: Attempt<'_>,
        world: &World,
        candidate: &Candidate,
        mut evidence: Evidence,
        how: &str,
    ) -> Result<InsertStep, AttemptError> {
        let Some(witness) = &candidate.witness else { return Ok(InsertStep::Denied(Outcome::passed(how, evidence))) };
        match attempt.witness(witness.run()).await? {
            Ok(result) if result.affected > 0 => {
                evidence.witness = "the same row is accepted as the witness role".to_owned();
                Ok(InsertStep::Denied(Outcome { status: Status::Passed, verdict: how.to_owned(), evidence }))
            }
            Ok(_) => Ok(InsertStep::Open(Outcome::error("vacuous: the witness role inserts nothing either", evidence))),
            // Policies are checked before constraints, so that the policy is what refused the actor; but only a key in
            // the way says that the row is whole.
            Err(error)
                if matches!(error.code.as_str(), "23505" | "23P01" | "23503")
                    && self.access.class(world, &error) == ErrorClass::PastPolicy =>
            {
                evidence.witness = "the same row gets past policies as the witness role".to_owned();
                Ok(InsertStep::Denied(Outcome { status: Status::Passed, verdict: how.to_owned(), evidence }))
            }
            Err(error) => {
                if self.whole_may(attempt.release(), witness).await? {
                    evidence.witness = "the same row is accepted with the whole context".to_owned();
                    return Ok(InsertStep::Denied(Outcome {
                        status: Status::Passed,
                        verdict: how.to_owned(),
                        evidence,
                    }));
                }
                evidence.notes.push(format!("as the witness role: {}", error.line()));
                let verdict = "the row is not accepted as the witness role either, so the refusal proves nothing; \
                               give the relation `insert_with`";
                Ok(InsertStep::Open(Outcome::error(verdict, evidence)))
            }
        }
    }
}
