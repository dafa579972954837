//! Contexts broken on purpose: nothing of any tenant, and nothing left over.

use rlsgate::report::record::Status::{self, Error, Failed, Passed};
use rstest::rstest;

use super::support::Ran;

static RAN: Ran = Ran::of("contexts");

#[rstest]
#[case("context/public.held/select/ann/tenant.unset", Passed, "filtered")]
#[case("context/public.held/select/ann/tenant.empty", Passed, "filtered")]
#[case("context/public.held/select/ann/tenant.malformed", Passed, "filtered")]
#[case("context/public.held/update/ann/tenant.unset", Passed, "filtered")]
#[case("context/public.held/delete/ann/tenant.empty", Passed, "filtered")]
#[case("context/public.held/insert/ann/tenant.empty", Passed, "refused by policy")]
#[case("context/public.passed_through/select/ann/tenant.unset", Passed, "filtered")]
fn filtered(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// NULL before it was ever set, the empty text after, and a wildcard.
#[rstest]
#[case("context/public.open_if_unset/select/ann/tenant.unset", Failed, "sees 3 rows")]
#[case("context/public.open_if_unset/select/ann/tenant.empty", Passed, "filtered")]
#[case("context/public.open_if_empty/select/ann/tenant.unset", Failed, "sees 3 rows")]
#[case("context/public.open_if_empty/select/ann/tenant.empty", Failed, "sees 3 rows")]
#[case("context/public.open_if_empty/select/ann/tenant.malformed", Passed, "filtered")]
#[case("context/public.by_pattern/select/ann/tenant.malformed", Failed, "sees 2 rows")]
#[case("context/public.by_start/select/ann/tenant.malformed", Failed, "sees 2 rows")]
#[case("context/public.open_write/insert/ann/tenant.empty", Failed, "accepted")]
#[case("context/public.open_write/update/ann/tenant.malformed", Failed, "3 rows of others updated")]
#[case("context/public.unpublished/select/ann/tenant.unset", Failed, "sees 1 row")]
#[case("context/public.public_rows/select/ann/tenant.unset", Failed, "sees 1 row")]
fn leaking(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// 42704, 22P02 and an error that the schema raises, with a broken context.
#[rstest]
#[case("context/public.must_be_set/select/ann/tenant.unset", Passed, "failed closed")]
#[case("context/public.must_be_set/delete/ann/tenant.unset", Passed, "failed closed")]
#[case("context/public.by_cast/select/one/number.empty", Passed, "failed closed")]
#[case("context/public.by_cast/select/one/number.malformed", Passed, "failed closed")]
#[case("context/public.raising/select/ann/tenant.empty", Passed, "failed closed")]
#[case("context/public.raising/update/ann/tenant.malformed", Passed, "failed closed")]
#[case("context/public.raising/insert/ann/tenant.unset", Passed, "failed closed")]
fn failed_closed(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("contract/public.by_cast/select/wrong/withheld", Error, "no verdict")]
#[case("contract/public.by_cast/update/wrong/withheld", Error, "no verdict")]
#[case("contract/public.by_cast/delete/wrong/withheld", Error, "no verdict")]
#[case("contract/public.by_cast/select/wrong/granted", Error, "no verdict")]
fn the_same_error_of_a_whole_context_is_an_error(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// On one connection after another: a cached plan, what a setter left for the session, and what fails closed.
#[rstest]
#[case("context/public.held/select/ann/context.swapped", Passed, "sees what it sees on a connection of its own")]
#[case("context/public.cached/select/ann/context.swapped", Failed, "sees other rows after ann")]
#[case("context/public.by_session/select/lee/context.swapped", Failed, "sees other rows after lee")]
#[case("context/public.open_if_empty/select/ann/context.swapped", Failed, "sees other rows after ann")]
#[case("context/public.by_cast/select/one/context.swapped", Passed, "failed closed")]
#[case("context/public.raising/select/ann/context.swapped", Passed, "failed closed")]
fn swapped(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// What a setter sets is broken without it: one that refuses the value does not stand in for the policies.
#[rstest]
#[case("context/public.held/select/sue/tenant.empty", Passed, "filtered")]
#[case("context/public.open_if_empty/select/sue/tenant.empty", Failed, "sees 3 rows")]
#[case("context/public.by_pattern/select/sue/tenant.malformed", Failed, "sees 2 rows")]
fn past_the_setter(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// What the context without the id may insert as well is no leak, and is not tried.
#[test]
fn independent_of_the_id() {
    let Some(checks) = RAN.checks() else { return };
    assert!(!checks.contains_key("context/public.of_person/insert/ned/tenant.unset"));
    RAN.hold("contract/public.of_person/insert/ned/granted", Passed, "accepted");
    RAN.hold("context/public.of_person/insert/ned/person.unset", Passed, "refused by policy");
}

/// Two ids that are together somebody's whole context are not mixed.
#[test]
fn whole_context_of_a_third() {
    let Some(checks) = RAN.checks() else { return };
    assert!(!checks.contains_key("context/public.paired/select/ned/tenant.mixed"));
    RAN.hold("context/public.paired/select/ned/person.mixed", Passed, "filtered");
}

/// One id of another: what neither sees.
#[rstest]
#[case("context/public.paired/select/eve/tenant.mixed", Failed, "sees 1 row")]
#[case("context/public.paired/select/eve/person.mixed", Passed, "filtered")]
fn mixed(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// All ids of several at once.
#[rstest]
#[case("context/public.paired/select/eve/context.unset", Passed, "filtered")]
#[case("context/public.paired/select/eve/context.empty", Passed, "filtered")]
#[case("context/public.paired_open/select/eve/tenant.unset", Passed, "filtered")]
#[case("context/public.paired_open/select/eve/person.empty", Passed, "filtered")]
#[case("context/public.paired_open/select/eve/context.unset", Failed, "sees 6 rows")]
#[case("context/public.paired_open/select/eve/context.empty", Failed, "sees 6 rows")]
fn whole_contexts(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// Rows by an id that the context does not carry are nobody's without those that it does.
#[rstest]
#[case("context/public.by_finder/select/kim/person.unset", Failed, "sees 1 row")]
#[case("context/public.by_finder/select/kim/person.empty", Failed, "sees 1 row")]
#[case("context/public.by_finder/select/kim/person.malformed", Passed, "filtered")]
fn ids_that_others_find(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// The witness role fails in the same trigger; the actor with its whole context does not.
#[rstest]
#[case("context/public.followed/insert/ann/tenant.unset", Passed, "refused by policy")]
#[case("context/public.followed/insert/ann/tenant.empty", Passed, "refused by policy")]
fn what_a_trigger_asks_for(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// A policy that opens to a session without a tenant gives something to who is granted nothing.
#[rstest]
#[case("context/public.nothing_open/select/ann/tenant.unset", Failed, "sees 2 rows")]
#[case("context/public.nothing_open/select/ann/tenant.empty", Failed, "sees 2 rows")]
#[case("context/public.nothing_open/insert/ann/tenant.unset", Failed, "got past policy and privilege")]
#[case("context/public.nothing_open/update/ann/tenant.empty", Failed, "2 rows of others updated")]
#[case("context/public.nothing_open/delete/ann/tenant.unset", Failed, "2 rows of others deleted")]
#[case("context/public.nothing_open/select/ann/tenant.malformed", Passed, "filtered")]
#[case("context/public.nothing_held/select/ann/tenant.unset", Passed, "filtered")]
#[case("context/public.nothing_held/insert/ann/tenant.empty", Passed, "refused by policy")]
#[case("context/public.nothing_held/delete/ann/tenant.unset", Passed, "filtered")]
fn where_nothing_is_granted(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// What a setter leaves on the connection for whoever sets nothing.
#[rstest]
#[case("context/public.by_setter/select/lia/context.forgotten", Failed, "sees other rows after lia")]
#[case("context/public.by_setter/select/tia/context.forgotten", Passed, "sees what it sees on a connection of its own")]
fn forgotten(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// One of a role and context is enough, and none where somebody of the suite sets nothing.
#[test]
fn once_for_all_who_are_the_same() {
    let Some(checks) = RAN.checks() else { return };
    assert!(!checks.contains_key("context/public.nothing_open/select/bob/tenant.unset"));
    assert!(!checks.contains_key("context/public.by_session/select/lee/context.forgotten"));
}
