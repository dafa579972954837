//! A function called with each key of a relation: it acts on rows of the caller's own only, and tells of no others.

use std::collections::{BTreeMap, BTreeSet};

use super::outcome::Outcome;
use super::trial::{Trial, rows, watching};
use super::unit::{Running, Task};
use crate::catalog::FunctionName;
use crate::judge::answer::Answer;
use crate::judge::classify::Class;
use crate::judge::effect::{Key, show_keys};
use crate::plan::basis::Basis;
use crate::report::record::Evidence;
use crate::run::denied::Proof;
use crate::run::session::ResultSet;
use crate::run::worker::{Trouble, Worker, Written};

/// A function called with each key of a relation.
#[derive(Debug)]
pub struct ActsOn {
    /// Who, on which relation, for which command.
    pub trial: Trial,
    /// What.
    pub function: FunctionName,
    /// One call for each key.
    pub calls: BTreeMap<Key, String>,
    /// Keys that no row has, each with its call: two, so that an answer that changes by itself is noticed.
    pub nowhere: Vec<(String, String)>,
    /// The caller's cell.
    pub may: BTreeSet<Key>,
    /// The relation whose rows it returns, and those of them that the caller may see; none where it returns others.
    pub returns: Option<(u32, BTreeSet<Key>)>,
}

impl Task for ActsOn {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move {
            let outcome = match self.call_all(worker).await {
                Ok(outcome) => outcome,
                Err(trouble) => Outcome::troubled(&trouble, self.evidence("nothing")),
            };
            vec![outcome]
        })
    }
}

/// What came of one call.
struct Called {
    /// Rows of the relation, or of the one whose rows are returned, that the caller may not reach.
    foreign: BTreeSet<(u32, Key)>,
    /// Whether it reached a row that the caller may.
    reached: bool,
    /// What it said.
    answer: Answer,
}

impl ActsOn {
    fn evidence(&self, got: impl Into<String>) -> Evidence {
        let sql = self.calls.values().next().cloned().unwrap_or_default();
        self.trial.evidence(&sql, format!("acts only on what is granted: {}", self.trial.granted), got)
    }

    async fn call_all(&self, worker: &mut Worker) -> Result<Outcome, Trouble> {
        let basis = worker.basis.clone();
        let nowhere = match self.nowhere(worker, &basis).await? {
            Ok(nowhere) => nowhere,
            Err(outcome) => return Ok(outcome),
        };
        let (mut foreign, mut reached) = (BTreeSet::new(), 0);
        for (key, sql) in &self.calls {
            let called = match self.call(worker, &basis, key, sql).await? {
                Ok(called) => called,
                Err(outcome) => return Ok(outcome),
            };
            let silent = nowhere.as_ref().is_none_or(|nowhere| called.answer.says_as(nowhere));
            // Rows of a relation of the contract are judged by its cells; of all else only silence tells nothing.
            let judged = self.returns.is_some() && called.answer.has_rows();
            if !self.may.contains(key) && !silent && !judged {
                let verdict = format!("{} tells a row of others from one that is not there", self.function);
                let mut evidence = self.trial.evidence(sql, "the answer for a key that no row has", "another answer");
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
                let name = basis.catalog.by_oid(oid).map(|relation| relation.name.to_string()).unwrap_or_default();
                let baseline = basis.seed.get(&oid).cloned().unwrap_or_default();
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
    async fn nowhere(&self, worker: &mut Worker, basis: &Basis) -> Result<Result<Option<Answer>, Outcome>, Trouble> {
        let mut answers = Vec::new();
        for (key, sql) in &self.nowhere {
            match self.call(worker, basis, &Key::from([key.clone()]), sql).await? {
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
        basis: &Basis,
        key: &Key,
        sql: &str,
    ) -> Result<Result<Called, Outcome>, Trouble> {
        let oid = self.trial.relation(basis).map(|relation| relation.oid).unwrap_or_default();
        let (who, watched) = (&self.trial.identity, watching(oid, Vec::new()));
        let written = if self.may.contains(key) {
            worker.write(who, &[], sql, &watched).await?
        } else {
            worker.denied(who, sql, &watched, Proof::Later).await?
        };
        if let Some(foreign) = self.trial.foreign_effects(basis, &written) {
            let evidence = self.trial.evidence(sql, "rows of others left alone", foreign.clone());
            return Ok(Err(Outcome::failed(format!("changed beside it: {foreign}"), evidence)));
        }
        if let Err(error) = &written.result
            && self.trial.class(basis, error) == Class::Other
        {
            return Ok(Err(Outcome::error(format!("no verdict: {}", error.line()), self.evidence(error.line()))));
        }
        let all = self.touched(basis, oid, &written);
        let own = |(at, key): &&(u32, Key)| {
            if *at == oid { self.may.contains(key) } else { self.returns.iter().any(|(_, may)| may.contains(key)) }
        };
        Ok(Ok(Called {
            reached: all.iter().any(|one| own(&one)),
            foreign: all.iter().filter(|one| !own(one)).cloned().collect(),
            answer: Answer::of(&written.result, key),
        }))
    }

    /// The rows that a call changed, and those that it returned as rows of a relation of the contract.
    fn touched(&self, basis: &Basis, oid: u32, written: &Written) -> BTreeSet<(u32, Key)> {
        let effect = written.effects.get(&oid).into_iter().flat_map(|effect| effect.touched().cloned());
        let mut all: BTreeSet<(u32, Key)> = effect.map(|key| (oid, key)).collect();
        if let (Some((of, _)), Ok(result)) = (&self.returns, &written.result) {
            let key = basis.seed.get(of).map(|baseline| baseline.key.as_slice()).unwrap_or_default();
            all.extend(returned(key, result).into_iter().map(|key| (*of, key)));
        }
        all
    }
}

/// The keys of returned rows; a function that returns one composite row returns NULL in every column for none.
fn returned(key: &[String], result: &ResultSet) -> Vec<Key> {
    let places: Option<Vec<usize>> =
        key.iter().map(|name| result.columns.iter().position(|column| column == name)).collect();
    let Some(places) = places.filter(|places| !places.is_empty()) else { return Vec::new() };
    let of = |row: &Vec<Option<String>>| places.iter().map(|n| row.get(*n).cloned().flatten()).collect();
    result.rows.iter().filter_map(of).collect()
}
