//! Rows of an actor's own that point at rows of others, and rows of others that one branch of a policy lets in.

use rlsgate::report::record::Status::{self, Failed, Passed};
use rstest::rstest;

use super::support::Ran;

static RAN: Ran = Ran::of("pointing");

#[rstest]
#[case(
    "contract/public.unheld/insert/ann/references.account_id",
    Failed,
    "can point at a row of others in public.accounts"
)]
#[case(
    "contract/public.unheld/update/ann/references.account_id",
    Failed,
    "can point at a row of others in public.accounts"
)]
#[case("contract/public.by_policy/insert/ann/references.account_id", Passed, "refused by policy")]
#[case("contract/public.by_policy/update/bob/references.account_id", Passed, "refused by policy")]
#[case("contract/public.by_key/insert/ann/references.account_id", Passed, "stopped by a constraint of the schema")]
#[case("contract/public.by_key/update/ann/references.account_id", Passed, "stopped by a constraint of the schema")]
#[case("contract/public.by_trigger/insert/ann/references.account_id", Passed, "raised by code of the schema")]
#[case("contract/public.by_trigger/update/ann/references.account_id", Passed, "raised by code of the schema")]
fn foreign_keys(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// What everybody sees may be pointed at.
#[test]
fn of_a_public_parent_nothing_is_asked() {
    let Some(checks) = RAN.checks() else { return };
    assert!(!checks.keys().any(|id| id.ends_with("/references.kind_id")), "{:#?}", checks.keys());
}

#[rstest]
#[case("contract/public.draft_by_default/insert/ann/withheld", Failed, "accepted: a row of others, otherwise filled")]
#[case("contract/public.draft_by_name/insert/ann/withheld", Failed, "accepted: a row of others, otherwise filled")]
#[case("contract/public.draft_of_own/insert/ann/withheld", Passed, "refused by policy")]
fn branches_of_a_policy(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}
