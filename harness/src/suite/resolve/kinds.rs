//! Control ids of every check of a kind.

use std::collections::BTreeMap;

use super::parts::SuiteParts;
use super::texts;
use crate::suite::problems::Problems;

/// `[controls]` of the suite and its includes, for the `known` kinds of check; a kind in two files is a problem, as every
/// name that is defined twice.
pub(crate) fn controls(
    parts: &SuiteParts<'_>,
    known: &[&'static str],
    problems: &mut Problems,
) -> BTreeMap<&'static str, Vec<String>> {
    let mut found = BTreeMap::new();
    for written in &parts.controls {
        for (kind, ids) in written.it.iter() {
            let Some(name) = known.iter().find(|name| **name == kind.value) else {
                problems.unknown(written.file, &kind.span, "key", &kind.value, known.iter().copied());
                continue;
            };
            let checked = texts::controls(problems, written.file, &ids.value);
            if found.insert(*name, checked).is_some() {
                let message = "the controls of this kind are defined twice";
                problems.add(written.file, &ids.span, message, "nothing overrides across files: write them in one");
            }
        }
    }
    found
}
