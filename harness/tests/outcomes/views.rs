//! Views that filter by the context: the witness role has none, and still knows which rows are there.

use rlsgate::report::record::Status::{self, Failed, Passed};
use rstest::rstest;

use super::support::Ran;

static RAN: Ran = Ran::of("views");

#[rstest]
fn right(
    #[values("right_definer", "right_barrier", "right_raising", "right_invoker")] view: &str,
    #[values("ann", "bob")] actor: &str,
    #[values("select", "update", "delete")] command: &str,
    #[values("granted", "withheld")] probe: &str,
) {
    RAN.hold(&format!("contract/public.{view}/{command}/{actor}/{probe}"), Passed, "");
}

#[rstest]
#[case("contract/public.right_definer/select/ann/withheld", Passed, "none of 2 rows of others is seen")]
#[case("contract/public.right_definer/select/ann/granted", Passed, "sees all 1 row granted")]
#[case("contract/public.right_definer/update/ann/unfiltered", Passed, "1 row updated, and no other")]
#[case("contract/public.right_definer/update/ann/move", Passed, "refused by the view's check option")]
#[case("contract/public.right_definer/insert/ann/granted", Passed, "accepted")]
#[case("contract/public.right_definer/insert/ann/withheld", Passed, "refused by the view's check option")]
#[case("contract/public.right_invoker/insert/ann/withheld", Passed, "refused by policy")]
#[case("context/public.right_definer/select/ann/tenant.empty", Passed, "filtered")]
#[case("context/public.right_definer/delete/bob/tenant.malformed", Passed, "filtered")]
#[case("context/public.right_raising/select/ann/tenant.unset", Passed, "failed closed")]
fn each_command(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("contract/public.leaking_definer/select/ann/withheld", Failed, "sees 2 rows of 2 of others")]
#[case("contract/public.leaking_definer/select/bob/withheld", Failed, "sees 1 row of 1 of others")]
#[case("contract/public.leaking_definer/update/ann/withheld", Failed, "2 rows of others updated")]
#[case("contract/public.leaking_definer/delete/ann/withheld", Failed, "2 rows of others deleted")]
#[case("contract/public.leaking_invoker/select/ann/withheld", Failed, "sees 2 rows of 2 of others")]
#[case("contract/public.leaking_invoker/delete/ann/unfiltered", Failed, "2 rows of others deleted")]
#[case("contract/public.unchecked_definer/insert/ann/withheld", Failed, "accepted")]
#[case("contract/public.unchecked_definer/update/ann/move", Failed, "ann moved 1 row out of what is granted")]
fn leaking(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}
