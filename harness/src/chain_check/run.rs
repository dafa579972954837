//! One chain, from its folder to its record.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use super::check::{Judged, Judging, Walk};
use super::over_rows::over_rows;
use super::plan::{PlannedCheck, entries};
use super::record;
use super::subject::Subject;
use crate::Error;
use crate::chain_check::kept_walk::{Decided, Place, Walked};
use crate::chain_check::observations::Observations;
use crate::chain_check::walk_up::climb;
use crate::check::filter::Filter;
use crate::check::known::Exceptions;
use crate::check::record::RelativePaths;
use crate::check::{Check, Options, Outcome, SuiteRun};
use crate::instance::{EarlierResult, Provider, Request};
use crate::report::record::{CheckRecord, Evidence, Status};

/// A chain with its checks planned; nothing is started yet.
#[derive(Debug)]
pub struct PreparedChain {
    subject: Arc<Subject>,
    entries: Vec<PlannedCheck>,
    exceptions: Exceptions,
}

impl PreparedChain {
    /// Plans the checks of `subject`.
    ///
    /// # Errors
    /// [`Error::Usage`] where two have one id.
    pub fn new(subject: impl Into<Arc<Subject>>) -> Result<Self, Error> {
        let subject = subject.into();
        let entries = entries(&subject)?;
        Ok(Self { subject, entries, exceptions: Exceptions::default() })
    }

    /// Takes on what a suite of the chain says: exceptions that are known, and controls that every chain check proves.
    pub fn also(&mut self, exceptions: Exceptions, controls: &[String]) {
        self.exceptions.also(exceptions);
        for entry in &mut self.entries {
            let new: Vec<String> =
                controls.iter().filter(|control| !entry.check.controls.contains(control)).cloned().collect();
            entry.check.controls.extend(new);
        }
    }

    /// The chain.
    #[must_use]
    pub const fn subject(&self) -> &Arc<Subject> {
        &self.subject
    }

    /// The checks that would be run.
    pub fn checks<'a>(&'a self, filter: &'a Filter) -> impl Iterator<Item = &'a Check> {
        self.entries.iter().map(|entry| &entry.check).filter(|check| filter.selects(&check.id))
    }

    /// Walks the chain as far as the selected checks ask for it, and judges them. `done` is told of each.
    ///
    /// # Errors
    /// [`Error::Environment`] where there is no server, or it fails.
    pub async fn run(&self, options: &Options, mut done: impl FnMut(&CheckRecord)) -> Result<SuiteRun, Error> {
        let selected: Vec<&PlannedCheck> =
            self.entries.iter().filter(|entry| options.filter.selects(&entry.check.id)).collect();
        let tried = selected.iter().filter(|entry| entry.check.skip.is_none());
        let walks: Vec<Walk> = tried.flat_map(|entry| entry.decides.walks.iter().copied()).collect();
        let place = Place::of(&self.subject, options, &selected, &walks).await;
        let earlier = place.as_ref().and_then(|place| place.earlier(&selected));
        let mut kept = BTreeMap::new();
        let walked = match earlier {
            Some(EarlierResult { value, measured }) => {
                tracing::info!(
                    chain = self.subject.name,
                    measured,
                    "what the chain came to is kept from an earlier run"
                );
                kept.insert(format!("chain/{}", self.subject.name), measured);
                value
            }
            None => {
                let (chain, started) = (&self.subject.name, Instant::now());
                tracing::info!(chain, revisions = self.subject.chain.revisions.len(), "walking a chain");
                let seen = self.walk(&walks, &options.request).await?;
                tracing::info!(chain, took = ?started.elapsed(), "walked the chain");
                let walked = self.walked(&selected, &seen);
                if let Some(place) = place {
                    place.keep(&walked, &self.subject, options, &selected);
                }
                walked
            }
        };
        let mut checks = Vec::new();
        for (entry, decided) in selected.iter().zip(&walked.outcomes) {
            let record = self.judged(entry, decided.judged(), &options.today);
            tracing::debug!(check = record.id, status = ?record.status, "judged");
            done(&record);
            checks.push(record);
        }
        checks.sort_by(|a, b| a.id.cmp(&b.id));
        let Walked { facts, revisions, server, seconds, by_revision, .. } = walked;
        let record = record::suite(&self.subject, facts, revisions, checks);
        Ok(SuiteRun { record, server, seconds, revisions: by_revision, kept })
    }

    /// What the walk came to, before anybody excepts anything from it.
    fn walked(&self, selected: &[&PlannedCheck], seen: &Observations) -> Walked {
        let decided = |entry: &&PlannedCheck| Decided::of(&entry.check.id, self.judge(entry, seen));
        let ids: BTreeSet<&str> = selected.iter().map(|entry| entry.check.id.as_str()).collect();
        Walked {
            outcomes: selected.iter().map(decided).collect(),
            facts: record::facts(&self.subject, seen),
            revisions: record::revisions(&self.subject, seen),
            server: seen.server.clone(),
            seconds: self.seconds(seen).into_iter().filter(|(id, _)| ids.contains(id.as_str())).collect(),
            by_revision: record::seconds(&self.subject, seen),
        }
    }

    /// What is recorded where `error` kept the chain from being walked: every selected check is in error.
    #[must_use]
    pub fn untested(&self, options: &Options, error: &Error) -> SuiteRun {
        let selected = self.entries.iter().filter(|entry| options.filter.selects(&entry.check.id));
        let outcome = || match error.to_string().lines().next() {
            Some(first) => Outcome::error(first, Evidence { got: error.to_string(), ..Evidence::default() }),
            None => Outcome::error("it could not be walked", Evidence::default()),
        };
        let mut checks: Vec<CheckRecord> =
            selected.map(|entry| self.recorded(entry.check.clone(), outcome(), &options.today)).collect();
        checks.sort_by(|a, b| a.id.cmp(&b.id));
        let seen = Observations::default();
        let (facts, revisions) = (record::facts(&self.subject, &seen), record::revisions(&self.subject, &seen));
        let record = record::suite(&self.subject, facts, revisions, checks);
        SuiteRun::untimed(record)
    }

    async fn walk(&self, walks: &[Walk], request: &Request) -> Result<Observations, Error> {
        if self.subject.chain.heads.len() > 1 {
            let stopped = "the chain has several heads, and none is the last revision: see single-head".to_owned();
            return Ok(Observations { over_rows_stopped: stopped.clone(), stopped, ..Observations::default() });
        }
        let climbs = walks.iter().any(|walk| *walk != Walk::Rows);
        let rows = walks.contains(&Walk::Rows) && !self.subject.seeds.is_empty();
        let climb =
            async { if climbs { climb(&self.subject, request, walks).await } else { Ok(Observations::default()) } };
        let over = async { if rows { over_rows(&self.subject, request).await } else { Ok(Observations::default()) } };
        // On a server of others, roles are everybody's: one after the other.
        let (mut seen, over) = if matches!(request.provider, Provider::Url(_)) {
            let seen = climb.await?;
            (seen, over.await?)
        } else {
            tokio::try_join!(climb, over)?
        };
        if !climbs {
            (seen.major, seen.server) = (over.major, over.server);
        }
        (seen.over_rows, seen.over_rows_stopped) = (over.over_rows, over.over_rows_stopped);
        Ok(seen)
    }

    fn judge(&self, entry: &PlannedCheck, seen: &Observations) -> Judged {
        match &entry.check.skip {
            Some(reason) => {
                Outcome { status: Status::Skipped, verdict: reason.clone(), evidence: Evidence::default() }.into()
            }
            None => {
                let judging = Judging { subject: &self.subject, seen, revision: &entry.revision };
                (entry.decides.judge)(&judging).unwrap_or_else(Judged::from)
            }
        }
    }

    fn judged(&self, entry: &PlannedCheck, Judged { outcome, at }: Judged, today: &str) -> CheckRecord {
        let mut check = entry.check.clone();
        check.at = at.unwrap_or(check.at);
        self.recorded(check, outcome, today)
    }

    fn recorded(&self, check: Check, outcome: Outcome, today: &str) -> CheckRecord {
        let command = format!("rlsgate chain {}", crate::check::record::relative(&self.subject.chain.dir));
        let mut record = crate::check::record::check(&check, &command, &mut RelativePaths::default(), outcome);
        self.exceptions.apply(&mut record, today);
        record
    }

    /// Seconds by check.
    fn seconds(&self, seen: &Observations) -> BTreeMap<String, f64> {
        let mut all = BTreeMap::new();
        for (position, revision) in self.subject.revisions() {
            let by_check = seen.seconds(position);
            for entry in self.entries.iter().filter(|entry| entry.revision == revision.id) {
                if let Some(seconds) = by_check.get(entry.decides.name) {
                    all.insert(entry.check.id.clone(), *seconds);
                }
            }
        }
        all
    }
}
