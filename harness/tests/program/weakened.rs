//! The exit code of a run whose chain was weakened.

use super::support::{Copy, TABLES};

/// What is known of a schema without trying it: facts, and the lock file of its chain.
const WITHOUT_FACTS: &[&str] = &["--filter", "!connectors/fact/*", "--filter", "!chain/*"];

#[test]
fn a_weakened_policy_is_exit_1_and_the_relation_is_named() {
    let copy = Copy::new();
    copy.append(TABLES, "alter policy workspace_isolation_update on public.connectors using (true);");
    let ended = copy.run(WITHOUT_FACTS);
    if ended.lacks_server("local") {
        return;
    }
    ended.expect(1);
    assert!(ended.out.contains("connectors/contract/public.connectors/update/ann/move"), "{}", ended.out);
}

#[test]
fn what_makes_no_difference_to_behaviour_is_exit_1_by_a_fact_and_0_without() {
    let copy = Copy::new();
    copy.append(TABLES, "alter policy workspace_isolation_update on public.connectors to public;");
    let ended = copy.run(&[]);
    if ended.lacks_server("local") {
        return;
    }
    ended.expect(1);
    assert!(ended.out.contains("connectors/fact/public.connectors/policy/workspace_isolation_update"), "{}", ended.out);
    copy.run(WITHOUT_FACTS).expect(0);
}
