//! What holds after the hardening and after its rollback, each suite run once for all tests.

use std::path::PathBuf;
use std::sync::LazyLock;

use rlsgate::report::record::{CheckRecord, Status, SuiteRecord};
use rstest::rstest;

use crate::record;

/// What is kept is the record alone: a static is never dropped, so it must not own the server, which is stopped before the
/// first assertion.
static HARDENED: LazyLock<SuiteRecord> = LazyLock::new(|| record(&suite("suite.toml")));
static ROLLED_BACK: LazyLock<SuiteRecord> = LazyLock::new(|| record(&suite("rolled-back.suite.toml")));

fn suite(file: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "rls-hardening", file].iter().collect()
}

fn found<'a>(record: &'a SuiteRecord, check: &str) -> &'a CheckRecord {
    let id = format!("{}/{check}", record.name);
    record.check(&id).unwrap_or_else(|| panic!("there is no check {id}"))
}

fn passed(record: &SuiteRecord, check: &str) {
    let found = found(record, check);
    assert_eq!(found.status, Status::Passed, "{}\n{:#?}", found.verdict, found.evidence);
}

fn is_a_known_exception(record: &SuiteRecord, check: &str, reason: &str) {
    let found = found(record, check);
    assert_eq!(found.status, Status::Skipped, "{}", found.verdict);
    assert!(found.verdict.contains(reason), "{}", found.verdict);
}

#[rstest]
#[case::ann_sees_public_accounts_and_her_own("contract/public.business_accounts/select/ann/granted")]
#[case::ann_sees_no_private_account_of_others("contract/public.business_accounts/select/ann/withheld")]
#[case::a_private_account_is_hidden_from_ben("case/private-business-account-others/ben")]
#[case::a_token_without_user_sees_public_accounts_only("context/public.business_accounts/select/ann/user.unset")]
#[case::an_own_account_stays_the_own("contract/public.business_accounts/update/ann/move")]
#[case::nobody_joins_a_chat_alone("contract/public.chat_participants/insert/ann/withheld")]
#[case::nobody_sends_in_the_name_of_others("contract/public.chat_messages/insert/ann/withheld")]
#[case::rate_limits_are_the_services("contract/public.rate_limits/select/service/granted")]
#[case::rate_limits_are_nobody_elses("contract/public.rate_limits/select/visitor/withheld")]
#[case::a_user_does_not_reset_a_counter("case/rate-limit-is-not-reset/ann")]
#[case::files_of_others_are_not_listed("contract/storage.objects/select/ann/withheld")]
#[case::files_of_others_are_not_written("contract/storage.objects/update/ann/unfiltered")]
#[case::an_avatar_is_replaced_by_its_owner("case/avatar-replaced/ann")]
#[case::an_id_as_prefix_is_another_id("case/look-alike-avatar-path/ann/own-id-as-prefix")]
#[case::a_wildcard_is_a_letter("case/look-alike-avatar-path/ann/like-percent")]
#[case::an_upper_case_id_is_another_id("case/look-alike-avatar-path/ann/upper-case-id")]
#[case::an_avatar_has_its_extension("case/look-alike-avatar-path/ann/no-extension")]
#[case::a_chat_is_not_left_by_dots("case/look-alike-chat-path/ann/traversal")]
#[case::the_bucket_is_no_part_of_the_name("case/look-alike-chat-path/ann/bucket-in-the-name")]
fn holds_after_the_hardening(#[case] check: &str) {
    passed(&HARDENED, check);
}

#[rstest]
#[case::rate_limits_have_their_row_security_back("contract/public.rate_limits/delete/ann/withheld")]
#[case::every_user_sees_every_account("contract/public.business_accounts/select/ben/granted")]
#[case::nobody_lists_files("contract/storage.objects/select/ann/withheld")]
#[case::no_policy_of_the_hardening_is_left("fact/public.business_accounts/policy/no-other")]
#[case::no_column_is_left("fact/query/no-column-is-left")]
#[case::what_is_left_serves_nobody("fact/query/left-buckets-serve-nobody")]
#[case::no_file_is_lost("fact/query/no-file-is-lost")]
fn holds_after_the_rollback(#[case] check: &str) {
    passed(&ROLLED_BACK, check);
}

#[rstest]
#[case::check_1("4.1", "rate-limits-rls-status", "execute rollback")]
#[case::check_2("4.2", "business-accounts-is-public-column", "execute rollback")]
#[case::check_3("4.3", "storage-buckets", "execute rollback")]
#[case::check_4("4.4", "storage-policies-count", "execute rollback")]
#[case::check_5("4.5", "business-accounts-policy", "execute rollback")]
fn the_runbooks_check_passes_and_says_what_to_do(#[case] step: &str, #[case] query: &str, #[case] remedy: &str) {
    is_numbered(&HARDENED, step, query, remedy);
}

#[rstest]
#[case::check_1("R2.1", "rate-limits-rls-is-back", "emergency rollback authority")]
#[case::check_2("R2.2", "old-policy-is-back", "emergency rollback authority")]
fn the_check_after_the_rollback_passes(#[case] step: &str, #[case] query: &str, #[case] remedy: &str) {
    is_numbered(&ROLLED_BACK, step, query, remedy);
}

fn is_numbered(record: &SuiteRecord, step: &str, query: &str, remedy: &str) {
    let check = format!("fact/query/{query}");
    passed(record, &check);
    let found = found(record, &check);
    assert_eq!(found.step.as_deref(), Some(step));
    assert!(found.remedy.as_deref().is_some_and(|said| said.contains(remedy)), "{:?}", found.remedy);
}

#[rstest]
#[case::chat_media_is_public("fact/query/chat-media-is-served-by-policy", "check 4.3 wants the bucket public")]
#[case::private_is_a_change("case/old-version-finds-an-account-by-id/ben", "the runbook says backward compatible")]
fn the_runbook_contradicts_itself(#[case] check: &str, #[case] reason: &str) {
    is_a_known_exception(&HARDENED, check, reason);
}

#[rstest]
#[case::privacy_is_lost("case/private-account-stays-private/ben", "private accounts lose their privacy")]
#[case::uploads_are_out_of_reach("case/uploaded-avatar-is-still-there/ann", "with the policies go the uploads")]
#[case::buckets_stay("fact/query/system-restored", "cannot be dropped (foreign key)")]
fn the_rollback_has_an_impact_on_users(#[case] check: &str, #[case] reason: &str) {
    is_a_known_exception(&ROLLED_BACK, check, reason);
}
