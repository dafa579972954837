//! The catalog of a live database against the lock file of the chain: what the chain makes is there, as it was committed,
//! and its owner has made nothing beside it.
//!
//! A live platform holds more than the prelude that stands for it, so that objects of others are told and not judged.

use std::collections::{BTreeMap, BTreeSet};

use super::live::{Live, LiveUnit};
use super::reader::{Path, Reader};
use crate::Error;
use crate::catalog::fingerprint::{Delta, Facts, Fingerprint, read_within};
use crate::chain_check::Subject;
use crate::check::task::OutcomesFuture;
use crate::check::{Check, Outcome};
use crate::report::record::Evidence;
use crate::sql::quote::ident;
use crate::suite::Suite;
use crate::suite::resolved::{Location, State};

/// Why the catalog is not compared; nothing where it is.
pub(super) fn left_out(suite: &Suite, subject: &Subject, major: u32) -> Option<String> {
    match &subject.lock {
        None => Some("there is no lock file; `rlsgate chain --update` writes it".to_owned()),
        Some(_) if suite.state != State::Head => Some("the lock file is of the chain's head".to_owned()),
        Some(lock) if lock.postgres != major => Some(format!(
            "the lock was taken with PostgreSQL {}, which words definitions in its own way",
            lock.postgres
        )),
        Some(_) => None,
    }
}

/// The check, where there is something to compare with.
pub(super) fn plan(suite: &Suite, subject: &Subject, major: u32) -> Option<LiveUnit> {
    let lock = subject.lock.as_ref().filter(|_| left_out(suite, subject, major).is_none())?;
    let path = subject.lock_path();
    let check = Check::new("chain", ["chain", subject.name.as_str(), "fingerprint"], Location::of_file(&path))
        .title("the database holds the catalog of the chain's lock file".to_owned())
        .about(subject.name.clone(), "fingerprint".to_owned())
        .controls(suite.controls.get(&"chain").cloned().unwrap_or_default());
    let bookkeeping = subject.chain.bookkeeping().iter().map(|table| format!("table {table}")).collect();
    let task = Drift {
        lock: lock.delta(),
        schemas: subject.chain.schemas().map(ToOwned::to_owned).collect(),
        owner: subject.chain.owner().to_owned(),
        bookkeeping,
        path: path.display().to_string(),
    };
    Some(LiveUnit { checks: vec![check], task: Box::new(task) })
}

/// What was committed, and how an object beside it is known to be the chain owner's.
#[derive(Debug)]
struct Drift {
    lock: Delta,
    schemas: Vec<String>,
    owner: String,
    bookkeeping: BTreeSet<String>,
    path: String,
}

impl Live for Drift {
    fn decide<'a>(&'a self, reader: &'a mut Reader) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let live = reader.reading(Path::Own, async |conn| read_within(conn).await).await;
            vec![live.map_or_else(untold, |live| self.judge(&live))]
        })
    }
}

fn untold(error: Error) -> Outcome {
    Outcome::error(error.to_string(), Evidence::default())
}

impl Drift {
    fn judge(&self, live: &Fingerprint) -> Outcome {
        let (own, others) = self.beside(live);
        let mut now = Delta { major: live.major, facts: Facts::new(), removed: Facts::new() };
        for (object, properties) in &self.lock.facts {
            let there = live.facts.get(object.as_str());
            let whole = properties.contains_key("owner") && !object.starts_with("role ");
            let of_chain = |property: &String| whole || properties.contains_key(property);
            let kept = there.into_iter().flat_map(|there| there.iter()).filter(|(property, _)| of_chain(property));
            let mut kept: BTreeMap<_, _> = kept.map(|(name, text)| (name.clone(), text.clone())).collect();
            // What the session had no right to read is taken to be as it was.
            kept.extend(
                properties.iter().filter(|(name, _)| live.hides(object, name)).map(|(n, t)| (n.clone(), t.clone())),
            );
            if !kept.is_empty() {
                now.facts.insert(object.clone(), kept);
            }
        }
        now.facts.extend(own);
        for (object, properties) in &self.lock.removed {
            let gone = properties.iter().filter(|(property, _)| live.get(object, property).is_none());
            let gone: BTreeMap<_, _> = gone.map(|(name, text)| (name.clone(), text.clone())).collect();
            if !gone.is_empty() {
                now.removed.insert(object.clone(), gone);
            }
        }
        let diff = self.lock.diff(&now);
        let all =
            self.lock.facts.iter().flat_map(|(object, properties)| properties.keys().map(move |name| (object, name)));
        let (unread, read): (Vec<_>, Vec<_>) = all.partition(|(object, name)| live.hides(object, name));
        let facts = read.len();
        let mut evidence = Evidence { expected: format!("the facts of {}", self.path), ..Evidence::default() };
        if !others.is_empty() {
            evidence.notes.push(format!("beside the chain, of other owners: {}", others.join(", ")));
        }
        if !unread.is_empty() {
            evidence.notes.push(format!("{} facts not compared: the session may not read them", unread.len()));
        }
        if facts == 0 {
            return Outcome::error("no fact of the lock file was compared: it proves nothing", evidence);
        }
        if diff.is_empty() {
            return Outcome::passed(format!("{facts} facts, as the lock has them"), evidence);
        }
        evidence.got = diff.to_string();
        Outcome::failed(format!("the database differs from {} in {} facts", self.path, diff.len()), evidence)
    }

    /// Objects in the chain's schemas that the lock file does not have: those of the chain's owner, and names of the others.
    fn beside(&self, live: &Fingerprint) -> (Facts, Vec<String>) {
        let in_schema = |object: &str| {
            let name = object.split_once(' ').map_or(object, |(_, name)| name);
            // The server quotes a name where it must.
            let mut forms = self.schemas.iter().flat_map(|schema| [schema.clone(), ident(schema)]);
            forms.any(|schema| name.strip_prefix(&schema).is_some_and(|rest| rest.starts_with('.')))
        };
        let beside = live.facts.iter().filter(|(object, _)| {
            in_schema(object) && !self.lock.facts.contains_key(&***object) && !self.bookkeeping.contains(&***object)
        });
        let (own, others): (Vec<_>, Vec<_>) =
            beside.partition(|(_, properties)| properties.get("owner").is_some_and(|owner| *owner == self.owner));
        let own =
            own.into_iter().map(|(object, properties)| (object.to_string(), BTreeMap::clone(properties))).collect();
        (own, others.into_iter().map(|(object, _)| object.to_string()).collect())
    }
}
