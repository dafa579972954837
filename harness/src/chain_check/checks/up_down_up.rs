//! `up-down-up` fails where the revision cannot be downgraded or applied again, or makes another catalog the second
//! time

use super::common::{broken, each_down, error, passed};
use crate::chain_check::check::{ChainCheck, Judging, PlannedSubject, Verdict, Walk};
use crate::chain_check::subject::Subject;
use crate::check::Outcome;
use crate::report::record::Evidence;

pub(super) const CHECK: ChainCheck = ChainCheck { name: "up-down-up", walks: &[Walk::Up, Walk::Down], plan, judge };

fn plan(subject: &Subject) -> Vec<PlannedSubject> {
    each_down(subject, |revision| format!("revision {} is downgraded and applied again", revision.id))
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let (revision, rung) = judging.rung()?;
    let down = rung.down.as_ref().ok_or_else(|| error("it was not downgraded"))?;
    let expected = "up, down and up again work, and the catalog is the same after either up".to_owned();
    let evidence = Evidence { expected, ..Evidence::default() };
    if let Err(failed) = &down.tried {
        return Ok(broken(&format!("revision {} cannot be downgraded", revision.id), failed, evidence));
    }
    let trace = down.after.as_ref() != Some(&rung.before);
    let consequence =
        |what: &str| Err(error(format!("{what}, where taking it back left a trace: see no-trace/{}", revision.id)));
    Ok(match (&down.up, &down.up_after) {
        (Some(Err(_)), _) if trace => return consequence("it does not apply again"),
        (Some(Err(failed)), _) => broken(&format!("revision {} does not apply again", revision.id), failed, evidence),
        (Some(Ok(_)), Some(after)) if *after == rung.after => passed("downgraded and applied again", evidence),
        (Some(Ok(_)), Some(_)) if trace => return consequence("the second time makes another catalog"),
        (Some(Ok(_)), Some(after)) => {
            let got = rung.after.diff(after).to_string();
            let verdict = format!("revision {} makes another catalog the second time", revision.id);
            Outcome::failed(verdict, Evidence { got, ..evidence }).into()
        }
        _ => return Err(error("it was not applied again")),
    })
}
