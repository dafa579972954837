//! Unique keys over the rows of all tenants: what they tell, and what an upsert meets.

use rlsgate::report::record::Status::{self, Error, Failed, Passed};
use rstest::rstest;

use super::support::Ran;

static RAN: Ran = Ran::of("keys");

/// By a constraint, an expression, a part of the rows, and a number that clients choose.
#[rstest]
#[case("contract/public.everywhere/insert/ann/oracle", Failed, "`everywhere_mail_key` (mail) tells that a row")]
#[case("contract/public.by_case/insert/ann/oracle", Failed, "`by_case_mail` (mail) tells")]
#[case("contract/public.while_there/insert/bob/oracle", Failed, "`while_there_mail` (mail, gone) tells")]
#[case("contract/public.chosen/insert/ann/oracle", Failed, "`chosen_pkey` (id) tells")]
#[case("contract/public.guarded/insert/ann/oracle", Passed, "no key tells of a row of others")]
fn what_keys_tell(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// The tenant is in the key, the server makes it here or where it points, or its row is seen anyway.
#[rstest]
#[case("contract/public.of_tenant/insert/ann")]
#[case("contract/public.by_own_case/insert/ann")]
#[case("contract/public.of_made/insert/ann")]
#[case("contract/public.seen_by_all/insert/ann")]
fn no_oracle(#[case] cell: &str) {
    let Some(checks) = RAN.checks() else { return };
    assert!(checks.contains_key(&format!("{cell}/withheld")) && !checks.contains_key(&format!("{cell}/oracle")));
}

/// A row whose key is NULL is in nobody's way: another is taken, and none where there is no other.
#[rstest]
#[case("contract/public.some_without/insert/ann/upsert", Failed, "changed a row of others")]
#[case("contract/public.everywhere/insert/ann/upsert", Passed, "refused by policy")]
#[case("contract/public.rewritten/insert/ann/upsert", Error, "no row of others was in its way")]
fn upserts(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[test]
fn no_upsert_where_none_can_meet() {
    let Some(checks) = RAN.checks() else { return };
    assert!(!checks.contains_key("contract/public.all_without/insert/ann/upsert"));
    // The server refuses ON CONFLICT beside the rule, whoever asks.
    assert!(!checks.contains_key("contract/public.ruled/insert/ann/upsert"));
    RAN.hold("contract/public.ruled/insert/ann/granted", Passed, "accepted");
}

/// A foreign key cannot name a deferrable key, and a row whose key changes is still the own one.
#[rstest]
#[case("contract/public.only_deferred/references/ann/withheld", Passed, "not held")]
#[case("contract/public.of_code/select/bob/returning", Passed, "returns no row of others")]
fn keys_of_their_own_kind(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}
