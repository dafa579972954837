//! Wrong backfills of the real system: what each does after the right one, in its transaction, and the checks of one clean run
//! that fail. The runbook's own query is run beside them, and sees hardly any.

use std::collections::BTreeSet;

use rlsgate::report::record::{CheckRecord, Status};
use rlsgate::run::Filter;
use rstest::rstest;

use super::{BACKFILL, broken, checks_on};
use crate::python::is_there;

const ONE_RUN: &[&str] = &[
    "extension-access/fidelity/*",
    "extension-access/fact/query/mapping-fidelity",
    "!*/rerun",
    "!*/copies.*",
    "!*/kill.*",
    "!*/writers",
    "!*/rollback.*",
];

/// What a backfill that ends with `sql` comes to; `None` where no backfill can be run.
fn after(sql: &str, filters: &[&str]) -> Option<Vec<CheckRecord>> {
    if !is_there() {
        return None;
    }
    let ends = "        written = cursor.rowcount\n";
    let chain = broken(BACKFILL, ends, &format!("{ends}        cursor.execute(\"\"\"{sql}\"\"\")\n"));
    let globs: Vec<String> = filters.iter().map(|glob| (*glob).to_owned()).collect();
    Some(checks_on(chain.path(), Filter::new(&globs, &[]).unwrap()))
}

fn failed(checks: &[CheckRecord]) -> BTreeSet<&str> {
    let prefix = "extension-access/fidelity/";
    let failed = checks.iter().filter(|check| check.status == Status::Failed);
    failed.map(|check| check.id.strip_prefix(prefix).unwrap_or(&check.id)).collect()
}

const POLICY: &str = "update cinatra.extension_access_policy set policy =";
const CONNECTORS: &str = "where resource_kind = 'connector'";

#[rstest]
#[case::a_lost_row(
    "delete from cinatra.installed_extension where organization_id = 'org_b' and package_name = 'stripe'".to_owned(),
    "connector-policy/count-parity connector-policy/orphans connector-policy/digest connector-policy/distribution"
)]
#[case::a_policy_without_the_word(
    format!("{POLICY} '{{}}' {CONNECTORS} and organization_id = 'org_c'"),
    "connector-policy/values.visibility connector-policy/values.policy connector-policy/digest connector-policy/distribution connector-policy/visibility.cleo"
)]
#[case::a_null(
    format!("{POLICY} '{{\"runDataVisibility\": null}}' {CONNECTORS} and organization_id = 'org_c'"),
    "connector-policy/values.visibility connector-policy/values.policy connector-policy/digest connector-policy/distribution connector-policy/visibility.cleo"
)]
#[case::a_word_more(
    format!("{POLICY} policy || '{{\"public\": true}}' {CONNECTORS}"),
    "connector-policy/values.policy connector-policy/digest"
)]
#[case::another_tenants_row(
    "with moved as (insert into cinatra.installed_extension (organization_id, kind, package_name, owner_level, owner_id, migrated_from) \
       values ('org_c', 'connector', 'slack', 'organization', 'org_c', 'connector_access_policy') returning id) \
     update cinatra.extension_access_policy p set organization_id = 'org_c', resource_id = moved.id from moved \
      where p.resource_id = (select id from cinatra.installed_extension \
        where organization_id = 'org_b' and kind = 'connector' and package_name = 'slack')".to_owned(),
    "connector-policy/orphans connector-policy/tenant-preserved connector-policy/digest connector-policy/distribution connector-policy/visibility.cleo connector-policy/visibility.cora"
)]
#[case::an_owner_of_another_kind(
    "update cinatra.installed_extension set owner_level = 'organization', owner_id = 'org_a' where kind = 'skill'".to_owned(),
    "installs-of-other-kinds/values.owner_level installs-of-other-kinds/values.owner_id installs-of-other-kinds/digest"
)]
#[case::an_install_of_another_kind(
    "delete from cinatra.installed_extension where kind = 'workflow'".to_owned(),
    "connector-policy/untouched.extension_co_owners installs-of-other-kinds/count-parity installs-of-other-kinds/orphans \
     installs-of-other-kinds/digest installs-of-other-kinds/distribution policies-of-other-kinds/count-parity \
     policies-of-other-kinds/orphans policies-of-other-kinds/digest policies-of-other-kinds/distribution"
)]
#[case::a_policy_of_another_kind(
    format!("{POLICY} '{{\"runDataVisibility\": \"workspace\"}}' where resource_kind = 'skill'"),
    "policies-of-other-kinds/values.policy policies-of-other-kinds/digest"
)]
#[case::the_co_owners_of_agents(
    "delete from cinatra.extension_co_owners where resource_kind = 'agent'".to_owned(),
    "connector-policy/untouched.extension_co_owners"
)]
#[case::the_source(
    "update cinatra.connector_access_policy set updated_by = 'migration'".to_owned(),
    "connector-policy/untouched.connector_access_policy"
)]
#[case::everybody_is_shown_everything(
    "create policy everybody on cinatra.extension_access_policy for select to cinatra_app using (true); \
     create policy everybody on cinatra.installed_extension for select to cinatra_app using (true)".to_owned(),
    "connector-policy/visibility.mia connector-policy/visibility.cleo connector-policy/visibility.bob \
     connector-policy/visibility.abel connector-policy/visibility.bria connector-policy/visibility.cora"
)]
fn is_caught(#[case] sql: String, #[case] failing: &str) {
    let Some(checks) = after(&sql, ONE_RUN) else { return };
    let shown: Vec<String> = checks.iter().map(|c| format!("{} {:?}: {}", c.id, c.status, c.verdict)).collect();
    assert_eq!(failed(&checks), failing.split_whitespace().collect(), "{shown:#?}");
    assert!(checks.iter().all(|check| check.status != Status::Error), "{shown:#?}");
    // An inner join sees no lost row, `<>` no NULL, and neither a word more.
    let own = checks.iter().find(|check| check.id.ends_with("/mapping-fidelity")).unwrap();
    assert_eq!(own.status, Status::Passed, "{}", own.verdict);
}
