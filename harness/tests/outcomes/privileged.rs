//! Actors that row security does not hold prove nothing, and are refused unless that is meant.

use rlsgate::exit::Exit;
use rlsgate::report::record::Status;
use rstest::rstest;

use super::support::{changed, run, there};

fn with(actor: &str) -> tempfile::TempDir {
    changed("privileged", "suite.toml", |suite| suite.replace("role = \"app\"", actor))
}

#[rstest]
#[case("role = \"almighty\"", "is a superuser")]
#[case("role = \"almighty\", bypass_rls = \"meant\"", "is a superuser")]
#[case("role = \"bypassing\"", "has BYPASSRLS")]
#[case("role = \"migrator\"", "row security is not forced there")]
#[case("role = \"heir\"", "row security is not forced there")]
fn refused(#[case] actor: &str, #[case] why: &str) {
    match run(&with(actor).path().join("suite.toml")) {
        Err(error) if error.exit() == Exit::Input => assert!(error.to_string().contains(why), "{error}"),
        other => drop(there(other).map(|_| panic!("it was run"))),
    }
}

#[rstest]
#[case("role = \"app\"", Status::Passed)]
#[case("role = \"bypassing\", bypass_rls = \"meant\"", Status::Failed)]
#[case("role = \"heir\", bypass_rls = \"meant\"", Status::Failed)]
fn held_to_the_contract_all_the_same(#[case] actor: &str, #[case] status: Status) {
    let Some(checks) = there(run(&with(actor).path().join("suite.toml"))) else { return };
    assert_eq!(checks.get("contract/public.held/select/who/withheld").unwrap().status, status);
}
