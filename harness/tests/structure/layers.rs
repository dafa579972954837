//! The order of the top-level modules, and what breaks it.

use std::collections::BTreeSet;

use super::arrows::{Arrow, circles, top};
use super::source::Source;

/// From top to bottom: a module uses those of lower lines, and none of its own line. `lib.rs` and `main.rs` are above all.
pub(crate) const LAYERS: &[&[&str]] = &[
    &["cli"],
    &["run", "verify"],
    &["chain_check"],
    &["checks"],
    &["fidelity"],
    &["check"],
    &["session"],
    &["world"],
    &["judge", "actor"],
    &["pg"],
    &["provision"],
    &["chain"],
    &["suite", "catalog"],
    &["instance"],
    &["report"],
    &["sql"],
    &["error"],
    &["diagnostic"],
    &["exit"],
    &["defect"],
    &["text"],
];

/// Roots of the crates, from which everything hangs.
const ROOTS: [&str; 2] = ["lib", "main"];

fn depth(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// Whether the arrow goes from one top-level module to another; the roots may use all.
pub(crate) fn between(arrow: &Arrow) -> Option<(&str, &str)> {
    let (from, to) = (top(&arrow.from), top(&arrow.to));
    (from != to && !ROOTS.contains(&from)).then_some((from, to))
}

/// Each arrow that runs back, and each circle of files inside one top-level module, in words.
pub(crate) fn broken(source: &Source, arrows: &BTreeSet<Arrow>) -> Vec<String> {
    let mut broken = Vec::new();
    let tops: BTreeSet<&str> = source.about.keys().map(|file| top(file)).collect();
    for module in tops.iter().filter(|module| !ROOTS.contains(module) && depth(module).is_none()) {
        broken.push(format!("`{module}` has no place in LAYERS: give it one, below all that use it"));
    }
    for module in LAYERS.iter().copied().flatten().filter(|module| !tops.contains(*module)) {
        broken.push(format!("LAYERS names `{module}`, and there is no such module: take it out"));
    }
    for arrow in arrows {
        let Some((from, to)) = between(arrow) else { continue };
        if ROOTS.contains(&to) {
            broken.push(format!("{arrow}: nothing uses what stands in the crate's root itself"));
        } else if let (Some(above), Some(below)) = (depth(from), depth(to))
            && above >= below
        {
            let why = if above == below { "beside" } else { "above" };
            broken.push(format!("{arrow}: `{to}` is {why} `{from}` in LAYERS, and a module uses only those below it"));
        }
    }
    let inside: Vec<&Arrow> = arrows.iter().filter(|one| top(&one.from) == top(&one.to) && !one.handed_on).collect();
    for circle in circles(&inside) {
        let arrows: Vec<String> = circle.iter().map(|arrow| format!("\n    {arrow}")).collect();
        broken.push(format!("a circle of files in `{}`:{}", top(&circle[0].from), arrows.concat()));
    }
    broken
}
