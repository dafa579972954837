//! Connections that are used again, and messages that hold more than one statement: nothing of one shows in the next.

use rlsgate::report::record::Status::Passed;
use rstest::rstest;

use super::support::Ran;

static RAN: Ran = Ran::of("reused");
/// Where code of the schema may set something, no connection is used again.
static REMEMBERING: Ran = Ran::of("remembering");

#[rstest]
#[case("temporary-table")]
#[case("prepared-statement")]
#[case("number-of-a-sequence")]
#[case("advisory-lock")]
#[case("setting-of-the-session")]
#[case("who-sets-nothing")]
fn nothing_of_one_step_is_left_for_the_next(#[case] name: &str) {
    RAN.hold(&format!("case/{name}"), Passed, "steps as expected");
}

#[rstest]
#[case("temporary-table-of-one-session")]
#[case("setting-of-one-session")]
fn all_of_it_is_where_one_session_is_asked_for(#[case] name: &str) {
    RAN.hold(&format!("case/{name}"), Passed, "2 steps as expected");
}

#[rstest]
#[case("setting-by-code", "3 steps as expected")]
#[case("setting-by-code-of-one-session", "2 steps as expected")]
fn what_code_sets_unseen_is_not_left_either(#[case] name: &str, #[case] verdict: &str) {
    REMEMBERING.hold(&format!("case/{name}"), Passed, verdict);
}

/// Code of the schema asks for the context of the witness role as well: it tries in that of the actor.
#[rstest]
#[case("contract/public.guarded/insert/ann/withheld", "refused by policy")]
#[case("contract/public.guarded/update/ann/withheld", "filtered")]
fn the_witness_role_tries_in_the_context_of_the_actor(#[case] id: &str, #[case] verdict: &str) {
    RAN.hold(id, Passed, verdict);
}

#[rstest]
#[case("ends-in-a-comment", "2")]
#[case("misspelt", "42601")]
#[case("not-closed", "42601")]
fn a_statement_is_one_of_its_own(#[case] name: &str, #[case] verdict: &str) {
    RAN.hold(&format!("case/{name}/ann"), Passed, verdict);
}
