//! From what is written to what planning reads: every name known, every profile merged, every group expanded.

mod actors;
mod cases;
mod cells;
mod contract;
mod execute;
mod expect;
mod facts;
mod fidelity;
mod kinds;
mod known;
mod merged;
mod parts;
mod paths;
mod people;
mod proofs;
mod row_sets;
mod steps;
mod targets;
mod template;
mod texts;
mod variants;
mod written;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use self::parts::SuiteParts;
use self::paths::{folder, sql_file};
use super::file::File;
use super::names;
use super::problems::Problems;
use super::raw::{self, At};
use super::resolved::{NamedRevision, State, Suite};

/// Per statement, where the suite names no other.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Resolves a suite with its includes; what is wrong with it goes to `problems`.
pub(crate) fn resolve(
    file: &File,
    suite: &raw::Suite,
    includes: &[(File, raw::Include)],
    kinds: &[&'static str],
    problems: &mut Problems,
) -> Suite {
    let parts = SuiteParts::new(file, suite, includes, problems);
    let people = actors::people(&parts, problems);
    texts::made_name(problems, file, &suite.name, "suite");
    if suite.name.value == "chain" {
        problems.add(
            file,
            &suite.name.span,
            "a suite cannot be called `chain`",
            "checks of chains have that first part",
        );
    }
    let contract = contract::contract(&parts, &people, problems);
    let execute = execute::execute(&parts, &people, &contract, problems);
    Suite {
        name: suite.name.value.clone(),
        title: suite.title.clone().unwrap_or_else(|| suite.name.value.clone()),
        path: file.path.clone(),
        chain: folder(file, &suite.chain, problems),
        state: match &suite.state {
            None | Some(raw::State::Head) => State::Head,
            Some(raw::State::At(revision)) => State::At(revision.value.clone()),
            Some(raw::State::DownTo(revision)) => State::DownTo(revision.value.clone()),
        },
        seed: suite.seed.as_ref().map(|path| sql_file(file, path, problems)),
        seed_at: seeds(file, suite, problems),
        revisions: revisions(file, suite),
        postgres: suite.postgres.iter().map(|major| texts::version(problems, file, major)).collect(),
        schemas: schemas(file, suite, problems),
        timeout: suite.timeout.as_ref().map_or(TIMEOUT, |text| texts::duration(problems, file, text)),
        controls: kinds::controls(&parts, kinds, problems),
        report_values: suite.report.values,
        contract,
        execute,
        cases: cases::cases(&parts, &people, problems),
        facts: facts::facts(&parts, &people, problems),
        fidelity: fidelity::fidelity(&parts, &people, problems),
        known: known::known(&parts, problems),
        targets: targets::targets(&parts, problems),
        mutation_minimum: suite.mutate.minimum.as_ref().map(|percent| percentage(file, percent, problems)),
        actors: people.actors,
    }
}

fn percentage(file: &File, percent: &At<f64>, problems: &mut Problems) -> f64 {
    if !(0.0..=100.0).contains(&percent.value) {
        problems.add(file, &percent.span, format!("{} is not a percentage", percent.value), "from 0 to 100");
    }
    percent.value
}

fn seeds(file: &File, suite: &raw::Suite, problems: &mut Problems) -> BTreeMap<String, PathBuf> {
    suite.seed_at.iter().map(|(revision, path)| (revision.value.clone(), sql_file(file, path, problems))).collect()
}

/// Whether these are in the chain is known when it is read.
fn revisions(file: &File, suite: &raw::Suite) -> Vec<NamedRevision> {
    let state = match &suite.state {
        Some(raw::State::At(revision) | raw::State::DownTo(revision)) => Some(revision),
        Some(raw::State::Head) | None => None,
    };
    let named = |name: &At<String>| NamedRevision {
        id: name.value.clone(),
        place: file.diagnostic(&name.span, String::new(), "a revision is named as in its layout".to_owned()),
    };
    state.into_iter().chain(suite.seed_at.iter().map(|(revision, _)| revision)).map(named).collect()
}

fn schemas(file: &File, suite: &raw::Suite, problems: &mut Problems) -> Option<Vec<String>> {
    let written = suite.schemas.as_ref()?;
    if written.value.is_empty() {
        let message = "`schemas` is empty: the closed world would hold nowhere";
        problems.add(file, &written.span, message, "leave it out for those of the chain");
    }
    let mut names = Vec::new();
    for schema in &written.value {
        match names::schema(&schema.value) {
            Ok(name) => names.push(name),
            Err(message) => problems.add(file, &schema.span, message, ""),
        }
    }
    Some(names)
}
