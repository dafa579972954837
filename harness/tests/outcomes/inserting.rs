//! INSERT: rows of others as they are, with fresh keys, and as upserts.

use rlsgate::report::record::Status::{self, Error, Failed, Passed};
use rstest::rstest;

use super::support::Ran;

static RAN: Ran = Ran::of("inserting");

#[rstest]
#[case("contract/public.held/insert/ann/granted", Passed, "accepted")]
#[case("contract/public.held/insert/ann/withheld", Passed, "refused by policy")]
#[case("contract/public.held/insert/ann/upsert", Passed, "refused by policy")]
#[case("contract/public.numbered/insert/ann/withheld", Passed, "refused by policy")]
#[case("contract/public.numbered/insert/ann/granted", Passed, "accepted")]
#[case("contract/public.defaulted/insert/ann/omitted", Passed, "refused by policy")]
#[case("contract/public.read_only/insert/ann/withheld", Passed, "refused by privilege")]
#[case("contract/public.read_only/insert/ann/granted", Failed, "refused by privilege, though the contract grants it")]
fn held(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

#[rstest]
#[case("contract/public.other_column/insert/ann/withheld", Failed, "accepted: an own row with another `tenant`")]
#[case("contract/public.upserted/insert/ann/upsert", Failed, "changed a row of others")]
#[case("contract/public.upserted/insert/ann/withheld", Passed, "refused by policy")]
#[case("contract/public.left_out/insert/ann/omitted", Failed, "accepted: an own row without its tenant key")]
fn leaking(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// 23505, 23P01, and 23505 at COMMIT only.
#[rstest]
#[case("contract/public.unchecked/insert/ann/withheld", Failed, "got past policy and privilege")]
#[case("contract/public.exclusive/insert/ann/withheld", Failed, "got past policy and privilege")]
#[case("contract/public.exclusive/insert/ann/granted", Passed, "allowed: it got past policy and privilege")]
#[case("contract/public.deferred/insert/ann/withheld", Failed, "got past policy and privilege")]
#[case("contract/public.deferred/insert/ann/granted", Passed, "allowed: it got past policy and privilege")]
fn stopped_by_a_constraint_of_its_own_only(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// The verbatim copy is stopped by the key: only the one with fresh keys tells.
#[rstest]
#[case("contract/public.overwritten/insert/ann/withheld", Passed, "made the actor's own by the schema")]
fn made_the_own_by_a_trigger(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// A domain, partition routing, a trigger that hits another relation or raises, and one that swallows the row.
#[rstest]
#[case("contract/public.domained/insert/ann/granted", Error, "stopped by a constraint that decides nothing")]
#[case("contract/public.domained/insert/ann/withheld", Error, "the control is not accepted")]
#[case("contract/public.parted/insert/ann/granted", Error, "stopped by a constraint that decides nothing")]
#[case("contract/public.parted/insert/ann/withheld", Error, "the control is not accepted")]
#[case("contract/public.logged/insert/ann/withheld", Error, "stopped by a constraint that decides nothing")]
#[case("contract/public.raising/insert/ann/withheld", Error, "raised by code of the schema")]
#[case("contract/public.undone/insert/ann/withheld", Error, "vacuous")]
fn undecided(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// Its refusal is not that of the policy: tried again with a number given.
#[rstest]
#[case("contract/public.serial_held/insert/ann/granted", Error, "refused by a privilege on something else")]
#[case("contract/public.serial_held/insert/ann/withheld", Passed, "refused by policy")]
#[case("contract/public.serial_held/insert/ann/upsert", Passed, "refused by policy")]
#[case("contract/public.serial_open/insert/ann/withheld", Failed, "got past policy and privilege")]
fn a_sequence_that_the_actor_may_not_use(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}
