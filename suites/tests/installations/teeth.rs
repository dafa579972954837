//! The chain broken in one place, and the check that must see it. That the same checks pass on the chain as it is, `holds` shows.

use std::fs;
use std::path::Path;

use rlsgate::report::record::Status;
use rlsgate::run::Filter;
use rlsgate::run::{Options, PreparedSuite};
use rstest::rstest;

use super::files;
use crate::python;

const INSTALLATION: &str = "1a2b3c4d5e6f_enable_rls_and_review_audit.py";
const USER: &str = "l3m4n5o6p7q8_user_table_rls.py";
const MODEL: &str = "7e8f9a0b1c2d_add_model_audit_and_provider.py";

/// A copy of the chain in which the first `from` of a revision reads `to`. The environment is not copied.
fn broken(revision: &str, from: &str, to: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let versions = Path::new("alembic/versions");
    fs::create_dir_all(copy.path().join(versions)).unwrap();
    let chain = files::chain();
    for folder in [Path::new(""), Path::new("alembic"), versions] {
        for entry in fs::read_dir(chain.join(folder)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), copy.path().join(folder).join(entry.file_name())).unwrap();
            }
        }
    }
    std::os::unix::fs::symlink(chain.join(".venv"), copy.path().join(".venv")).unwrap();
    let file = copy.path().join(versions).join(revision);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{revision} does not hold {from}");
    fs::write(file, text.replacen(from, to, 1)).unwrap();
    copy
}

/// Runs one check of a suite on a broken chain. The state is of no use to anybody else, so it is not kept.
fn fails(suite: &str, check: &str, revision: &str, from: &str, to: &str) {
    if !python::is_there() {
        return;
    }
    let chain = broken(revision, from, to);
    let mut suite = rlsgate::run::load_suite(&files::suite(suite)).unwrap();
    suite.chain = chain.path().to_owned();
    let check = format!("{}/{check}", suite.name);
    let mut options =
        Options { jobs: 1, filter: Filter::new(&[], std::slice::from_ref(&check)).unwrap(), ..Options::default() };
    options.request.keep_state = false;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let record = runtime.block_on(async {
        let prepared =
            PreparedSuite::new(suite, &options).await.unwrap_or_else(|error| panic!("{error}\n{}", error.help()));
        let run = prepared.run(&options, |_| ()).await;
        prepared.stop().await.unwrap();
        run.unwrap().record
    });
    let found = record.check(&check).unwrap_or_else(|| panic!("there is no check {check}"));
    assert_eq!(found.status, Status::Failed, "{}\n{:#?}", found.verdict, found.evidence);
}

#[rstest]
#[case::force_is_forgotten(
    "fact/public.reviews/forced",
    INSTALLATION,
    r#"op.execute("alter table reviews force row level security")"#,
    "pass"
)]
#[case::a_policy_is_true(
    "contract/public.reviews/select/worker_a/withheld",
    INSTALLATION,
    "create policy reviews_installation on reviews to app_api, app_worker\n          using (installation_id = (select current_installation_id()))",
    "create policy reviews_installation on reviews to app_api, app_worker\n          using (true)"
)]
#[case::a_policy_is_true_without_justification(
    "fact/query/always-true-is-justified",
    USER,
    "create policy users_worker_pass_through on users for select to app_worker\n          using ((select current_user_github_id()) is null)",
    "create policy users_worker_pass_through on users for select to app_worker\n          using (true)"
)]
#[case::a_strict_table_passes_through(
    "context/public.reviews/select/worker_a/installation.unset",
    INSTALLATION,
    "create policy reviews_installation on reviews to app_api, app_worker\n          using (installation_id = (select current_installation_id()))",
    "create policy reviews_installation on reviews to app_api, app_worker\n          using (current_setting('app.current_installation_id', true) is null or installation_id = (select current_installation_id()))"
)]
#[case::a_pooled_connection_passes_through(
    "context/public.reviews/select/worker_a/installation.empty",
    INSTALLATION,
    "create policy reviews_installation on reviews to app_api, app_worker\n          using (installation_id = (select current_installation_id()))",
    "create policy reviews_installation on reviews to app_api, app_worker\n          using (current_setting('app.current_installation_id', true) = '' or installation_id = (select current_installation_id()))"
)]
#[case::the_installation_survives_its_transaction(
    "case/context-ends-with-its-transaction",
    INSTALLATION,
    "installation::text, true)",
    "installation::text, false)"
)]
#[case::the_user_survives_its_transaction(
    "case/context-ends-with-its-transaction",
    USER,
    "github_user::text, true)",
    "github_user::text, false)"
)]
#[case::the_api_reads_keys(
    "contract/public.user_api_keys/select/api_a/column.encrypted_key",
    USER,
    "grant select (id, user_github_id, last_four, created_at)",
    "grant select (id, user_github_id, last_four, created_at, encrypted_key)"
)]
#[case::an_audit_row_can_be_updated(
    "case/audit-cannot-be-tampered-with/api_a/approve",
    INSTALLATION,
    "grant insert (installation_id, review_id, verdict, comment) on review_audit",
    "grant insert (installation_id, review_id, verdict, comment), update (verdict) on review_audit"
)]
#[case::an_audit_says_what_it_likes_of_others_reviews(
    "contract/public.review_audit/insert/api_a/withheld",
    INSTALLATION,
    "\n                      and exists (select from reviews r where r.id = review_id)",
    ""
)]
#[case::an_audit_is_not_append_only_for_the_owner(
    "case/review-audit-is-append-only-for-everybody/@harness",
    INSTALLATION,
    "before update or delete or truncate on review_audit",
    "before delete or truncate on review_audit"
)]
#[case::a_member_reads_the_audit(
    "case/owner-only-access-for-audit-logs/api_a2",
    USER,
    "\n               and m.role = 'owner'",
    ""
)]
#[case::a_user_policy_forgets_the_installation(
    "contract/public.user_settings/select/cleo_in_a/withheld",
    USER,
    "using (installation_id = (select current_installation_id()) and user_github_id = (select current_user_github_id()))",
    "using (user_github_id = (select current_user_github_id()))"
)]
#[case::a_review_can_be_moved(
    "contract/public.reviews/update/api_a/move",
    INSTALLATION,
    "create policy reviews_installation on reviews to app_api, app_worker\n          using (installation_id = (select current_installation_id()))\n          with check (installation_id = (select current_installation_id()))",
    "create policy reviews_installation on reviews to app_api, app_worker\n          using (installation_id = (select current_installation_id()))\n          with check (true)"
)]
#[case::a_mismatch_is_not_noticed(
    "case/installation-and-user-mismatch/ann_in_b",
    USER,
    "select public.current_user_github_id() is null or exists (",
    "select true or exists ("
)]
#[case::a_user_deletes_what_webhooks_keep(
    "contract/public.repositories/delete/api_a/withheld",
    USER,
    "create policy repositories_user_delete on repositories as restrictive for delete to app_api",
    "create policy repositories_user_delete on repositories as restrictive for delete to app_admin"
)]
#[case::a_context_function_is_immutable(
    "fact/function/public.current_installation_id()/volatility",
    INSTALLATION,
    "language sql stable parallel safe",
    "language sql immutable parallel safe"
)]
#[case::a_setter_is_left_to_everybody(
    "execute/public.set_user_context(bigint)/admin",
    USER,
    "revoke execute on function set_user_context(bigint), current_user_github_id()",
    "revoke execute on function current_user_github_id()"
)]
#[case::a_new_table_has_no_row_security(
    "fact/query/no-tenant-table-without-rls",
    MODEL,
    "def upgrade() -> None:\n",
    "def upgrade() -> None:\n    op.execute(\"create table review_notes (id bigint primary key, installation_id bigint)\")\n"
)]
#[case::a_new_table_is_in_no_contract(
    "contract/public.review_notes/named",
    MODEL,
    "def upgrade() -> None:\n",
    "def upgrade() -> None:\n    op.execute(\"create table review_notes (id bigint primary key, installation_id bigint)\")\n"
)]
#[case::a_pass_through_does_not_say_why(
    "fact/query/pass-through-says-why-and-where",
    USER,
    "'Pass-through: jobs resolve reviewers across installations, without any context; tighten with a worker context'",
    "'for jobs'"
)]
fn a_broken_chain_is_seen_by(#[case] check: &str, #[case] revision: &str, #[case] from: &str, #[case] to: &str) {
    fails("suite.toml", check, revision, from, to);
}

#[rstest]
#[case::a_type_is_left_behind(
    "rolled-back.suite.toml",
    "fact/query/downgrade-removes-the-user-scope",
    MODEL,
    "    op.execute(\"drop type model_provider\")",
    "    pass"
)]
#[case::privileges_outlive_row_security(
    "rolled-back.suite.toml",
    "contract/public.users/select/worker_a/withheld",
    USER,
    "op.execute(\"revoke all on user_settings, user_api_keys, users from app_api, app_worker, app_admin\")",
    "pass"
)]
#[case::a_policy_of_the_state_before_is_dropped_too(
    "rolled-back.suite.toml",
    "contract/public.reviews/select/api_a/granted",
    USER,
    "    op.execute(\"drop policy reviews_user on reviews\")",
    "    op.execute(\"drop policy reviews_user on reviews\")\n    op.execute(\"drop policy reviews_installation on reviews\")"
)]
#[case::a_trigger_function_is_left_behind(
    "downgraded.suite.toml",
    "fact/query/downgrade-leaves-no-trace",
    INSTALLATION,
    "op.execute(\"drop function refuse_audit_change()\")",
    "pass"
)]
fn a_broken_downgrade_is_seen_by(
    #[case] suite: &str,
    #[case] check: &str,
    #[case] revision: &str,
    #[case] from: &str,
    #[case] to: &str,
) {
    fails(suite, check, revision, from, to);
}
