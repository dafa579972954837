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
    use super::CHECKS;

    #[test]
    fn a_check_is_registered_once() {
        let mut names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CHECKS.len());
    }
}
