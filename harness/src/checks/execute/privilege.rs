//! Who may call a function: the privilege EXECUTE alone decides.

use super::call::{check, find, sql};
use crate::catalog::{Function, FunctionName};
use crate::check::Unit;
use crate::check::outcome::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::attempt::access::class_name;
use crate::judge::classify::{ErrorClass, Probed, classify};
use crate::pg::error::ServerError;
use crate::report::record::Evidence;
use crate::session::Worker;
use crate::suite::resolved::{Actor, Execute as Contract};
use crate::world::World;

pub(crate) fn call(
    world: &World,
    function: &Function,
    contract: Option<&Contract>,
    actor: &Actor,
    granted: bool,
) -> Unit {
    let identity = world.identities.get(&actor.name).cloned();
    let task = ExecutePrivilege {
        identity: identity.unwrap_or_else(|| crate::actor::Identity::bare(&actor.name, "")),
        function: function.id.clone(),
        oid: function.oid,
        sql: sql(world, function, contract, actor, None),
        granted,
    };
    Unit::one(check(world, function, contract, actor, None), task)
}

/// Calls that are granted to an actor, as tasks of their own.
pub(crate) fn granted(world: &World, actor: &Actor) -> Vec<Box<dyn Task>> {
    let mine = |contract: &&Contract| !contract.allow.is_disjoint(&actor.groups);
    let task = |contract: &Contract| call(world, find(world, contract).ok()?, Some(contract), actor, true).into_task();
    world.suite.execute.iter().filter(mine).filter_map(task).collect()
}

/// One call.
#[derive(Debug)]
pub(crate) struct ExecutePrivilege {
    /// Who.
    pub identity: crate::actor::Identity,
    /// What.
    pub function: FunctionName,
    /// Its oid.
    pub oid: u32,
    /// The call.
    pub sql: String,
    /// Whether it must be allowed.
    pub granted: bool,
}

impl Task for ExecutePrivilege {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let world = worker.world.clone();
            let expected = if self.granted { "may be executed" } else { "refused by privilege" };
            let mut evidence = Evidence {
                context: self.identity.describe(),
                sql: vec![self.sql.clone()],
                expected: expected.to_owned(),
                ..Evidence::default()
            };
            let tried = match worker.statements(&self.identity, &[], std::slice::from_ref(&self.sql)).await {
                Ok(attempt) => attempt.result,
                Err(failure) => return vec![Outcome::not_tried(&failure, evidence)],
            };
            let class = tried.as_ref().err().map(|error| class_of(&world, &self.identity, self.oid, error));
            evidence.got = tried.as_ref().err().map_or_else(|| "executed".to_owned(), ServerError::line);
            // Anything but the refusal of EXECUTE comes from inside the function: it was executed.
            let refused = class == Some(ErrorClass::RefusedByPrivilege);
            vec![match (self.granted, refused, class) {
                (false, true, _) => Outcome::passed("refused by privilege", evidence),
                (true, true, _) => Outcome::failed("refused by privilege, though the contract grants it", evidence),
                (_, false, Some(class @ (ErrorClass::Other | ErrorClass::PrivilegeElsewhere))) => {
                    Outcome::error(format!("no verdict: {}", class_name(&class)), evidence)
                }
                (true, false, _) => Outcome::passed("may be executed", evidence),
                (false, false, _) => Outcome::failed(format!("{} can be executed", self.function), evidence),
            }]
        })
    }
}

fn class_of(world: &World, identity: &crate::actor::Identity, oid: u32, error: &ServerError) -> ErrorClass {
    let held = world.executable.get(identity.effective_role());
    let probed = Probed {
        catalog: &world.catalog,
        relation: None,
        lacks_privilege: !held.is_some_and(|held| held.contains(&oid)),
        broken_context: false,
    };
    classify(error, &probed)
}
