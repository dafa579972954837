//! What is wrong with the revisions as a graph, where Alembic warns of it or breaks on it. It names no file for either.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::history::{Told, shown};
use crate::Error;

/// Refuses two files of one revision: Alembic takes one of them, and warns (`RevisionMap._revision_map`).
pub(super) fn one_file_each(history: &str, told: &[Told], dir: &Path) -> Result<(), Error> {
    let twice = history.lines().find_map(|line| {
        let (head, _) = line.split_once(" is present more than once")?;
        head.rsplit_once("Revision ").map(|(_, id)| id)
    });
    let Some(id) = twice else { return Ok(()) };
    let mut files: Vec<PathBuf> = told.iter().filter_map(|one| one.path.parent()).flat_map(python_files).collect();
    files.sort_unstable();
    files.dedup();
    let of_it = |path: &&PathBuf| std::fs::read_to_string(path).is_ok_and(|text| names(&text, id));
    let named: Vec<String> =
        files.iter().filter(of_it).map(|path| shown(dir, path.clone()).display().to_string()).collect();
    Err(Error::usage(
        format!("chain {}: revision {id} stands in several files: {}", dir.display(), named.join(", ")),
        "give one of them a `revision` of its own: Alembic runs one of the two, and passes over the other",
    ))
}

/// The revisions that `alembic heads` names: `id (head)`, or `id (label) (head)`, a line each.
pub(super) fn heads(printed: &str) -> BTreeSet<&str> {
    let lines = printed.lines().filter(|line| line.contains("(head)"));
    lines.filter_map(|line| line.split_whitespace().next()).collect()
}

/// Whether what Alembic printed before it broke speaks of the revisions' files, and not of the machine.
pub(super) fn is_broken(output: &str) -> bool {
    ["is not present", "CycleDetected", "LoopDetected", "is not a valid revision", "SyntaxError", "IndentationError"]
        .iter()
        .any(|words| output.contains(words))
}

fn python_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|suffix| suffix == "py")).collect()
}

/// Whether the text says `revision = "id"`, with or without a type.
fn names(text: &str, id: &str) -> bool {
    text.lines().any(|line| {
        let Some((name, value)) = line.split_once('=') else { return false };
        let name = name.split(':').next().unwrap_or_default().trim();
        let value = value.split('#').next().unwrap_or_default().trim();
        name == "revision" && value.trim_matches(['"', '\'']) == id
    })
}

#[cfg(test)]
mod tests {
    use super::{heads, names};

    #[test]
    fn heads_are_told_a_line_each() {
        let printed = "x.py:1: UserWarning: y\n  warn(\nb2 (head)\nc3 (label) (effective head) (head)\n";
        assert_eq!(heads(printed).into_iter().collect::<Vec<_>>(), ["b2", "c3"]);
    }

    #[test]
    fn a_revision_is_found_as_templates_write_it() {
        for text in ["revision = 'aaa'", "revision: str = \"aaa\"  # ours", "x = 1\nrevision='aaa'"] {
            assert!(names(text, "aaa"), "{text}");
        }
        assert!(!names("down_revision = 'aaa'\nrevision = 'b'", "aaa"));
    }
}
