//! Facts of the connectors' suite from Rust, one test each, for teams whose other tests are written so.

use std::path::PathBuf;
use std::sync::LazyLock;

use rlsgate::report::record::{Status, SuiteRecord};
use rstest::rstest;

use crate::record;

/// The suite is run once for all tests. What is kept is the record alone: a static is never dropped, so it must not own
/// the server, which is stopped before the first assertion.
static RECORD: LazyLock<SuiteRecord> = LazyLock::new(|| {
    let suite: PathBuf = [env!("CARGO_MANIFEST_DIR"), "connectors", "suite.toml"].iter().collect();
    record(&suite)
});

#[rstest]
#[case::ann_updates_connectors_of_her_workspace("contract/public.connectors/update/ann/granted")]
#[case::ann_does_not_update_connectors_of_bea("contract/public.connectors/update/ann/withheld")]
#[case::ann_does_not_move_connectors_between_workspaces("contract/public.connectors/update/ann/move")]
#[case::ann_does_not_insert_for_bea("contract/public.connectors/insert/ann/withheld")]
#[case::ann_does_not_delete_connectors_of_bea("contract/public.connectors/delete/ann/unfiltered")]
#[case::members_only_read_executions("contract/public.connector_executions/insert/ann/withheld")]
#[case::a_secret_is_not_read_by_who_set_it("contract/public.workspace_api_credentials/select/ann/column.credentials")]
#[case::a_visitor_sees_public_templates("contract/public.connector_templates/select/visitor/granted")]
#[case::a_visitor_sees_no_other_template("contract/public.connector_templates/select/visitor/withheld")]
#[case::a_session_without_user_sees_no_connector("context/public.connectors/select/ann/user.unset")]
#[case::a_pooled_connection_keeps_nobody("context/public.connectors/select/ann/context.swapped")]
#[case::an_admin_does_not_become_owner("case/self-promotion/admin")]
#[case::an_update_asks_for_membership("fact/public.connectors/policy/workspace_isolation_update")]
fn holds(#[case] check: &str) {
    let found = RECORD.check(&format!("connectors/{check}")).unwrap_or_else(|| panic!("there is no check {check}"));
    assert_eq!(found.status, Status::Passed, "{}\n{:#?}", found.verdict, found.evidence);
}

#[rstest]
#[case::fourteen_policies_are_not_fifteen(
    "fact/query/sum-of-policies",
    "the document lists 14 policies by name and claims 15"
)]
#[case::users_create_no_community_templates(
    "case/community-template-created-by-a-user/ann",
    "no policy of the list does"
)]
fn is_a_known_exception(#[case] check: &str, #[case] reason: &str) {
    let found = RECORD.check(&format!("connectors/{check}")).unwrap_or_else(|| panic!("there is no check {check}"));
    assert_eq!(found.status, Status::Skipped, "{}", found.verdict);
    assert!(found.verdict.contains(reason), "{}", found.verdict);
}
