//! Known exceptions: failures that are meant, each with a reason. One that covers nothing fails the run.

use globset::GlobMatcher;

use crate::Error;
use crate::check::filter::matcher;
use crate::report::record::{CheckRecord, Status};
use crate::suite::Suite;
use crate::suite::resolved::Known;

/// The known exceptions of a suite.
#[derive(Debug, Default)]
pub struct Exceptions(Vec<(Known, GlobMatcher)>);

impl Exceptions {
    /// Reads those of `suite`; each must match a check of the whole plan.
    ///
    /// # Errors
    /// [`Error::Input`] at the one that matches nothing, and the nearest id.
    pub fn of<'a>(suite: &Suite, ids: impl Iterator<Item = &'a str> + Clone) -> Result<Self, Error> {
        for known in &suite.known {
            let glob = matcher(&known.check)?;
            if !ids.clone().any(|id| glob.is_match(id)) {
                let near = ids.min_by_key(|id| strsim::levenshtein(id, &known.check)).unwrap_or_default();
                return Err(known.at.error(
                    format!("known exception `{}` matches no check, nearest is `{near}`", known.check),
                    "take it out, or name a check: `rlsgate list` has them all",
                ));
            }
        }
        Self::of_part(suite, ids)
    }

    /// Reads those of `suite` that match one of `ids`, which are a part of its plan.
    ///
    /// # Errors
    /// [`Error::Usage`] for what is no pattern.
    pub fn of_part<'a>(suite: &Suite, ids: impl Iterator<Item = &'a str> + Clone) -> Result<Self, Error> {
        let mut all = Vec::new();
        for known in &suite.known {
            let glob = matcher(&known.check)?;
            if ids.clone().any(|id| glob.is_match(id)) {
                all.push((known.clone(), glob));
            }
        }
        Ok(Self(all))
    }

    /// Those of `suite` that are about checks of its chain.
    ///
    /// # Errors
    /// [`Error::Usage`] for what is no pattern.
    pub fn of_chain(suite: &Suite) -> Result<Self, Error> {
        let own = suite.known.iter().filter(|known| known.check.starts_with("chain/"));
        let all = own.map(|known| Ok((known.clone(), matcher(&known.check)?)));
        all.collect::<Result<_, Error>>().map(Self)
    }

    /// Takes on others.
    pub fn also(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Applies them to an outcome. `today` is `YYYY-MM-DD`. Errors are never covered.
    pub fn apply(&self, record: &mut CheckRecord, today: &str) {
        let Some((known, _)) = self.0.iter().find(|(_, glob)| glob.is_match(&record.id)) else { return };
        let expired = known.until.as_deref().is_some_and(|until| until < today);
        match record.status {
            Status::Failed if expired => {
                record.evidence.notes.push(format!(
                    "the known exception ({}) held until {}",
                    known.at,
                    known.until.as_deref().unwrap_or_default()
                ));
            }
            Status::Failed => {
                record.status = Status::Skipped;
                record.evidence.notes.push(format!("observed: {}", record.verdict));
                record.verdict = format!("known exception: {}", known.reason);
                record.reproduce.clear();
            }
            Status::Passed => {
                record.status = Status::Failed;
                record.verdict =
                    format!("passes, but a known exception says that it fails: take it out of {}", known.at);
            }
            Status::Error | Status::Skipped => {}
        }
    }
}
