//! Errors, told apart by the fields that the server sends. Every case expects a denial.

use rlsgate::report::record::Status::{self, Error, Failed, Passed};
use rstest::rstest;

use super::support::Ran;

static RAN: Ran = Ran::of("refusing");

#[rstest]
#[case("case/seen/ann", Failed, "1 rows returned")]
#[case("case/changed/ann", Failed, "2 rows returned or changed")]
#[case("case/filtered/ann", Passed, "filtered")]
#[case("case/filtered-write/ann", Passed, "filtered")]
#[case("case/vacuous/ann", Error, "vacuous")]
fn rows(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("case/policy/ann", Passed, "refused by policy")]
#[case("case/policy-of-update/ann", Passed, "refused by policy")]
#[case("case/policy-of-no-row/ann", Error, "vacuous")]
#[case("case/policy-of-a-filtered-row/ann", Failed, "no row, but no refusal either")]
#[case("case/policy-without-witness/ann", Error, "the control is not allowed the same")]
fn refused_by_policy(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("case/privilege/ann", Passed, "refused or filtered")]
#[case("case/privilege-of-a-sequence/ann", Error, "42501")]
#[case("case/privilege-inside-a-policy/ann", Error, "42501")]
#[case("case/privilege-inside-a-function/ann", Failed, "42501")]
fn refused_by_privilege(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("case/row-security-off/ann", Error, "42501")]
fn row_security_off_is_no_refusal(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// Passes only where the suite expects that code.
#[rstest]
#[case("case/raised-42501/ann", Failed, "42501")]
#[case("case/raised-42501-expected/ann", Passed, "SQLSTATE 42501")]
#[case("case/raised-p0001/ann", Failed, "P0001")]
#[case("case/raised-p0001-expected/ann", Passed, "SQLSTATE P0001")]
#[case("case/raised-late/ann", Failed, "P0001")]
fn raised_by_the_schema(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("case/check-option/ann", Passed, "refused by the view's check option")]
fn refused_by_a_check_option(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// They come after policy and privilege: allowed.
#[rstest]
#[case("case/unique/ann", Failed, "23505")]
#[case("case/exclusion/ann", Failed, "23P01")]
#[case("case/foreign-key/ann", Failed, "23503")]
#[case("case/foreign-key-to-it/ann", Failed, "23503")]
#[case("case/check/ann", Failed, "23514")]
#[case("case/not-null/ann", Failed, "23502")]
#[case("case/deferred-unique/ann", Failed, "23505")]
#[case("case/truncate/ann", Failed, "0A000")]
fn constraints_of_the_probed_relation(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// They come before the policy, or are not its own.
#[rstest]
#[case("case/domain/ann", Error, "23514")]
#[case("case/routing/ann", Error, "23514")]
#[case("case/partition/ann", Error, "23514")]
#[case("case/trigger/ann", Error, "23505")]
fn constraints_that_decide_nothing(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("case/no-such-relation/ann", Error, "42P01")]
#[case("case/no-such-relation-inside/ann", Error, "42P01")]
#[case("case/syntax/ann", Error, "42601")]
#[case("case/recursion/ann", Error, "42P17")]
#[case("case/timeout/ann", Error, "57014")]
#[case("case/no-such-text/ann", Error, "22P02")]
#[case("case/hanging/ann", Error, "no answer within")]
#[case("case/lost-connection/ann", Error, "57P01")]
#[case("case/after-a-lost-connection/ann", Passed, "filtered")]
fn anything_else(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("case/set-role/ann", Error, "the statement escaped")]
#[case("case/reset-role/ann", Error, "the statement escaped")]
#[case("case/reset-role-inside/ann", Error, "the statement escaped")]
#[case("case/role-by-setting/ann", Error, "the statement escaped")]
fn leaving_the_role(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// COPY to a file asks for a role, not for a privilege: no code of the schema raised it, and nothing was refused.
#[rstest]
#[case("case/copy-to-a-file/ann", Failed, "not raised by code of the schema")]
#[case("case/copy-to-a-file-denied/ann", Error, "42501")]
#[case("case/claimed-constraint/ann", Failed, "instead of constraint")]
#[case("case/real-constraint/ann", Passed, "stopped by constraint `held_pkey`")]
fn what_only_looks_like_it(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// With report.values off nothing that code of the schema says is repeated; what the server says of the statement is.
#[rstest]
#[case("case/says-by-assert/ann", "from exec_stmt_assert")]
#[case("case/says-by-a-constraint/ann", "from exec_stmt_raise)")]
#[case("case/says-by-a-name/ann", "from parserOpenTable")]
#[case("case/says-itself/ann", "no_secret")]
fn messages(#[case] id: &str, #[case] said: &str) {
    let Some(checks) = RAN.checks() else { return };
    let check = checks.get(id).unwrap();
    assert!(check.evidence.got.contains(said), "{:#?}", check.evidence);
    assert!(!format!("{} {}", check.verdict, check.evidence.got).contains("a secret"), "{:#?}", check.evidence);
}
