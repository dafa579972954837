//! What ARCHITECTURE.md shows of the structure: the picture of the layers, and a line a file.

use std::collections::{BTreeMap, BTreeSet};

use super::arrows::Arrow;
use super::layers::{LAYERS, between};
use super::source::Source;

/// Columns that a line of a document has at most.
const WIDTH: usize = 120;

/// The layers with their arrows, as a Mermaid flowchart. An arrow that follows from others is left out.
pub(crate) fn picture(arrows: &BTreeSet<Arrow>) -> String {
    let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in arrows.iter().filter_map(between) {
        uses.entry(from).or_default().insert(to);
    }
    let mut lines = vec!["```mermaid".to_owned(), "flowchart TD".to_owned()];
    for module in LAYERS.iter().copied().flatten() {
        let Some(direct) = uses.get(module) else { continue };
        let follows = |to: &str| direct.iter().any(|by| *by != to && reaches(by, to, &uses));
        let shown: Vec<&str> = in_order(direct).filter(|to| !follows(to)).collect();
        lines.push(format!("    {module} --> {}", shown.join(" & ")));
    }
    lines.push("```".to_owned());
    lines.join("\n")
}

fn in_order<'a>(modules: &'a BTreeSet<&'a str>) -> impl Iterator<Item = &'a str> {
    LAYERS.iter().copied().flatten().copied().filter(|module| modules.contains(module))
}

fn reaches(from: &str, to: &str, uses: &BTreeMap<&str, BTreeSet<&str>>) -> bool {
    uses.get(from).is_some_and(|direct| direct.contains(to) || direct.iter().any(|by| reaches(by, to, uses)))
}

/// A line a file, by folder, with the first sentence that it says of itself.
pub(crate) fn map(source: &Source) -> String {
    let mut folders: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (file, about) in &source.about {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
        folders.entry(folder).or_default().push(wrapped(&format!("- `{name}` — {about}")));
    }
    let mut parts = Vec::new();
    for (folder, lines) in folders {
        let name = if folder.is_empty() { "harness/src/".to_owned() } else { format!("harness/src/{folder}/") };
        parts.push(format!("### `{name}`\n\n{}", lines.join("\n")));
    }
    parts.join("\n\n")
}

/// The line, cut between words where it is too long; what follows is indented as belongs to a list.
fn wrapped(line: &str) -> String {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let last = lines.last_mut().unwrap();
        if last.is_empty() {
            last.push_str(word);
        } else if last.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(format!("  {word}"));
        } else {
            last.push(' ');
            last.push_str(word);
        }
    }
    lines.join("\n")
}

/// `document` with `text` between the markers `<!-- NAME: generated -->` and the next `<!-- end -->`.
pub(crate) fn with(document: &str, name: &str, text: &str) -> String {
    let begin = format!("<!-- {name}: generated -->\n");
    let (before, rest) = document.split_once(&begin).unwrap_or_else(|| panic!("no {begin}"));
    let (_, after) = rest.split_once("<!-- end -->").unwrap_or_else(|| panic!("{name} has no end"));
    format!("{before}{begin}\n{text}\n\n<!-- end -->{after}")
}
