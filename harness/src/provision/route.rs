//! The way to a suite's state: how far up the chain, which seeds on the way, how far down again.

use std::collections::BTreeMap;

use crate::Error;
use crate::chain::{Chain, Script, nearest};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::suite::Suite;
use crate::suite::resolved::State;

/// What is done with a chain and the seeds of a suite, in order.
#[derive(Debug)]
pub(crate) struct Route {
    /// Revisions applied at the highest point.
    pub(crate) up: usize,
    /// Seeds on the way, by the number of revisions that are applied when each is run.
    pub(crate) seeds: BTreeMap<usize, Script>,
    /// The seed at the highest point.
    pub(crate) seed: Option<Script>,
    /// Revisions applied at the end.
    pub(crate) end: usize,
}

impl Route {
    /// # Errors
    /// [`Error::Input`] where the suite names a revision that the chain lacks, a seed that is never run, or a state that
    /// cannot be reached.
    pub(crate) fn of(suite: &Suite, chain: &Chain) -> Result<Self, Error> {
        let mut wrong = Vec::new();
        let count = |id: &str| chain.revisions.iter().position(|revision| revision.id == *id).map(|last| last + 1);
        for named in &suite.revisions {
            if count(&named.id).is_none() {
                let near = nearest::suffix(&named.id, chain.revisions.iter().map(|revision| revision.id.as_str()));
                let message = format!("chain {} has no revision `{}`{near}", chain.dir.display(), named.id);
                wrong.push(Diagnostic { message, ..named.place.clone() });
            }
        }
        let head = chain.revisions.len();
        let (up, end) = match &suite.state {
            State::Head => (head, head),
            State::At(id) => (count(id).unwrap_or(head), count(id).unwrap_or(head)),
            State::DownTo(id) => (head, count(id).unwrap_or(head)),
        };
        let above = chain.revisions.iter().skip(end).rev();
        if let Some((revision, why)) = above.filter_map(|revision| Some((revision, revision.stuck()?))).next()
            && up > end
            && let State::DownTo(id) = &suite.state
            && let Some(named) = suite.revisions.iter().find(|named| named.id == *id)
        {
            let message = format!("the chain cannot be taken down to `{id}`: revision {} {why}", revision.id);
            let help = "name a revision above it, or hold the suite against `{ at = REV }`".to_owned();
            wrong.push(Diagnostic { message, help, ..named.place.clone() });
        }
        let mut seeds = BTreeMap::new();
        for (id, path) in &suite.seed_at {
            let Some(at) = count(id) else { continue };
            if at > up
                && let Some(named) = suite.revisions.iter().rfind(|named| named.id == *id)
            {
                let message = format!("the seed after `{id}` is never run: the state of the suite is before it");
                wrong.push(Diagnostic { message, ..named.place.clone() });
            }
            seeds.insert(at, Script::read(path)?);
        }
        if !wrong.is_empty() {
            return Err(Diagnostics(wrong).into());
        }
        Ok(Self { up, seeds, seed: suite.seed.as_deref().map(Script::read).transpose()?, end })
    }

    /// All that decides the state beside the chain's way up, for the cache.
    pub(crate) fn parts<'a>(&'a self, chain: &'a Chain) -> Vec<Vec<u8>> {
        let mut parts = vec![self.up.to_string().into_bytes(), self.end.to_string().into_bytes()];
        let mut part = |words: &str, bytes: &[u8]| parts.extend([words.as_bytes().to_vec(), bytes.to_vec()]);
        for (at, seed) in &self.seeds {
            part(&format!("seed at {at}"), seed.source.as_bytes());
        }
        part("seed", self.seed.as_ref().map(|seed| seed.source.as_bytes()).unwrap_or_default());
        for revision in chain.revisions.iter().take(self.up).skip(self.end) {
            part("down", revision.down.as_ref().map(|down| down.source().as_bytes()).unwrap_or_default());
        }
        parts
    }
}
