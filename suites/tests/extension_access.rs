//! Facts of the move of connector access from Rust, and the chain broken in one place each, with the check that sees it.

mod backfills;
mod setup;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rlsgate::report::record::{CheckRecord, Status};
use rlsgate::run::Filter;
use rlsgate::run::{Options, PreparedSuite};
use rstest::rstest;

use crate::python::is_there;
use crate::{records, repository};

const BASELINE: &str = "639-baseline.sql";
const KINDS: &str = "640-extension-access-kinds.sql";
const BACKFILL: &str = "641_connector_access_to_polymorphic.py";

fn chain() -> PathBuf {
    repository().join("schemas/extension-access")
}

fn suite(file: &str) -> PathBuf {
    repository().join("suites/extension-access").join(file)
}

/// Each suite is run once for all tests; what is kept is the record alone.
static RECORDS: LazyLock<Vec<CheckRecord>> = LazyLock::new(|| {
    let records = records(&["suite.toml", "removed.suite.toml"].map(suite));
    records.into_iter().flat_map(|record| record.checks).collect()
});

#[rstest]
#[case::a_member_sees_what_is_for_the_workspace(
    "extension-access/contract/cinatra.visible_connectors/select/mia/granted"
)]
#[case::a_member_sees_nothing_of_another_organization(
    "extension-access/contract/cinatra.visible_connectors/select/mia/withheld"
)]
#[case::an_admin_writes_no_policy_of_another(
    "extension-access/contract/cinatra.extension_access_policy/insert/abel/withheld"
)]
#[case::an_admin_points_no_policy_at_anothers_install(
    "extension-access/contract/cinatra.extension_access_policy/update/abel/references.resource_id"
)]
#[case::an_idle_connection_sees_nothing("extension-access/contract/cinatra.installed_extension/select/idle/withheld")]
#[case::a_pooled_connection_keeps_no_organization(
    "extension-access/context/cinatra.visible_connectors/select/mia/tenant.empty"
)]
#[case::legacy_is_the_fallback("extension-access/case/legacy-is-the-fallback-where-no-canonical-row-is/cleo")]
#[case::hidden_is_not_absent("extension-access/case/hidden-is-not-absent/mia")]
#[case::counts_agree("extension-access/fact/query/legacy-and-canonical-counts")]
#[case::the_backfill_is_all_or_nothing("extension-access/fidelity/connector-policy/transactional")]
#[case::the_fallback_goes_with_the_legacy_table("extension-access-removed/fact/query/the-legacy-table-is-gone")]
#[case::members_see_what_they_saw("extension-access-removed/case/members-see-what-they-saw/mia")]
fn holds(#[case] check: &str) {
    if !is_there() {
        return;
    }
    let found = RECORDS.iter().find(|one| one.id == check).unwrap_or_else(|| panic!("there is no check {check}"));
    assert_eq!(found.status, Status::Passed, "{}\n{:#?}", found.verdict, found.evidence);
}

#[rstest]
#[case::late_changes_are_lost(
    "a-change-of-the-legacy-row-after-the-backfill-shows/mia",
    "by design of the absence-only fallback"
)]
#[case::the_role_is_taken_from_the_request(
    "the-database-takes-the-role-from-the-request/mia",
    "the application's word"
)]
fn is_a_known_exception(#[case] case: &str, #[case] reason: &str) {
    if !is_there() {
        return;
    }
    let id = format!("extension-access/case/{case}");
    let found = RECORDS.iter().find(|one| one.id == id).unwrap_or_else(|| panic!("there is no check {id}"));
    assert_eq!(found.status, Status::Skipped, "{}", found.verdict);
    assert!(found.verdict.contains(reason), "{}", found.verdict);
}

/// A copy of the chain in which the first `from` of a file reads `to`; its folders, the environment among them, are shared.
fn broken(file: &str, from: &str, to: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(chain()).unwrap().map(Result::unwrap) {
        let to = copy.path().join(entry.file_name());
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to).unwrap();
        } else {
            std::os::unix::fs::symlink(entry.path(), to).unwrap();
        }
    }
    let path = copy.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} does not hold {from}");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    copy
}

#[rstest]
#[case::members_see_what_is_for_admins(
    "contract/cinatra.connector_access_policy/select/mia/withheld",
    BASELINE,
    "using (org_id = cinatra.current_org() and visibility = 'workspace')",
    "using (org_id = cinatra.current_org())"
)]
#[case::a_policy_forgets_the_organization(
    "contract/cinatra.extension_access_policy/select/mia/withheld",
    BASELINE,
    "using (organization_id = cinatra.current_org() and policy ->> 'runDataVisibility' = 'workspace')",
    "using (policy ->> 'runDataVisibility' = 'workspace')"
)]
#[case::an_admin_of_one_is_an_admin_of_all(
    "contract/cinatra.installed_extension/delete/abel/withheld",
    BASELINE,
    "create policy installed_extension_admin_all on cinatra.installed_extension for all to cinatra_app\n  using (organization_id = cinatra.current_org() and cinatra.is_org_admin())",
    "create policy installed_extension_admin_all on cinatra.installed_extension for all to cinatra_app\n  using (cinatra.is_org_admin())"
)]
#[case::co_owners_are_seen_by_everybody(
    "contract/cinatra.extension_co_owners/select/mia/withheld",
    BASELINE,
    "using (organization_id = cinatra.current_org() and user_id = cinatra.current_member())",
    "using (organization_id = cinatra.current_org())"
)]
#[case::the_view_asks_as_its_owner(
    "contract/cinatra.visible_connectors/select/mia/withheld",
    BASELINE,
    "with (security_invoker = true, security_barrier = true)",
    "with (security_barrier = true)"
)]
#[case::the_fallback_takes_hidden_for_absent(
    "case/hidden-is-not-absent/mia",
    BASELINE,
    "language sql stable security definer set search_path",
    "language sql stable set search_path"
)]
#[case::the_fallback_is_not_absence_only(
    "case/canonical-wins-over-legacy/mia",
    BASELINE,
    "where l.org_id = cinatra.current_org() and not cinatra.has_canonical_connector(l.org_id, l.package_id)",
    "where l.org_id = cinatra.current_org()"
)]
#[case::there_is_no_fallback(
    "case/legacy-is-the-fallback-where-no-canonical-row-is/cleo",
    BASELINE,
    "where l.org_id = cinatra.current_org() and not",
    "where false and not"
)]
#[case::a_kind_is_missing("case/each-kind-is-accepted/deploy/mcp-server", KINDS, ", 'mcp_server')", ")")]
#[case::the_old_check_stays(
    "fact/query/the-old-check-is-gone",
    KINDS,
    "execute format('alter table cinatra.%I drop constraint if exists %I', name, name || '_kind_check');",
    "if name <> 'extension_co_owners' then execute format('alter table cinatra.%I drop constraint if exists %I', name, name || '_kind_check'); end if;"
)]
#[case::the_check_is_not_validated(
    "fact/cinatra.extension_co_owners/constraint/extension_co_owners_kind_check_v2",
    KINDS,
    "check (resource_kind in %s)'",
    "check (resource_kind in %s) not valid'"
)]
#[case::the_backfill_loses_a_row(
    "fact/query/legacy-and-canonical-counts",
    BACKFILL,
    "policy, migrated_from)\n    select ie",
    "policy, migrated_from)\n    select distinct on (ie.organization_id) ie"
)]
#[case::the_backfill_widens(
    "fact/query/mapping-fidelity",
    BACKFILL,
    "jsonb_build_object('runDataVisibility', l.visibility)",
    "jsonb_build_object('runDataVisibility', 'workspace')"
)]
fn a_broken_chain_is_seen_by(#[case] check: &str, #[case] file: &str, #[case] from: &str, #[case] to: &str) {
    if !is_there() {
        return;
    }
    let chain = broken(file, from, to);
    let check = format!("extension-access/{check}");
    let checks = checks_on(chain.path(), Filter::new(&[], std::slice::from_ref(&check)).unwrap());
    let found = checks.iter().find(|one| one.id == check).unwrap_or_else(|| panic!("there is no check {check}"));
    assert_eq!(found.status, Status::Failed, "{}\n{:#?}", found.verdict, found.evidence);
}

/// The checks of the suite on another chain.
fn checks_on(chain: &Path, filter: Filter) -> Vec<CheckRecord> {
    let mut suite = rlsgate::run::load_suite(&suite("suite.toml")).unwrap();
    chain.clone_into(&mut suite.chain);
    let mut options = Options { jobs: 1, filter, ..Options::default() };
    options.request.keep_state = false;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let prepared =
            PreparedSuite::new(suite, &options).await.unwrap_or_else(|error| panic!("{error}\n{}", error.help()));
        let run = prepared.run(&options, |_| ()).await;
        prepared.stop().await.unwrap();
        run.unwrap().record.checks
    })
}
