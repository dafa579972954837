//! What a suite asks for and this version cannot try: each is an error, since what was not tried is no pass.

use super::basis::Basis;
use super::id::id;
use crate::Error;
use crate::check::outcome::Outcome;
use crate::check::stated::Stated;
use crate::check::{Check, Unit};
use crate::report::record::Evidence;
use crate::suite::resolved::{Kind, Location};

pub(super) fn plan(basis: &Basis) -> Result<Vec<Unit>, Error> {
    let suite = &basis.suite;
    let mutation = suite.mutation_minimum.iter().map(|_| (Kind::Mutant, "mutant", "minimum"));
    let unit = |(kind, word, name): (Kind, &str, &str)| {
        let check = Check {
            id: id([suite.name.as_str(), word, name]),
            kind,
            title: format!("{word} {name}"),
            object: word.to_owned(),
            command: name.to_owned(),
            actor: String::new(),
            at: Location::of_file(&suite.path),
            controls: basis.controls(kind, &[]),
            source: None,
            step: None,
            remedy: None,
            skip: None,
        };
        Unit::one(check, Stated(Outcome::error(format!("{word} cannot be tried by this version"), Evidence::default())))
    };
    Ok(mutation.map(unit).collect())
}
