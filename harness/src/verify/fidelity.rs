//! Fidelity blocks on a live database: both sides as they are now, compared in the server by statements that read.
//!
//! What asks for a run of the revision is left out: what was there before it, what it left untouched or printed, how it
//! behaves, and who saw what.

use super::live::{Live, LiveUnit};
use super::not_sent::{all, barred};
use super::reader::{Path, Reader, StatementOutcome};
use super::statement::{self, LiveStatement};
use crate::Error;
use crate::check::Outcome;
use crate::check::task::OutcomesFuture;
use crate::checks::fidelity::check;
use crate::fidelity::{Compared, Digest, Mapping, Verdicts, columns, compare, digests, verdict};
use crate::report::record::Evidence;
use crate::suite::resolved_fidelity::Tolerate;
use crate::world::World;

/// The checks of every block whose sides can both be read now.
///
/// # Errors
/// [`Error::Input`] where a side runs something that may do more than read; [`Error::Environment`] where the connection is lost.
pub(super) async fn plan(reader: &mut Reader, world: &World) -> Result<Vec<LiveUnit>, Error> {
    let mut units = Vec::new();
    let mut wrong = Vec::new();
    for spec in world.suite.fidelity.iter().filter(|spec| spec.is_live()) {
        let mut mapping = Mapping::of(spec);
        let mut sides = Vec::new();
        let mut clear = true;
        for (side, sql) in [("source", &mut mapping.source), ("target", &mut mapping.target)] {
            let text = wrapped(sql).map_err(|refused| spec.at.error(refused.why, refused.help))?;
            let answer =
                reader.look(&text).await.map_err(|lost| Error::environment(lost.0, "look at the server's log"))?;
            clear &= matches!(answer, StatementOutcome::Clear);
            if let StatementOutcome::Barred(runs) = answer {
                wrong.push(barred(&spec.at, &format!("the {side} of `{}`", spec.name), &runs));
            }
            sql.clone_from(&text.sql);
            sides.push(text);
        }
        let values = match &spec.values {
            Some(values) => values.clone(),
            // A side that is not there is told by each check.
            None if !clear => Vec::new(),
            None => reader
                .reading(Path::Suite, async |conn| columns::names(conn, &mapping.source).await)
                .await
                .unwrap_or_default(),
        };
        let values: Vec<String> = values.into_iter().filter(|name| !spec.key.contains(name)).collect();
        let names = verdict::names(&mapping, &values);
        let checks = names.iter().map(|name| check(world, spec, name, "")).collect();
        let (tolerate, shown) = (spec.tolerate.clone(), world.suite.report_values);
        units.push(LiveUnit { checks, task: Box::new(LiveComparison { sides, mapping, names, tolerate, shown }) });
    }
    all(wrong)?;
    Ok(units)
}

/// A side as it is looked at: the comparison around it casts to text.
fn wrapped(sql: &str) -> Result<LiveStatement, statement::Refused> {
    statement::read(sql).map(|statement| statement.cast_to("text"))
}

/// Two queries that were looked at, and the checks that their comparison decides.
#[derive(Debug)]
struct LiveComparison {
    sides: Vec<LiveStatement>,
    mapping: Mapping,
    names: Vec<String>,
    tolerate: Option<Tolerate>,
    shown: bool,
}

impl Live for LiveComparison {
    fn decide<'a>(&'a self, reader: &'a mut Reader) -> OutcomesFuture<'a> {
        Box::pin(async move {
            let compared = match self.clear(reader).await {
                Ok(()) => reader.reading(Path::Suite, async |conn| self.compare(conn).await).await,
                Err(why) => Err(Error::environment(why, "correct the queries of the block")),
            };
            let (compared, digests) = match compared {
                Ok(both) => both,
                Err(error) => return vec![Outcome::error(error.to_string(), Evidence::default()); self.names.len()],
            };
            let verdicts = Verdicts {
                mapping: &self.mapping,
                compared: &compared,
                digests: &digests,
                tolerate: self.tolerate.as_ref(),
                values: self.shown,
            };
            let who = reader.who();
            let told = |name: &String| {
                let mut outcome = verdicts.of(name);
                outcome.evidence.context.push(who.clone());
                outcome
            };
            self.names.iter().map(told).collect()
        })
    }
}

impl LiveComparison {
    /// Looks again: a side that was not there when the checks were planned was not looked at.
    async fn clear(&self, reader: &mut Reader) -> Result<(), String> {
        for side in &self.sides {
            match reader.look(side).await {
                Ok(StatementOutcome::Clear) => {}
                Ok(StatementOutcome::Barred(runs)) => return Err(format!("not sent: it runs {}", runs.join("; "))),
                Ok(StatementOutcome::Tried(tried)) => {
                    return Err(tried.err().map_or_else(|| "it was not prepared".to_owned(), |error| error.line()));
                }
                Err(lost) => return Err(lost.0),
            }
        }
        Ok(())
    }

    async fn compare(&self, conn: &mut sqlx::postgres::PgConnection) -> Result<(Compared, [Digest; 2]), Error> {
        let compared = compare(conn, &self.mapping).await?;
        let digests = digests(conn, &self.mapping, &compared.columns).await?;
        Ok((compared, digests))
    }
}
