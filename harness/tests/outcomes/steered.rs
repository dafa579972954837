//! What a chain sets for every session of its database is not for the harness's own.

use rlsgate::report::record::Status::Passed;

use super::support::{Ran, changed, refusal};

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
