//! Control ids of every check of a kind.

use std::collections::BTreeMap;

use super::parts::Parts;
use super::texts;
use crate::suite::problems::Problems;
use crate::suite::raw::{self, At};

/// `[controls]` of the suite and its includes; a kind in two files is a problem, as every name that is defined twice.
pub(crate) fn controls(parts: &Parts<'_>, problems: &mut Problems) -> BTreeMap<&'static str, Vec<String>> {
    let mut found = BTreeMap::new();
    for written in &parts.controls {
        for (kind, ids) in by_kind(written.it) {
            let checked = texts::controls(problems, written.file, &ids.value);
            if found.insert(kind, checked).is_some() {
                let message = "the controls of this kind are defined twice";
                problems.add(written.file, &ids.span, message, "nothing overrides across files: write them in one");
            }
        }
    }
    found
}

fn by_kind(written: &raw::Controls) -> impl Iterator<Item = (&'static str, &At<Vec<At<String>>>)> {
    [
        ("contract", &written.contract),
        ("context", &written.context),
        ("execute", &written.execute),
        ("case", &written.case),
        ("fact", &written.fact),
        ("fidelity", &written.fidelity),
        ("chain", &written.chain),
        ("audit", &written.audit),
        ("mutant", &written.mutant),
    ]
    .into_iter()
    .filter_map(|(kind, ids)| Some((kind, ids.as_ref()?)))
}
