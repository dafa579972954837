//! An empty seed: the plan keeps its ids, and what needs a row is an error.

use rlsgate::report::record::Status::Error;

use super::support::{changed, folder, run, there};

#[test]
fn what_needs_a_row_is_an_error_and_not_left_out() {
    let Some(full) = there(run(&folder("pointing").join("suite.toml"))) else { return };
    let copy = changed("pointing", "seed.sql", |_| String::new());
    let Some(empty) = there(run(&copy.path().join("suite.toml"))) else { return };
    // Only rows say whether there is somewhere to move to, something to collide with or to point at, or somebody else.
    let of_rows = |id: &&String| {
        ["/move", "/upsert", "/context.forgotten", "/context.swapped"].iter().any(|end| id.ends_with(end))
            || id.contains("/references.")
    };
    let lost: Vec<&String> = full.keys().filter(|id| !empty.contains_key(*id) && !of_rows(id)).collect();
    assert!(lost.is_empty(), "{lost:#?}");
    let probes = ["/granted", "/unfiltered", "/returning", "/tenant.unset", "/tenant.empty", "/tenant.malformed"];
    let (mut seen, mut passed) = (0, Vec::new());
    for (id, check) in empty.iter().filter(|(id, _)| probes.iter().any(|end| id.ends_with(end))) {
        seen += 1;
        if check.status != Error {
            passed.push((id, check.status, &check.verdict));
        }
    }
    assert!(seen > 100 && passed.is_empty(), "{seen}: {passed:#?}");
}
