//! Facts of the suites, one test each.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rlsgate::report::record::{Status, SuiteRecord};
use rstest::rstest;

use super::files;
use crate::{python, records};

const SUITES: [&str; 4] =
    ["suite.toml", "installation-scope.suite.toml", "rolled-back.suite.toml", "downgraded.suite.toml"];

/// Each suite is run once for all tests. What is kept is the records alone: a static is never dropped, so it must not own a
/// server. `None` where there is no Alembic.
static RECORDS: LazyLock<Option<BTreeMap<String, SuiteRecord>>> = LazyLock::new(|| {
    if !python::is_there() {
        return None;
    }
    let records = records(&SUITES.map(files::suite));
    Some(records.into_iter().map(|record| (record.name.clone(), record)).collect())
});

fn hold(check: &str, status: Status, reason: &str) {
    let Some(records) = &*RECORDS else { return };
    let suite = check.split('/').next().unwrap();
    let found = records[suite].check(check).unwrap_or_else(|| panic!("there is no check {check}"));
    assert_eq!(found.status, status, "{}\n{:#?}", found.verdict, found.evidence);
    assert!(found.verdict.contains(reason), "{}", found.verdict);
}

#[test]
fn every_check_of_every_state_passes_or_is_a_known_exception() {
    let Some(records) = &*RECORDS else { return };
    assert_eq!(records.len(), SUITES.len());
    for record in records.values() {
        let other: Vec<_> =
            record.checks.iter().filter(|check| matches!(check.status, Status::Failed | Status::Error)).collect();
        assert!(other.is_empty(), "{}: {other:#?}", record.name);
    }
}

#[rstest]
#[case::a_request_reads_reviews_of_its_installation("contract/public.reviews/select/api_a/granted")]
#[case::a_request_does_not_read_reviews_of_another("contract/public.reviews/select/api_a/withheld")]
#[case::a_request_does_not_move_a_review("contract/public.reviews/update/api_a/move")]
#[case::a_webhook_does_not_insert_for_another("contract/public.reviews/insert/webhook_a/withheld")]
#[case::a_worker_works_without_a_user("contract/public.reviews/update/worker_a/granted")]
#[case::a_worker_updates_no_other_column("contract/public.reviews/update/worker_a/column.installation_id")]
#[case::a_job_without_context_reads_no_review("contract/public.reviews/select/sweeper/withheld")]
#[case::a_connection_before_any_setter_reads_no_user("contract/public.users/select/idle/withheld")]
#[case::a_user_of_a_with_the_context_of_b("case/installation-and-user-mismatch/ann_in_b")]
#[case::a_member_of_both_sees_one_at_a_time("contract/public.user_settings/select/cleo_in_a/withheld")]
#[case::a_key_is_not_read_by_the_api("contract/public.user_api_keys/select/api_a/column.encrypted_key")]
#[case::a_key_is_the_users_alone("case/owner-only-access-for-user-keys/api_a2")]
#[case::an_audit_row_is_never_changed("case/audit-cannot-be-tampered-with/worker_a/approve")]
#[case::the_admin_endpoint_reads_everywhere("contract/public.reviews/select/admin/granted")]
#[case::the_admin_endpoint_writes_nowhere("contract/public.reviews/update/admin/withheld")]
#[case::the_admin_endpoint_sets_no_context("execute/public.set_installation_context(bigint)/admin")]
#[case::without_an_installation_nothing_is_read("context/public.reviews/select/api_a/installation.unset")]
#[case::an_empty_installation_is_none("context/public.reviews/select/worker_a/installation.empty")]
#[case::without_a_user_no_key_is_read("context/public.user_api_keys/select/api_a/user.unset")]
#[case::the_context_ends_with_its_transaction("case/context-ends-with-its-transaction")]
#[case::current_is_head("fact/query/current-is-head")]
fn at_head(#[case] check: &str) {
    hold(&format!("installations/{check}"), Status::Passed, "");
}

#[rstest]
#[case::before("installations-installation-scope")]
#[case::after("installations-rolled-back")]
fn between_the_scopes_installations_are_guarded_and_users_are_out_of_reach(#[case] suite: &str) {
    for check in [
        "contract/public.reviews/select/api_a/granted",
        "contract/public.reviews/select/api_a/withheld",
        "contract/public.review_audit/select/api_a/withheld",
        "contract/public.users/select/api_a/withheld",
        "contract/public.user_api_keys/select/worker_a/withheld",
    ] {
        hold(&format!("{suite}/{check}"), Status::Passed, "");
    }
}

#[rstest]
#[case::no_role_reaches_a_table("contract/public.reviews/select/api/withheld")]
#[case::nothing_is_left("fact/query/downgrade-leaves-no-trace")]
#[case::but_the_rows("fact/query/downgrade-keeps-rows")]
fn at_the_bottom(#[case] check: &str) {
    hold(&format!("installations-downgraded/{check}"), Status::Passed, "");
}

#[rstest]
#[case::a_request_without_user("case/request-that-forgets-the-user/webhook_a", "a role for webhooks would end it")]
#[case::workers_write_audits("case/audit-log-is-written-by-its-owner-only/worker_a", "reading is for owners")]
#[case::always_true("fact/query/no-policy-is-always-true", "with a strict justification")]
fn is_a_known_exception(#[case] check: &str, #[case] reason: &str) {
    hold(&format!("installations/{check}"), Status::Skipped, reason);
}
