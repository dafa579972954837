//! From suite and catalogs to checks. Each kind of check is planned by one file; the registry is `PLANNERS`.

pub mod actors;
pub mod basis;
mod by_context;
mod case;
mod context;
mod contract;
mod execute;
mod fact;
pub mod fidelity;
pub mod filter;
mod grants;
pub(crate) mod id;
pub mod known;
mod later;
mod moves;
mod power;
mod rows;
mod shared;
mod statement;

use std::collections::BTreeSet;

use crate::Error;
use crate::check::Unit;
use basis::Basis;

pub use rows::RowSets;

/// Plans one kind of check.
type Planner = fn(&Basis) -> Result<Vec<Unit>, Error>;

/// What is planned, kind by kind.
const PLANNERS: &[Planner] = &[
    contract::plan,
    context::plan,
    execute::plan,
    case::plan,
    fact::plan,
    fidelity::plan,
    later::plan,
    power::plan,
    grants::plan,
];

/// What is decided by reading alone, on a live database: their tasks say so by [`crate::check::Task::verify`].
const READING: &[Planner] = &[fact::plan];

/// What of the suite a live database can be held to without writing or becoming anybody.
///
/// # Errors
/// As [`plan`].
pub fn plan_reading(basis: &Basis) -> Result<Vec<Unit>, Error> {
    planned(basis, READING)
}

/// Everything that the suite holds and the closed world asks for.
///
/// # Errors
/// A name that the database does not have, with the place in the suite.
pub fn plan(basis: &Basis) -> Result<Vec<Unit>, Error> {
    planned(basis, PLANNERS)
}

fn planned(basis: &Basis, planners: &[Planner]) -> Result<Vec<Unit>, Error> {
    let mut units = Vec::new();
    for planner in planners {
        units.extend(planner(basis)?);
    }
    let mut ids = BTreeSet::new();
    for check in units.iter().flat_map(|unit| &unit.checks) {
        if !ids.insert(check.id.as_str()) {
            return Err(check.at.error(
                format!("two checks are called {}", check.id),
                "names that differ only in what an id cannot hold clash: rename one",
            ));
        }
    }
    Ok(units)
}
