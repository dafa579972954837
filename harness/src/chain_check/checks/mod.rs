//! The checks, one a file and one line in [`CHECKS`].

mod applies;
mod common;
mod down_exists;
mod fingerprint;
mod idempotent;
mod locks;
mod no_trace;
mod open_tables;
pub(super) mod policy_changes;
mod released;
mod round_trip;
mod single_head;
mod tool_again;
mod up_down_up;
mod upgrade_with_data;

use super::check::ChainCheck;

/// Every check, in the order in which they are told.
pub(super) const CHECKS: &[ChainCheck] = &[
    single_head::CHECK,
    released::CHECK,
    applies::CHECK,
    down_exists::CHECK,
    up_down_up::CHECK,
    no_trace::CHECK,
    round_trip::CHECK,
    tool_again::CHECK,
    idempotent::CHECK,
    upgrade_with_data::CHECK,
    locks::CHECK,
    open_tables::CHECK,
    policy_changes::CHECK,
    fingerprint::CHECK,
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::CHECKS;
    use crate::text::generated;

    /// What a check's file says of it: `NAME` fails …
    fn fails(name: &str) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/chain_check/checks");
        let source = std::fs::read_to_string(folder.join(name.replace('-', "_")).with_extension("rs")).unwrap();
        let lines = source.lines().map_while(|line| line.strip_prefix("//! ")).collect::<Vec<_>>().join(" ");
        lines.strip_prefix(&format!("`{name}` fails ")).unwrap_or_else(|| panic!("{name}: {lines}")).to_owned()
    }

    #[test]
    fn the_documents_list_every_chain_check() {
        let rows = CHECKS.iter().map(|check| format!("| `{}` | {} |\n", check.name, fails(check.name)));
        let table = format!("| check | fails |\n| --- | --- |\n{}", rows.collect::<String>());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/chain.md");
        generated::compare(&path, "chain checks", &table);
    }

    #[test]
    fn a_check_is_registered_once() {
        let mut names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CHECKS.len());
    }
}
