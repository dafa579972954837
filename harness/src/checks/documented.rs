//! The tables of kinds of check in the documents are those of the registries, under test.

use std::path::Path;

use super::KINDS;
use crate::text::generated;

#[test]
fn the_readme_lists_every_kind_of_check() {
    let rows = KINDS.iter().map(|kind| format!("| {} | {} |\n", kind.kind, kind.tries));
    let table = format!("| kind | what is tried |\n| --- | --- |\n{}", rows.collect::<String>());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    generated::compare(&path, "kinds of check", &table);
}

#[test]
fn what_a_kind_tries_is_one_line_of_a_table() {
    for kind in KINDS {
        assert!(!kind.tries.is_empty() && !kind.tries.contains(['\n', '|']), "{}: {}", kind.kind, kind.tries);
    }
}
