//! What a chain sets for every session of its database is not for the harness's own; and whose trouble is whose.

use rlsgate::exit::Exit;
use rlsgate::report::record::Status::Passed;
use rstest::rstest;

use super::support::{Ran, changed, refusal, run, there};

static RAN: Ran = Ran::of("steered");

#[test]
fn a_role_a_limit_and_read_only_are_for_the_application() {
    RAN.hold("contract/public.held/select/who/withheld", Passed, "filtered");
    RAN.hold("contract/public.held/update/who/withheld", Passed, "refused by privilege");
}

#[test]
fn the_harness_has_its_names_to_itself() {
    let copy = changed("steered", "suite.toml", |suite| suite.replace("role = \"app\"", "role = \"rlsgate_witness\""));
    let Some(said) = refusal(copy.path()) else { return };
    assert!(said.contains("names that begin with `rlsgate` are the harness's own"), "{said}");
}

/// A row set that cannot be evaluated is the file's fault, unless the server is in trouble.
#[rstest]
#[case("53100", Exit::Untested)]
#[case("XX001", Exit::Untested)]
#[case("22012", Exit::Input)]
fn whose_trouble_it_is(#[case] code: &str, #[case] exit: Exit) {
    let rows = format!("{{ rows.own = \"raising('{code}')\", allow.who = {{ select = \"own\" }} }}");
    let copy = changed("steered", "suite.toml", |suite| {
        suite.replace("{ tenant_key = \"tenant\" }", &rows).replace(", powerless = \"it sets no tenant\"", "")
    });
    match run(&copy.path().join("suite.toml")) {
        Err(error) if error.to_string().contains(code) => assert_eq!(error.exit(), exit, "{error}"),
        other => drop(there(other).map(|_| panic!("it was run"))),
    }
}
