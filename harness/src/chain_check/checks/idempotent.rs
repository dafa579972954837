//! `idempotent` fails where the second run of a revision fails, or changes a row version, a sequence or the catalog

use super::common::{broken, each, error, passed, rewrote};
use crate::chain_check::check::{ChainCheck, Judging, PlannedSubject, Verdict, Walk};
use crate::chain_check::subject::Subject;
use crate::check::Outcome;
use crate::report::record::Evidence;

pub(super) const CHECK: ChainCheck =
    ChainCheck { name: "idempotent", walks: &[Walk::Up, Walk::Again, Walk::Rows], plan, judge };

fn plan(subject: &Subject) -> Vec<PlannedSubject> {
    let says_so = |revision: &crate::chain::Revision| revision.settings.idempotent == Some(true);
    each(subject, says_so, |revision| format!("revision {} run twice changes nothing", revision.id))
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let (revision, rung) = judging.rung()?;
    let (position, _) = judging.revision()?;
    let empty = rung.again.as_ref().ok_or_else(|| error("it was not run a second time"))?;
    let over_rows = if judging.subject.seeded_before(position) {
        let over = judging.seen.over_rows(position).map_err(error)?;
        Some(
            over.again
                .as_ref()
                .ok_or_else(|| error(format!("it does not apply over rows: see upgrade-with-data/{}", revision.id)))?,
        )
    } else {
        None
    };
    let mut evidence =
        Evidence { expected: "no row version and nothing in the catalog changes".to_owned(), ..Evidence::default() };
    for repeat in over_rows.into_iter().chain([empty]) {
        if let Err(failed) = &repeat.tried {
            return Ok(broken(&format!("revision {} cannot be run a second time", revision.id), failed, evidence));
        }
        if let Some(what) = rewrote(repeat, &mut evidence) {
            return Ok(Outcome::failed(format!("revision {}, run a second time, {what}", revision.id), evidence).into());
        }
    }
    let rows = over_rows.map_or(empty.rows, |repeat| repeat.rows);
    if rows == 0 {
        return Err(error(
            "no row was there when it was run a second time: put some in before it with `seed_at` in chain.toml",
        ));
    }
    evidence.witness = format!("{rows} rows were there");
    if over_rows.is_none() {
        evidence.notes.push(
            "run over no other rows than the chain's own: chain.toml seeds none before it (`seed_at`)".to_owned(),
        );
    }
    Ok(passed("nothing changed", evidence))
}
