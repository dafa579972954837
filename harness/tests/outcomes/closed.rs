//! The closed world: what nobody named, whom no actor stands for, and what is known.

use rlsgate::report::record::Status::{self, Error, Failed, Passed, Skipped};
use rstest::rstest;

use super::support::Ran;

static RAN: Ran = Ran::of("closed");

#[rstest]
#[case("contract/public.unnamed_view/named", Failed, "not named in the contract")]
#[case("contract/public.unnamed_sequence/named", Failed, "not named in the contract")]
#[case("contract/public.parted_a/named", Passed, "follows one that is")]
fn relations(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// By a grant, by PUBLIC, by default privileges, and by a function alone.
#[rstest]
#[case("contract/public.reported/select/@reporter/withheld", Failed, "sees 1 row")]
#[case("contract/public.reported/select/@public/withheld", Passed, "refused by privilege")]
#[case("contract/public.published/select/@public/withheld", Failed, "sees 1 row")]
#[case("contract/public.by_default/select/@auditor/withheld", Failed, "sees 1 row")]
#[case("execute/public.called()/@caller", Failed, "can be executed")]
#[case("execute/public.called()/@public", Passed, "refused by privilege")]
fn roles_that_no_actor_stands_for(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("contract/public.used/usage/ann/withheld", Failed, "usage is allowed")]
#[case("contract/public.used/update/ann/withheld", Failed, "update is allowed")]
#[case("contract/public.used/select/ann/withheld", Failed, "select is allowed")]
#[case("contract/public.unused/usage/ann/withheld", Passed, "refused by privilege")]
#[case("contract/public.unused/update/ann/withheld", Passed, "refused by privilege")]
fn sequences(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// EXECUTE is PUBLIC's by default; an error from inside is no refusal.
#[rstest]
#[case("execute/public.default_execute()/@public", Failed, "can be executed")]
#[case("execute/public.default_execute()/ann", Failed, "can be executed")]
#[case("execute/public.raising()/ann", Failed, "can be executed")]
#[case("execute/public.kept()/ann", Passed, "refused by privilege")]
#[case("execute/public.kept()/idle", Failed, "refused by privilege, though the contract grants it")]
#[case("execute/public.granted()/ann", Passed, "may be executed")]
#[case("execute/public.poly_open(anyelement,anyarray)/ann", Failed, "can be executed")]
#[case("execute/public.poly_kept(anyelement,anyrange)/ann", Passed, "refused by privilege")]
fn functions(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("execute/public.close_any(integer)/ann/acts-on", Failed, "acts on 1 row of others")]
#[case("execute/public.tell_any(integer)/ann/acts-on", Failed, "acts on 1 row of others")]
#[case("execute/public.close_own(integer)/ann/acts-on", Passed, "acts on rows of the caller only")]
#[case("execute/public.close_none(integer)/ann/acts-on", Error, "vacuous")]
#[case("execute/public.body_any(integer)/ann/acts-on", Failed, "tells a row of others from one that is not there")]
#[case("execute/public.json_any(integer)/ann/acts-on", Failed, "tells a row of others from one that is not there")]
#[case("execute/public.named_any(integer)/ann/acts-on", Failed, "tells a row of others from one that is not there")]
#[case("execute/public.is_there(integer)/ann/acts-on", Failed, "tells a row of others from one that is not there")]
#[case("execute/public.notes_any(integer)/ann/acts-on", Failed, "acts on 1 row of others")]
#[case("execute/public.body_own(integer)/ann/acts-on", Passed, "acts on rows of the caller only")]
#[case("execute/public.is_mine(integer)/ann/acts-on", Passed, "acts on rows of the caller only")]
#[case("execute/public.notes_own(integer)/ann/acts-on", Passed, "acts on rows of the caller only")]
#[case("execute/public.stamped(integer)/ann/acts-on", Passed, "acts on rows of the caller only")]
fn definer_functions_act_on_rows(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// An argument's id that the actor lacks: it is refused before any value counts.
#[rstest]
#[case("execute/public.of_tenant(text)/quiet", Passed, "refused by privilege")]
#[case("execute/public.of_tenant(text)/ann", Passed, "may be executed")]
fn arguments(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("actor/@reporter/grant-option", Failed, "may grant on public.reported")]
#[case("actor/@auditor/grant-option", Failed, "may grant on public.published")]
#[case("actor/@caller/grant-option", Failed, "may grant on public.called()")]
#[case("actor/ann/grant-option", Passed, "may grant on nothing")]
#[case("actor/@caller/create", Failed, "may create in shop")]
#[case("actor/ann/create", Passed, "may create in nothing")]
fn what_is_passed_on(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("actor/ann", Passed, "an operation granted to this actor works")]
#[case("actor/idle", Error, "every operation granted to this actor failed")]
fn actors_without_power(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// Cover failures alone, until their date, and nothing that passes.
#[rstest]
#[case("contract/public.unnamed/named", Skipped, "known exception: an old table that goes soon")]
#[case("contract/public.unnamed_view/named", Failed, "not named in the contract")]
#[case("contract/public.named/named", Failed, "passes, but a known exception says that it fails")]
fn known_exceptions(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[test]
fn who_says_to_be_powerless_is_not_held_to_power() {
    let Some(checks) = RAN.checks() else { return };
    assert!(checks.contains_key("actor/idle") && !checks.contains_key("actor/quiet"));
}
