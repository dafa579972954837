//! One clean run of the revision, and every check that it decides: what the comparison tells, what was untouched, what the
//! program printed, and who sees what.

use std::sync::Arc;

use crate::Error;
use crate::check::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::fidelity::judge::untried;
use crate::checks::fidelity::printed;
use crate::fidelity::block::Clean;
use crate::fidelity::compare::compare;
use crate::fidelity::compared::ComparedKey;
use crate::fidelity::digest::{Digest, digests};
use crate::fidelity::fixture::{Sandbox, close, error_text};
use crate::fidelity::visibility::{SeenKeys, sight};
use crate::fidelity::{Block, Compared, Verdicts, space};
use crate::report::record::Evidence;
use crate::session::Worker;

/// One check of a clean run, by the last part of its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ComparisonPart {
    /// What the comparison tells: one of [`crate::fidelity::verdict::names`].
    Compared(String),
    /// The digest of a relation, by its place in the block.
    Untouched(usize),
    /// What the program printed.
    Output,
    /// What an actor sees, by its place among the block's.
    Visibility(usize),
}

/// A clean run and what it is asked.
#[derive(Debug)]
pub(super) struct Comparison {
    /// The block.
    pub block: Arc<Block>,
    /// In the order of the checks.
    pub asked: Vec<ComparisonPart>,
}

impl Task for Comparison {
    fn run<'a>(&'a self, _: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            match self.all().await {
                Ok(outcomes) => outcomes,
                Err(why) => vec![untried(why); self.asked.len()],
            }
        })
    }
}

impl Comparison {
    async fn all(&self) -> Result<Vec<Outcome>, String> {
        let (clean, sandbox) = self.block.clean().await?;
        let mut conn = sandbox.witness().await.map_err(error_text)?;
        let compared = if self
            .asked
            .iter()
            .any(|asked| matches!(asked, ComparisonPart::Compared(_) | ComparisonPart::Visibility(_)))
        {
            self.compare(&sandbox, &mut conn).await.map_err(error_text)
        } else {
            Err("nothing was compared".to_owned())
        };
        let mut sights = Vec::new();
        for n in 0..self.block.seers.len() {
            sights.push(sight(&self.block.spec.key, &mut conn, n).await.map_err(error_text));
        }
        close(conn).await;
        let outcome = |asked: &ComparisonPart| match asked {
            ComparisonPart::Compared(name) => match &compared {
                Ok((compared, digests)) => Verdicts {
                    mapping: &self.block.as_written(),
                    compared,
                    digests,
                    tolerate: self.block.spec.tolerate.as_ref(),
                    values: self.block.values,
                }
                .of(name),
                Err(why) => untried(why.clone()),
            },
            ComparisonPart::Untouched(n) => self.untouched(clean, *n),
            ComparisonPart::Output => self.output(clean),
            ComparisonPart::Visibility(n) => {
                self.visibility(clean, *n, &sights, compared.as_ref().map_or(0, |(c, _)| c.source))
            }
        };
        Ok(self.asked.iter().map(outcome).collect())
    }

    async fn compare(
        &self,
        sandbox: &Sandbox<'_>,
        conn: &mut sqlx::postgres::PgConnection,
    ) -> Result<(Compared, [Digest; 2]), Error> {
        let mapping = self.block.mapping();
        if let Some(free) = sandbox.free() {
            space::check(conn, &mapping, free).await?;
        }
        let compared = compare(conn, &mapping).await?;
        let digests = digests(conn, &mapping, &compared.columns).await?;
        Ok((compared, digests))
    }

    fn untouched(&self, clean: &Clean, n: usize) -> Outcome {
        let Some(name) = self.block.spec.untouched.get(n) else { return untried("no such relation") };
        match clean.untouched.get(name) {
            Some(Ok([before, after])) => {
                let evidence = Evidence {
                    sql: vec![format!("SELECT * FROM {}", self.block.relation(name))],
                    expected: before.to_string(),
                    got: after.to_string(),
                    witness: format!("{} rows before the revision", before.rows),
                    ..Evidence::default()
                };
                if before.rows == 0 {
                    Outcome::error("the relation is empty before the revision: it proves nothing", evidence)
                } else if before == after {
                    Outcome::passed("the rows are what they were before the revision", evidence)
                } else {
                    Outcome::failed("the revision changed its rows", evidence)
                }
            }
            Some(Err(why)) => untried(why.clone()),
            None => untried("no digest"),
        }
    }

    fn output(&self, clean: &Clean) -> Outcome {
        let Some(output) = &clean.output else {
            return untried("the revision is no program, so that nothing was printed");
        };
        printed::judge(&self.block.spec.output, output, self.block.values)
    }

    fn visibility(&self, clean: &Clean, n: usize, sights: &[Result<SeenKeys, String>], source: u64) -> Outcome {
        let (Some(seer), Some(sight)) = (self.block.seers.get(n), sights.get(n)) else {
            return untried("no such actor");
        };
        if let Some(why) = clean.unseen.get(&seer.identity.name) {
            return untried(why.clone());
        }
        let sight = match sight {
            Ok(sight) => sight,
            Err(why) => return untried(why.clone()),
        };
        let keys = |keys: &[ComparedKey]| keys.iter().map(|key| self.key(key)).collect::<Vec<_>>().join("; ");
        let mut evidence = Evidence {
            context: seer.identity.describe(),
            sql: vec![seer.before.clone(), seer.after.clone()],
            expected: format!("the {} keys that it saw before the revision", sight.before),
            got: format!(
                "{} keys, {} of before not, {} that were not seen before",
                sight.after, sight.lost, sight.gained
            ),
            witness: format!("{source} rows on the source"),
            ..Evidence::default()
        };
        for (what, found) in [("not seen any more", &sight.lost_keys), ("not seen before", &sight.gained_keys)] {
            if !found.is_empty() {
                evidence.notes.push(format!("{what}: {}", keys(found)));
            }
        }
        let name = &seer.identity.name;
        let anybody = sights.iter().flatten().any(|sight| sight.before > 0);
        match (sight.lost, sight.gained) {
            (0, 0) if sight.before > 0 => Outcome::passed(format!("{name} sees what it saw"), evidence),
            (0, 0) if anybody && source > 0 => Outcome::passed(format!("{name} sees nothing, as before"), evidence),
            (0, 0) => Outcome::error("nobody of the block sees a row: their contexts may be wrong", evidence),
            (lost, 0) => Outcome::failed(format!("{name} lost {lost} rows"), evidence),
            (0, gained) => Outcome::failed(format!("{name} gained {gained} rows"), evidence),
            (lost, gained) => Outcome::failed(format!("{name} lost {lost} rows and gained {gained}"), evidence),
        }
    }

    fn key(&self, values: &ComparedKey) -> String {
        crate::fidelity::format::named(&self.block.spec.key, values)
    }
}
