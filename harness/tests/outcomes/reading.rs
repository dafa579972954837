//! Reads: rows seen are allowed, nothing is filtered only where a witness sees a row, and the rest has no verdict.

use rlsgate::report::record::Status::{self, Error, Failed, Passed};
use rstest::rstest;

use super::support::Ran;

static RAN: Ran = Ran::of("reading");

/// Rows seen: allowed.
#[rstest]
#[case("contract/public.held/select/ann/granted", Passed, "sees all 2 rows granted")]
#[case("contract/public.copied/select/ann/withheld", Failed, "sees 1 row of 1 of others")]
#[case("contract/public.owners_view/select/ann/withheld", Failed, "sees 2 rows of 2 of others")]
#[case("contract/public.stored/select/ann/withheld", Failed, "sees 1 row of 1 of others")]
#[case("contract/public.heir/select/ann/withheld", Failed, "sees 1 row of 1 of others")]
#[case("contract/public.parted_b/select/ann/withheld", Failed, "sees 1 row of 1 of others")]
#[case("contract/public.columns/select/ann/column.secret", Failed, "column `secret` can be reached")]
fn rows_that_are_seen(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// `SELECT *` and a keyed UPDATE are refused here; `SELECT 1` and an unfiltered UPDATE are not.
#[rstest]
#[case("contract/public.one_column/select/ann/withheld", Failed, "sees 2 rows of 2 of others")]
#[case("contract/public.one_column/update/ann/withheld", Failed, "2 rows of others updated")]
fn column_grants_show_what_select_star_does_not(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// Nothing: filtered where the witness role sees a row, else no verdict.
#[rstest]
#[case("contract/public.held/select/ann/withheld", Passed, "filtered")]
#[case("contract/public.parted/select/ann/withheld", Passed, "filtered")]
#[case("contract/public.hidden/select/ann/withheld", Passed, "filtered")]
#[case("contract/public.hidden/select/ann/granted", Failed, "does not see 1 row of 1 granted")]
#[case("contract/public.lonely/select/ann/withheld", Error, "no row of others on the seed")]
fn nothing(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// 42501 of the ACL, on the probed relation or column.
#[rstest]
#[case("contract/public.ungranted/select/ann/withheld", Passed, "refused by privilege")]
#[case("contract/public.stored_ungranted/select/ann/withheld", Passed, "refused by privilege")]
#[case("contract/public.parted_a/update/ann/withheld", Passed, "refused by privilege")]
#[case("contract/public.columns/select/ann/column.plain", Passed, "refused by privilege")]
fn refused_by_privilege(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// 42501 of the ACL on a table inside the policy.
#[rstest]
#[case("contract/public.by_members/select/ann/withheld", Error, "refused by a privilege on something else")]
#[case("contract/public.by_members/select/ann/granted", Error, "refused by a privilege on something else")]
fn refused_by_something_else(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// 42P17, 57014, 22012: never a pass.
#[rstest]
#[case("contract/public.recursive/select/ann/withheld", Error, "no verdict")]
#[case("contract/public.slow/select/ann/withheld", Error, "no verdict")]
#[case("contract/public.slow/select/ann/granted", Error, "no verdict")]
#[case("contract/public.divided/select/ann/withheld", Error, "no verdict")]
fn anything_else(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// A view that filters by the context shows what some context of the suite shows; one that filters by the role shows
/// rows that the witness role knows nothing of.
#[rstest]
#[case("contract/public.filtered_view/select/ann/granted", Passed, "sees all 2 rows granted")]
#[case("contract/public.filtered_view/select/ann/withheld", Error, "no row of others on the seed")]
#[case("contract/public.role_view/select/ann/withheld", Error, "does not see there")]
#[case("contract/public.role_view/select/ann/granted", Error, "no granted row on the seed")]
fn rows_that_the_witness_role_does_not_see(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}
