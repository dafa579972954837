//! A function called with each key of a relation: it acts on rows of the caller's own only, and tells of no others.

use std::collections::{BTreeMap, BTreeSet};

use super::call::{check, sql};
use crate::Error;
use crate::catalog::{Function, FunctionName, QName, Relation};
use crate::check::Unit;
use crate::check::outcome::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::attempt::access::{Access, rows, watching};
use crate::checks::attempt::cell::Cell;
use crate::judge::answer::Answer;
use crate::judge::classify::ErrorClass;
use crate::judge::effect::{Baseline, RowKey, show_keys};
use crate::pg::session::ResultSet;
use crate::report::record::Evidence;
use crate::session::expect_denied::Proof;
use crate::session::{Attempt, AttemptError, Worker};
use crate::suite::resolved::{Actor, Command, Execute as Contract};
use crate::world::{ContractEntry, World};

pub(crate) fn plan(
    world: &World,
    function: &Function,
    contract: &Contract,
    actor: &Actor,
) -> Result<Option<Unit>, Error> {
    let Some(acts) = &contract.acts_on else { return Ok(None) };
    let schema = acts.relation.schema.as_deref().unwrap_or_else(|| world.default_schema());
    let name = QName::new(schema, acts.relation.name.as_str());
    let Some((relation, held)) = world.catalog.relations.get(&name).zip(world.contract(&name)) else {
        let known: Vec<String> = world.entries().iter().map(|entry| entry.relation.name.to_string()).collect();
        let kind = "relation of the contract in acts_on";
        return Err(contract.at.unknown(kind, &name.to_string(), known.iter().map(String::as_str)));
    };
    if !function.arguments.contains(&acts.argument) {
        let known = function.arguments.iter().map(String::as_str).filter(|name| !name.is_empty());
        return Err(contract.at.unknown(&format!("argument of {}", function.id), &acts.argument, known));
    }
    let cell = Cell::of(world, ContractEntry { relation, contract: held, follows: false }, actor, acts.command);
    let baseline = world.baseline(relation).cloned().unwrap_or_default();
    let calls = baseline
        .rows
        .keys()
        .filter_map(|key| {
            let [only] = &**key else { return None };
            Some((key.clone(), sql(world, function, Some(contract), actor, Some((&acts.argument, only)))))
        })
        .collect();
    // A cell that grants every row leaves nothing to be caught acting on.
    if !cell.withholds() {
        return Ok(None);
    }
    let call = |key: String| {
        let sql = sql(world, function, Some(contract), actor, Some((&acts.argument, &key)));
        (key, sql)
    };
    let task = ActsOnCheck {
        access: cell.access(),
        function: function.id.clone(),
        calls,
        nowhere: nowhere(relation, &baseline).into_iter().map(call).collect(),
        returns: returned(world, function, actor, &cell),
        may: cell.granted,
    };
    Ok(Some(Unit::one(check(world, function, Some(contract), actor, Some("acts-on")), task)))
}

/// The relation of the contract whose rows a function returns, and those that the actor may see: of the relation that it
/// acts on, those of its cell.
fn returned(world: &World, function: &Function, actor: &Actor, acts: &Cell<'_>) -> Option<(u32, BTreeSet<RowKey>)> {
    let relation = world.catalog.by_oid(function.returns?)?;
    if relation.oid == acts.entry.relation.oid {
        return Some((relation.oid, acts.granted.clone()));
    }
    let entry = ContractEntry { relation, contract: world.contract(&relation.name)?, follows: false };
    Some((relation.oid, Cell::of(world, entry, actor, Command::Select).granted))
}

/// Two keys that no row has: of numbers, texts and UUIDs they can be made up.
fn nowhere(relation: &Relation, baseline: &Baseline) -> Vec<String> {
    let Some([name]) = relation.key() else { return Vec::new() };
    let Some(column) = relation.column(name) else { return Vec::new() };
    let there = || baseline.rows.keys().flat_map(|key| key.iter());
    match (column.r#type.as_str(), column.category.as_str()) {
        ("uuid", _) => (1..=2).map(|n| format!("0badc0de-0000-4000-8000-00000000000{n}")).collect(),
        (_, "N") => {
            let highest = there().filter_map(|key| key.parse::<i64>().ok()).max().unwrap_or_default();
            (1..=2).map(|n| highest.saturating_add(n).to_string()).collect()
        }
        (_, "S") => (1..=2).map(|n| format!("rlsgate-{n}")).filter(|key| !there().any(|other| other == key)).collect(),
        _ => Vec::new(),
    }
}

/// A function called with each key of a relation.
#[derive(Debug)]
pub(super) struct ActsOnCheck {
    /// Who, on which relation, for which command.
    pub access: Access,
    /// What.
    pub function: FunctionName,
    /// One call for each key.
    pub calls: BTreeMap<RowKey, String>,
    /// Keys that no row has, each with its call: two, so that an answer that changes by itself is noticed.
    pub nowhere: Vec<(String, String)>,
    /// The caller's cell.
    pub may: BTreeSet<RowKey>,
    /// The relation whose rows it returns, and those of them that the caller may see; none where it returns others.
    pub returns: Option<(u32, BTreeSet<RowKey>)>,
}

impl Task for ActsOnCheck {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let outcome = match self.call_all(worker).await {
                Ok(outcome) => outcome,
                Err(failure) => Outcome::not_tried(&failure, self.evidence("nothing")),
            };
            vec![outcome]
        })
    }
}

/// What came of one call.
struct Called {
    /// Rows of the relation, or of the one whose rows are returned, that the caller may not reach.
    foreign: BTreeSet<(u32, RowKey)>,
    /// Whether it reached a row that the caller may.
    reached: bool,
    /// What it said.
    answer: Answer,
}

impl ActsOnCheck {
    fn evidence(&self, got: impl Into<String>) -> Evidence {
        let sql = self.calls.values().next().cloned().unwrap_or_default();
        self.access.evidence(&sql, format!("acts only on what is granted: {}", self.access.granted), got)
    }

    async fn call_all(&self, worker: &mut Worker) -> Result<Outcome, AttemptError> {
        let world = worker.world.clone();
        let nowhere = match self.nowhere(worker, &world).await? {
            Ok(nowhere) => nowhere,
            Err(outcome) => return Ok(outcome),
        };
        let (mut foreign, mut reached) = (BTreeSet::new(), 0);
        for (key, sql) in &self.calls {
            let called = match self.call(worker, &world, key, sql).await? {
                Ok(called) => called,
                Err(outcome) => return Ok(outcome),
            };
            let silent = nowhere.as_ref().is_none_or(|nowhere| called.answer.says_as(nowhere));
            // Rows of a relation of the contract are judged by its cells; of all else only silence tells nothing.
            let judged = self.returns.is_some() && called.answer.has_rows();
            if !self.may.contains(key) && !silent && !judged {
                let verdict = format!("{} tells a row of others from one that is not there", self.function);
                let mut evidence = self.access.evidence(sql, "the answer for a key that no row has", "another answer");
                evidence.notes.extend(self.nowhere.iter().take(1).map(|(_, sql)| format!("compared with: {sql}")));
                return Ok(Outcome::failed(verdict, evidence));
            }
            reached += usize::from(called.reached || (self.may.contains(key) && !silent));
            foreign.extend(called.foreign);
        }
        let mut evidence = self.evidence(format!("reached by {} keys, {} of others", reached, rows(foreign.len())));
        if !foreign.is_empty() {
            for oid in foreign.iter().map(|(oid, _)| *oid).collect::<BTreeSet<u32>>() {
                let keys = foreign.iter().filter(|(at, _)| *at == oid).map(|(_, key)| key);
                let name = world.catalog.by_oid(oid).map(|relation| relation.name.to_string()).unwrap_or_default();
                let baseline = world.seed.get(&oid).cloned().unwrap_or_default();
                evidence.notes.push(format!("reached in {name}: {}", show_keys(&baseline, keys)));
            }
            let verdict = format!("{} acts on {} of others", self.function, rows(foreign.len()));
            return Ok(Outcome::failed(verdict, evidence));
        }
        if self.calls.len() == self.may.len() {
            return Ok(Outcome::error("no row of others on the seed: it proves nothing", evidence));
        }
        if reached == 0 && !self.may.is_empty() {
            return Ok(Outcome::error("vacuous: it acts on none of the caller's own rows either", evidence));
        }
        let beside = if self.nowhere.is_empty() { "" } else { ", and with one that no row has" };
        evidence.witness = format!("called with each of {} keys{beside}", self.calls.len());
        Ok(Outcome::passed(format!("acts on rows of the caller only, by {reached} keys"), evidence))
    }

    /// The answer for keys that no row has; none where it changes from one to the next, so that nothing can be compared
    /// with it.
    async fn nowhere(
        &self,
        worker: &mut Worker,
        world: &World,
    ) -> Result<Result<Option<Answer>, Outcome>, AttemptError> {
        let mut answers = Vec::new();
        for (key, sql) in &self.nowhere {
            match self.call(worker, world, &RowKey::from([key.clone()]), sql).await? {
                Ok(called) => answers.push(called.answer),
                Err(outcome) => return Ok(Err(outcome)),
            }
        }
        let first = answers.pop();
        Ok(Ok(first.filter(|first| answers.iter().all(|other| other.says_as(first)))))
    }

    async fn call(
        &self,
        worker: &mut Worker,
        world: &World,
        key: &RowKey,
        sql: &str,
    ) -> Result<Result<Called, Outcome>, AttemptError> {
        let oid = self.access.relation(world).map(|relation| relation.oid).unwrap_or_default();
        let (who, watched) = (&self.access.identity, watching(oid, Vec::new()));
        let attempt = if self.may.contains(key) {
            worker.write(who, &[], sql, &watched).await?
        } else {
            worker.denied(who, sql, &watched, Proof::Later).await?
        };
        if let Some(foreign) = self.access.foreign_effects(world, &attempt.effects) {
            let evidence = self.access.evidence(sql, "rows of others left alone", foreign.clone());
            return Ok(Err(Outcome::failed(format!("changed beside it: {foreign}"), evidence)));
        }
        if let Err(error) = &attempt.result
            && self.access.class(world, error) == ErrorClass::Other
        {
            return Ok(Err(Outcome::error(format!("no verdict: {}", error.line()), self.evidence(error.line()))));
        }
        let all = self.touched(world, oid, &attempt);
        let own = |(at, key): &&(u32, RowKey)| {
            if *at == oid { self.may.contains(key) } else { self.returns.iter().any(|(_, may)| may.contains(key)) }
        };
        Ok(Ok(Called {
            reached: all.iter().any(|one| own(&one)),
            foreign: all.iter().filter(|one| !own(one)).cloned().collect(),
            answer: Answer::of(&attempt.result, key),
        }))
    }

    /// The rows that a call changed, and those that it returned as rows of a relation of the contract.
    fn touched(&self, world: &World, oid: u32, attempt: &Attempt<'_>) -> BTreeSet<(u32, RowKey)> {
        let effect = attempt.effects.on.get(&oid).into_iter().flat_map(|effect| effect.touched().cloned());
        let mut all: BTreeSet<(u32, RowKey)> = effect.map(|key| (oid, key)).collect();
        if let (Some((of, _)), Ok(result)) = (&self.returns, &attempt.result) {
            let key = world.seed.get(of).map(|baseline| baseline.key.as_slice()).unwrap_or_default();
            all.extend(keys_returned(key, result).into_iter().map(|key| (*of, key)));
        }
        all
    }
}

/// The keys of returned rows; a function that returns one composite row returns NULL in every column for none.
fn keys_returned(key: &[String], result: &ResultSet) -> Vec<RowKey> {
    let places: Option<Vec<usize>> =
        key.iter().map(|name| result.columns.iter().position(|column| column == name)).collect();
    let Some(places) = places.filter(|places| !places.is_empty()) else { return Vec::new() };
    let of = |row: &Vec<Option<String>>| places.iter().map(|n| row.get(*n).cloned().flatten()).collect();
    result.rows.iter().filter_map(of).collect()
}
