//! One comparison with the catalogs, as a check.

use crate::check::outcome::Outcome;
use crate::check::{Check, Unit};
use crate::checks::attempt::precomputed::Precomputed;
use crate::report::record::Evidence;
use crate::suite::resolved_fact::FactOrigin as Place;
use crate::world::World;

/// What the kind is called.
pub(crate) const NAME: &str = "fact";

pub(crate) fn check(world: &World, stated: &Place, parts: &[&str]) -> Check {
    let all = [world.suite.name.as_str(), "fact"].into_iter().chain(parts.iter().copied());
    Check {
        source: stated.source.clone(),
        step: stated.step.clone(),
        remedy: stated.remedy.clone(),
        ..Check::new(NAME, all, stated.at.clone())
            .title(parts.join(" "))
            .about(
                parts.first().copied().unwrap_or_default().to_owned(),
                parts.get(1).copied().unwrap_or_default().to_owned(),
            )
            .controls(world.controls(NAME, &stated.controls))
            .skipped(stated.skip.clone().or_else(|| world.out_of_version(stated.versions)))
    }
}

/// One comparison.
pub(crate) fn fact(
    world: &World,
    stated: &Place,
    parts: &[&str],
    holds: bool,
    wanted: &str,
    got: impl Into<String>,
) -> Unit {
    let got = got.into();
    let evidence = Evidence { expected: wanted.to_owned(), got: got.clone(), ..Evidence::default() };
    let outcome = if holds {
        Outcome::passed("as stated", evidence)
    } else {
        Outcome::failed(format!("{got} instead of {wanted}"), evidence)
    };
    Unit::reading(check(world, stated, parts), Precomputed(outcome))
}
