//! What a suite asks for and this version cannot try: each is an error, since what was not tried is no pass.

use crate::Error;
use crate::check::outcome::Outcome;
use crate::check::{Check, Unit};
use crate::checks::attempt::precomputed::Precomputed;
use crate::checks::kind::{CheckKind, Inputs};
use crate::report::record::Evidence;
use crate::suite::resolved::Location;

pub(crate) const KIND: CheckKind = CheckKind {
    kind: "mutant",
    tries: "whether the suite notices a changed policy: not available in this version, so a suite that requires it gets an error",
    plan,
    reads_only: false,
};

fn plan(inputs: &Inputs<'_>) -> Result<Vec<Unit>, Error> {
    let world = inputs.world;
    let suite = &world.suite;
    let mutation = suite.mutation_minimum.iter().map(|_| ("mutant", "minimum"));
    let unit = |(word, name): (&str, &str)| {
        let check = Check::new(KIND.kind, [suite.name.as_str(), word, name], Location::of_file(&suite.path))
            .title(format!("{word} {name}"))
            .about(word.to_owned(), name.to_owned())
            .controls(world.controls(KIND.kind, &[]));
        Unit::one(
            check,
            Precomputed(Outcome::error(format!("{word} cannot be tried by this version"), Evidence::default())),
        )
    };
    Ok(mutation.map(unit).collect())
}
