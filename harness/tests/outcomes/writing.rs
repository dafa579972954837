//! Writes are judged by their effect, wherever it is.

use rlsgate::report::record::Status::{self, Error, Failed, Passed};
use rstest::rstest;

use super::support::Ran;

static RAN: Ran = Ran::of("writing");

/// What reads no column is not held to the policy of SELECT.
#[rstest]
#[case("contract/public.held/update/ann/granted", Passed, "1 row updated, and no other")]
#[case("contract/public.held/update/ann/withheld", Passed, "filtered")]
#[case("contract/public.held/update/ann/unfiltered", Passed, "1 row updated, and no other")]
#[case("contract/public.held/delete/ann/unfiltered", Passed, "1 row deleted, and no other")]
#[case("contract/public.open_update/update/ann/withheld", Passed, "filtered")]
#[case("contract/public.open_update/update/ann/unfiltered", Failed, "2 rows of others updated")]
#[case("contract/public.open_delete/delete/ann/withheld", Passed, "filtered")]
#[case("contract/public.open_delete/delete/ann/unfiltered", Failed, "2 rows of others deleted")]
#[case("contract/public.ungranted/update/ann/withheld", Failed, "1 row of others updated")]
#[case("contract/public.filtered_only/delete/ann/withheld", Passed, "filtered")]
fn keyed_and_unfiltered(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("contract/public.held/update/ann/move", Passed, "refused by policy")]
#[case("contract/public.open_move/update/ann/move", Failed, "ann moved 1 row out of what is granted")]
#[case("contract/public.ungiven/update/ann/move", Passed, "refused by privilege")]
fn rows_moved_to_another_tenant(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("contract/public.told_apart/update/ann/withheld", Failed, "1 row of others updated")]
fn one_refused_row_says_nothing_of_the_next(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("contract/public.ungiven/update/ann/granted", Failed, "refused by privilege, though the contract grants it")]
#[case("contract/public.ungiven/delete/ann/granted", Failed, "refused by privilege, though the contract grants it")]
fn granted_and_refused(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// The witness role touches nothing either: vacuous.
#[rstest]
#[case("contract/public.suppressed/update/ann/withheld", Error, "vacuous")]
#[case("contract/public.suppressed/delete/ann/withheld", Error, "vacuous")]
#[case("contract/public.suppressed/update/ann/granted", Failed, "not updated")]
fn swallowed_by_a_trigger(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// Cascades, rules and triggers, the last on no row at all.
#[rstest]
#[case("contract/public.parents/delete/ann/granted", Failed, "1 row of others in public.children")]
#[case("contract/public.ruled/update/ann/granted", Failed, "2 rows of others in public.ledger")]
#[case("contract/public.noisy/update/ann/granted", Failed, "2 rows of others in public.ledger")]
#[case("contract/public.noisy/update/ann/withheld", Failed, "2 rows of others in public.ledger")]
#[case("contract/public.redirected/update/ann/granted", Failed, "ann moved 1 row out of what is granted")]
#[case("contract/public.defacing/update/ann/granted", Failed, "2 rows of others in public.board")]
#[case("contract/public.emptying/update/ann/granted", Failed, "1 row of others in public.nobodys")]
#[case("contract/public.marking/update/ann/granted", Passed, "1 row updated, and no other")]
fn effects_elsewhere(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// It stops the statement before the rows of others are reached.
#[rstest]
#[case("contract/public.keepers/delete/ann/unfiltered", Failed, "2 rows of others deleted")]
fn a_foreign_key_of_the_own_row_is_no_policy(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// 23503 of a row that others point at.
#[rstest]
#[case("context/public.keepers/delete/ann/tenant.empty", Failed, "got past policy and privilege")]
fn stopped_by_a_foreign_key_only(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// 42501 and P0001 of a trigger, the second at COMMIT only.
#[rstest]
#[case("contract/public.raising/update/ann/withheld", Error, "raised by code of the schema")]
#[case("contract/public.raising/update/ann/granted", Failed, "raised by code of the schema")]
#[case("contract/public.deferred/update/ann/granted", Failed, "raised by code of the schema")]
#[case("contract/public.deferred/update/ann/withheld", Passed, "filtered")]
fn raised_by_the_schema(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// A view has no row versions, and its owner's rights.
#[rstest]
#[case("contract/public.unheld/update/ann/granted", Passed, "1 row updated, and no other")]
#[case("contract/public.unheld/update/ann/withheld", Failed, "2 rows of others updated")]
#[case("contract/public.unheld/update/ann/unfiltered", Failed, "2 rows of others updated")]
#[case("contract/public.unheld/delete/ann/withheld", Failed, "2 rows of others deleted")]
#[case("contract/public.checked/update/ann/withheld", Failed, "3 rows of others updated")]
#[case("contract/public.checked/insert/ann/withheld", Passed, "refused by the view's check option")]
#[case("contract/public.unchecked/insert/ann/withheld", Error, "vacuous: accepted, but nothing of it shows there")]
fn views(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// Held by no policy; a foreign key that stops TRUNCATE comes after the privilege.
#[rstest]
#[case("contract/public.emptied/truncate/ann/withheld", Failed, "truncate is allowed")]
#[case("contract/public.emptied/references/ann/withheld", Failed, "references is allowed")]
#[case("contract/public.emptied/trigger/ann/withheld", Failed, "trigger is allowed")]
#[case(
    "contract/public.referenced/truncate/ann/withheld",
    Failed,
    "truncate is held, and stopped by a foreign key only"
)]
#[case("contract/public.held/truncate/ann/withheld", Passed, "refused by privilege")]
fn commands_without_rows(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}
