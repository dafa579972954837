//! Becoming somebody is its own step: what goes wrong there is no denial, and neither is a statement that leaves it.

use rlsgate::exit::Exit;
use rlsgate::report::record::Status::{self, Error, Passed};
use rstest::rstest;

use super::support::{Ran, changed, run, there};

static RAN: Ran = Ran::of("becoming");

#[rstest]
#[case("contract/public.held/select/ann/granted", Passed, "sees all")]
#[case("contract/public.held/select/known/granted", Passed, "sees all")]
fn became(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// SET ROLE refused with 42501, a setter that sets nothing, or another tenant, and one that leaves the role.
#[rstest]
#[case("contract/public.held/select/unbecoming/withheld", Error, "could not impersonate unbecoming")]
#[case("contract/public.held/truncate/unbecoming/withheld", Error, "could not impersonate unbecoming")]
#[case("case/refused-to-whom-the-probe-cannot-become/unbecoming", Error, "could not impersonate unbecoming")]
#[case("contract/public.held/select/nothing/withheld", Error, "could not impersonate nothing")]
#[case("contract/public.held/insert/nothing/withheld", Error, "could not impersonate nothing")]
#[case("contract/public.held/select/another/withheld", Error, "reads `b` instead of `a`")]
#[case("contract/public.held/select/reset/withheld", Error, "instead of `app`")]
#[case("contract/public.held/select/other/withheld", Error, "instead of `app`")]
#[case("actor/nothing", Error, "check its claims")]
fn not_become(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// An error of a whole context, and failing closed of a broken one.
#[rstest]
#[case("contract/public.held/select/refused/withheld", Error, "the setter of refused failed")]
#[case("context/public.held/select/unread/tenant.empty", Passed, "failed closed: the setter refuses the context")]
#[case("context/public.held/select/unread/tenant.malformed", Passed, "failed closed: the setter refuses the context")]
fn refused_by_the_setter(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// From a policy, a trigger, a function, and a step that commits.
#[rstest]
#[case("contract/public.slippery/select/ann/withheld", Error, "the statement escaped")]
#[case("contract/public.triggered/update/ann/granted", Error, "the statement escaped")]
#[case("execute/public.resets(text)/ann", Error, "the statement escaped")]
#[case("case/step-that-leaves-the-role", Error, "the statement escaped")]
#[case("case/steps-that-stay", Passed, "2 steps as expected")]
fn leaving_the_role(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[test]
fn a_case_that_ends_the_transaction_is_refused_before_it_is_tried() {
    let copy = changed("becoming", "suite.toml", |suite| suite.replace("sql = \"reset role\"", "sql = \"commit\""));
    match run(&copy.path().join("suite.toml")) {
        Err(error) if error.exit() == Exit::Input => assert!(error.to_string().contains("transaction control")),
        other => drop(there(other).map(|_| panic!("it was run"))),
    }
}
