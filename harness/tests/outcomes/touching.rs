//! What a statement wrote beside what it is about: every way to write is seen, and what is only locked is not taken for it.

use rlsgate::report::record::Status::{self, Failed, Passed};
use rstest::rstest;

use super::support::Ran;

static RAN: Ran = Ran::of("touching");
static UNCOUNTED: Ran = Ran::of("uncounted");

#[rstest]
#[case("trigger", "1 row of others in public.at_trigger: id=2")]
#[case("caught", "1 row of others in public.at_caught: id=2")]
#[case("undone_once", "1 row of others in public.at_undone_once: id=2")]
#[case("nested", "1 row of others in public.at_nested: id=3")]
#[case("truncate", "2 rows of others in public.at_truncate: id=2, id=3")]
#[case("truncate_cascade", "1 row of others in public.below_truncate: id=2")]
#[case("truncate_cascade", "2 rows of others in public.at_truncate_cascade: id=2, id=3")]
#[case("view", "1 row of others in public.at_view: id=2")]
#[case("instead", "1 row of others in public.at_instead: id=2")]
#[case("rule", "1 row of others in public.at_rule: id=2")]
#[case("merge", "1 row of others in public.at_merge: id=2")]
#[case("partition", "1 row of others in public.parted_b: id=2 tenant=b")]
#[case("route", "1 row of others in public.parted_b: id=9 tenant=b")]
#[case("deferred", "1 row of others in public.at_deferred: id=2")]
fn whatever_writes_is_seen(#[case] way: &str, #[case] verdict: &str) {
    // The second statement on a relation knows what the first has locked; who has a setter may have written before.
    for probe in ["ann/granted", "ann/unfiltered", "aud/granted"] {
        RAN.hold(&format!("contract/public.by_{way}/update/{probe}"), Failed, verdict);
    }
}

/// A cascade, and what it does to rows below it in turn.
#[rstest]
#[case("granted")]
#[case("unfiltered")]
fn referential_actions_are_seen_at_every_distance(#[case] probe: &str) {
    let id = format!("contract/public.roots/delete/ann/{probe}");
    RAN.hold(&id, Failed, "1 row of others in public.branches: id=1");
    RAN.hold(&id, Failed, "1 row of others in public.leaves: id=1");
}

#[rstest]
#[case("contract/public.by_undone/update/ann/granted", Passed, "1 row updated, and no other")]
#[case("contract/public.by_idle/update/ann/granted", Passed, "1 row updated, and no other")]
#[case("contract/public.by_locked/update/ann/granted", Passed, "1 row updated, and no other")]
#[case("contract/public.by_locked/update/aud/granted", Passed, "1 row updated, and no other")]
#[case("contract/public.stumps/delete/ann/granted", Passed, "1 row deleted, and no other")]
fn what_is_locked_alone_is_not_written(#[case] id: &str, #[case] status: Status, #[case] verdict: &str) {
    RAN.hold(id, status, verdict);
}

/// The setter changes a row of others, before the statement that is judged.
#[test]
fn what_was_written_before_the_statement_is_not_its_own() {
    RAN.hold("contract/public.by_nothing/update/aud/granted", Passed, "1 row updated, and no other");
}

#[test]
fn relations_without_a_contract_are_named_where_they_were_written() {
    let Some(checks) = RAN.checks() else { return };
    let notes = |way: &str, probe: &str| {
        let id = format!("contract/public.by_{way}/update/{probe}");
        checks.get(&id).unwrap_or_else(|| panic!("no {id}")).evidence.notes.concat()
    };
    for probe in ["ann/granted", "ann/unfiltered", "aud/granted"] {
        assert_eq!(notes("aside", probe), "also wrote outside the contract: aside.log");
        assert_eq!(notes("aside_truncate", probe), "also wrote outside the contract: aside.queue");
        assert_eq!(notes("aside_locked", probe), "");
    }
}

/// With `track_counts` off nothing is counted: whatever was locked is compared, the first time and the next.
#[rstest]
#[case("granted")]
#[case("unfiltered")]
fn what_was_written_is_seen_where_the_server_counts_nothing(#[case] probe: &str) {
    let id = format!("contract/public.notes/update/ann/{probe}");
    UNCOUNTED.hold(&id, Failed, "changed beside it: 1 row of others in public.others: id=2");
}
