//! The chain broken in one place after another: the named check fails, and where the runbook's own check cannot see it, that one
//! still passes.

use std::path::{Path, PathBuf};

use rlsgate::Error;
use rlsgate::instance::Request;
use rlsgate::report::record::{CheckRecord, Status};
use rlsgate::run::Filter;
use rlsgate::run::{Options, PreparedSuite};
use rlsgate::suite::Suite;
use rlsgate::suite::resolved::State;
use rstest::rstest;

const HARDENING: &str = "migrations/001_rls_hardening.sql";
const VACUUM: &str = "migrations/002_vacuum_analyze.sql";
const ROLLBACK: &str = "rollback/001_rls_hardening_rollback.sql";

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn load(file: &str) -> Suite {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "rls-hardening", file].iter().collect();
    rlsgate::run::load_suite(&path).unwrap()
}

/// The checks of these ids (without the suite's name), in this order, on a copy of the chain that `edit` has changed. The state is
/// of no use to anybody else, so it is not kept.
async fn run(suite: Suite, edit: impl FnOnce(&Path), checks: &[&str]) -> Result<Vec<CheckRecord>, Error> {
    let chain = tempfile::tempdir().unwrap();
    copy(&suite.chain, chain.path());
    edit(chain.path());
    let ids: Vec<String> = checks.iter().map(|check| format!("{}/{check}", suite.name)).collect();
    let request = Request { keep_state: false, ..Request::default() };
    let options = Options { request, jobs: 1, filter: Filter::new(&[], &ids).unwrap(), ..Options::default() };
    let prepared = PreparedSuite::new(Suite { chain: chain.path().to_owned(), ..suite }, &options).await?;
    let run = prepared.run(&options, |_| ()).await;
    prepared.stop().await.unwrap();
    let found = run?.record.checks;
    let of =
        |id: &String| found.iter().find(|check| check.id == *id).unwrap_or_else(|| panic!("there is no check {id}"));
    Ok(ids.iter().map(of).cloned().collect())
}

fn failed(check: &CheckRecord) {
    assert_eq!(check.status, Status::Failed, "{}: {}\n{:#?}", check.id, check.verdict, check.evidence);
}

/// The one place of `file` that says `from` says `to`.
fn replaced(chain: &Path, file: &str, from: &str, to: &str) {
    let path = chain.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(from).count(), 1, "`{from}` in {file}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

/// Both conditions of the policies for chat media, with another test of the path.
fn chat_policies(condition: &str) -> String {
    let condition = format!(
        "(bucket_id = 'chat-media' and exists (select 1 from public.chat_participants p \
         where p.user_id = auth.uid() and {condition}))"
    );
    format!(
        "alter policy \"Users can view chat media\" on storage.objects using {condition}; \
         alter policy \"Users can upload chat media\" on storage.objects with check {condition}"
    )
}

/// The policy for avatars that are uploaded, with another test of the path.
fn avatar_policy(condition: &str) -> String {
    format!(
        "alter policy \"Users can upload own avatar\" on storage.objects with check (bucket_id = 'avatars' and {condition})"
    )
}

#[rstest]
// Each storage policy opened.
#[case::view_avatar_open(
    r#"alter policy "Users can view own avatar" on storage.objects using (true)"#,
    "contract/storage.objects/select/ann/withheld"
)]
#[case::upload_avatar_open(
    r#"alter policy "Users can upload own avatar" on storage.objects with check (true)"#,
    "contract/storage.objects/insert/ann/withheld"
)]
#[case::update_avatar_open(
    r#"alter policy "Users can update own avatar" on storage.objects using (true) with check (true)"#,
    "contract/storage.objects/update/ann/unfiltered"
)]
#[case::update_avatar_anywhere(
    r#"alter policy "Users can update own avatar" on storage.objects with check (true)"#,
    "contract/storage.objects/update/ann/move"
)]
#[case::delete_avatar_open(
    r#"alter policy "Users can delete own avatar" on storage.objects using (true)"#,
    "contract/storage.objects/delete/ann/unfiltered"
)]
#[case::view_chat_media_open(
    r#"alter policy "Users can view chat media" on storage.objects using (true)"#,
    "contract/storage.objects/select/cleo/withheld"
)]
#[case::upload_chat_media_open(
    r#"alter policy "Users can upload chat media" on storage.objects with check (true)"#,
    "contract/storage.objects/insert/cleo/withheld"
)]
// Each storage policy dropped.
#[case::view_avatar_dropped(
    r#"drop policy "Users can view own avatar" on storage.objects"#,
    "contract/storage.objects/select/cleo/granted"
)]
#[case::upload_avatar_dropped(
    r#"drop policy "Users can upload own avatar" on storage.objects"#,
    "case/avatar-upload/ann"
)]
#[case::update_avatar_dropped(
    r#"drop policy "Users can update own avatar" on storage.objects"#,
    "case/avatar-replaced/ann"
)]
#[case::delete_avatar_dropped(
    r#"drop policy "Users can delete own avatar" on storage.objects"#,
    "contract/storage.objects/delete/ann/granted"
)]
#[case::view_chat_media_dropped(
    r#"drop policy "Users can view chat media" on storage.objects"#,
    "contract/storage.objects/select/ann/granted"
)]
#[case::upload_chat_media_dropped(
    r#"drop policy "Users can upload chat media" on storage.objects"#,
    "case/chat-media-upload/ann/image"
)]
// Paths that are compared loosely.
#[case::a_name_is_a_pattern(
    &avatar_policy("auth.uid()::text || '.jpg' like name"),
    "case/look-alike-avatar-path/ann/like-underscore"
)]
#[case::an_id_is_a_prefix(
    &avatar_policy("name like auth.uid()::text || '%'"),
    "case/look-alike-avatar-path/ann/own-id-as-prefix"
)]
#[case::an_id_is_anywhere(
    &avatar_policy("name like '%' || auth.uid()::text || '%'"),
    "case/look-alike-avatar-path/ann/own-path-as-suffix"
)]
#[case::an_id_is_a_pattern(
    &avatar_policy("name ~ ('^' || auth.uid()::text || '.jpg$')"),
    "case/look-alike-avatar-path/ann/any-character-as-dot"
)]
#[case::a_name_in_lower_case(
    &avatar_policy("lower(name) = auth.uid()::text || '.jpg'"),
    "case/look-alike-avatar-path/ann/upper-case-id"
)]
#[case::a_name_without_extension(
    &avatar_policy("split_part(name, '.', 1) = auth.uid()::text"),
    "case/look-alike-avatar-path/ann/no-extension"
)]
#[case::a_folder_by_user(
    &avatar_policy("(name = auth.uid()::text || '.jpg' or (storage.foldername(name))[1] = auth.uid()::text)"),
    "case/look-alike-avatar-path/ann/own-id-as-folder"
)]
#[case::any_bucket(
    r#"alter policy "Users can upload own avatar" on storage.objects with check (name = auth.uid()::text || '.jpg')"#,
    "case/own-path-in-another-bucket/ann/avatar-in-exports"
)]
#[case::a_bucket_is_a_pattern(
    r#"alter policy "Users can upload own avatar" on storage.objects
       with check (bucket_id like 'avatar%' and name = auth.uid()::text || '.jpg')"#,
    "case/own-path-in-another-bucket/ann/prefix"
)]
#[case::the_first_folder_alone(
    &chat_policies("(storage.foldername(objects.name))[1] = p.chat_id::text"),
    "case/look-alike-chat-path/ann/traversal"
)]
#[case::any_folder(
    &chat_policies("p.chat_id::text = any (storage.foldername(objects.name))"),
    "case/look-alike-chat-path/ann/own-chat-second"
)]
#[case::a_chat_anywhere(
    &chat_policies("objects.name like '%' || p.chat_id || '%'"),
    "case/look-alike-chat-path/ann/own-chat-in-name"
)]
#[case::a_chat_is_a_prefix(
    &chat_policies("objects.name like p.chat_id || '%'"),
    "case/look-alike-chat-path-read/ann/own-chat-as-prefix"
)]
#[case::a_chat_in_lower_case(
    &chat_policies("lower(split_part(objects.name, '/', 1)) = p.chat_id::text"),
    "case/look-alike-chat-path/ann/upper-case"
)]
#[case::a_file_of_dots(
    &chat_policies("storage.foldername(objects.name) = array[p.chat_id::text]"),
    "case/look-alike-chat-path/ann/only-dots"
)]
#[case::chat_media_is_exchanged(
    r#"alter policy "Users can update own avatar" on storage.objects
       using (bucket_id in ('avatars', 'chat-media')) with check (bucket_id in ('avatars', 'chat-media'))"#,
    "case/chat-media-is-not-exchanged/ann"
)]
#[case::buckets_are_listed(
    r"create policy anybody on storage.buckets for select to public using (true)",
    "contract/storage.buckets/select/visitor/withheld"
)]
// Buckets.
#[case::a_bucket_takes_anything(
    "update storage.buckets set allowed_mime_types = null where id = 'avatars'",
    "fact/query/what-buckets-take"
)]
// The rest of the runbook's checks.
#[case::row_security_of_rate_limits_is_on(
    "alter table public.rate_limits enable row level security",
    "fact/query/rate-limits-rls-status"
)]
#[case::a_policy_is_missing(
    r#"drop policy "Users can view chat media" on storage.objects"#,
    "fact/query/storage-policies-count"
)]
#[case::the_policy_has_another_name(
    r#"alter policy "Users can view public or owned business accounts" on public.business_accounts rename to accounts"#,
    "fact/query/business-accounts-policy"
)]
#[case::joining_a_chat_alone(
    "grant insert on public.chat_participants to authenticated; create policy join_it on public.chat_participants for insert to authenticated with check (user_id = auth.uid())",
    "contract/public.chat_participants/insert/ann/withheld"
)]
#[tokio::test]
async fn a_break_after_the_hardening_is_seen(#[case] sql: &str, #[case] check: &str) {
    let edit = |chain: &Path| std::fs::write(chain.join("migrations/999_broken.sql"), sql).unwrap();
    let checks = run(load("suite.toml"), edit, &[check]).await.unwrap();
    failed(&checks[0]);
}

/// What the runbook's checks pass over, since they look at names and counts.
#[rstest]
#[case::check_1_and_everybodys_grant(
    "grant select on public.rate_limits to anon",
    "fact/query/rate-limits-rls-status",
    "contract/public.rate_limits/select/visitor/withheld"
)]
#[case::check_4_and_another_policy_of_the_name(
    r#"drop policy "Users can delete own avatar" on storage.objects;
       create policy "Users cannot be told apart" on storage.objects for delete using (true)"#,
    "fact/query/storage-policies-count",
    "fact/storage.objects/policy/no-other"
)]
#[case::check_4_and_a_seventh_policy(
    "create policy open on storage.objects for select to public using (true)",
    "fact/query/storage-policies-count",
    "contract/storage.objects/select/visitor/withheld"
)]
#[case::check_5_and_an_open_policy(
    r#"alter policy "Users can view public or owned business accounts" on public.business_accounts using (true)"#,
    "fact/query/business-accounts-policy",
    "case/private-business-account-others/ben"
)]
#[tokio::test]
async fn the_runbooks_check_is_blind(#[case] sql: &str, #[case] blind: &str, #[case] check: &str) {
    let edit = |chain: &Path| std::fs::write(chain.join("migrations/999_broken.sql"), sql).unwrap();
    let checks = run(load("suite.toml"), edit, &[blind, check]).await.unwrap();
    assert_eq!(checks[0].status, Status::Passed, "{}", checks[0].verdict);
    failed(&checks[1]);
}

#[rstest]
#[case::accounts_are_private_by_default(
    HARDENING,
    "not null default true",
    "not null default false",
    "fact/query/business-accounts-is-public-column"
)]
#[case::old_versions_create_private_accounts(
    HARDENING,
    "not null default true",
    "not null default false",
    "case/old-version-creates-an-account"
)]
#[case::an_account_is_neither(
    HARDENING,
    "not null default true",
    "default true",
    "case/nothing-between-public-and-private/ann"
)]
#[case::the_old_policy_stays(
    HARDENING,
    r#"drop policy "Users can view business accounts" on public.business_accounts;"#,
    "",
    "contract/public.business_accounts/select/ann/withheld"
)]
#[case::privileges_stay_when_row_security_goes(
    HARDENING,
    "revoke all on public.rate_limits from public, anon, authenticated;",
    "",
    "contract/public.rate_limits/delete/visitor/withheld"
)]
#[case::a_bucket_is_not_public(HARDENING, "'avatars',    true", "'avatars',    false", "fact/query/storage-buckets")]
#[case::a_bucket_takes_larger_files(
    HARDENING,
    "true, 10485760, array['image/jpeg']",
    "true, 104857600, array['image/jpeg']",
    "fact/query/storage-buckets"
)]
#[case::a_table_is_not_vacuumed(
    VACUUM,
    "vacuum (analyze) public.business_accounts;",
    "",
    "fact/query/vacuumed-and-analyzed"
)]
#[tokio::test]
async fn a_break_in_the_migration_is_seen(
    #[case] file: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] check: &str,
) {
    let checks = run(load("suite.toml"), |chain| replaced(chain, file, from, to), &[check]).await.unwrap();
    failed(&checks[0]);
}

#[rstest]
#[case::row_security_is_forgotten(
    "alter table public.rate_limits enable row level security;",
    "fact/query/rate-limits-rls-is-back"
)]
#[case::rate_limits_stand_open(
    "alter table public.rate_limits enable row level security;",
    "contract/public.rate_limits/select/visitor/withheld"
)]
#[case::grants_are_forgotten(
    "grant select, insert, update, delete on public.rate_limits to anon, authenticated;",
    "case/rate-limit-is-not-reset/ann"
)]
#[case::the_old_policy_is_forgotten(
    r#"create policy "Users can view business accounts" on public.business_accounts
  for select to authenticated
  using (true);"#,
    "fact/query/old-policy-is-back"
)]
#[case::the_column_stays(
    "alter table public.business_accounts drop column if exists is_public;",
    "fact/query/no-column-is-left"
)]
#[case::a_storage_policy_stays(
    r#"drop policy if exists "Users can view chat media" on storage.objects;"#,
    "contract/storage.objects/select/ann/withheld"
)]
#[case::a_bucket_stays_open(
    "update storage.buckets set public = false where id = bucket;",
    "fact/query/left-buckets-serve-nobody"
)]
#[tokio::test]
async fn a_rollback_that_forgets_is_seen(#[case] forgotten: &str, #[case] check: &str) {
    // `null;` is a statement where the forgotten one stood in PL/pgSQL; between others it is left out with it.
    let instead = if forgotten.starts_with("update") { "null;" } else { "" };
    let edit = |chain: &Path| replaced(chain, ROLLBACK, forgotten, instead);
    let checks = run(load("rolled-back.suite.toml"), edit, &[check]).await.unwrap();
    failed(&checks[0]);
}

/// The second check after the rollback asks for the old policy alone, and policies add up.
#[tokio::test]
async fn a_rollback_that_keeps_the_new_policy_is_seen() {
    let edit = |chain: &Path| {
        let policy =
            r#"drop policy if exists "Users can view public or owned business accounts" on public.business_accounts;"#;
        replaced(chain, ROLLBACK, policy, "");
        replaced(chain, ROLLBACK, "alter table public.business_accounts drop column if exists is_public;", "");
    };
    let checks = ["fact/query/old-policy-is-back", "fact/public.business_accounts/policy/no-other"];
    let checks = run(load("rolled-back.suite.toml"), edit, &checks).await.unwrap();
    assert_eq!(checks[0].status, Status::Passed, "{}", checks[0].verdict);
    failed(&checks[1]);
}

#[tokio::test]
async fn a_rollback_that_deletes_uploads_is_seen() {
    let edit = |chain: &Path| {
        replaced(
            chain,
            ROLLBACK,
            "      delete from storage.buckets",
            "      delete from storage.objects where bucket_id = bucket;\n      delete from storage.buckets",
        );
    };
    let checks = run(load("rolled-back.suite.toml"), edit, &["fact/query/no-file-is-lost"]).await.unwrap();
    failed(&checks[0]);
}

/// A bucket with files in it cannot be dropped: foreign key, 23503.
#[tokio::test]
async fn a_rollback_that_drops_full_buckets_stops() {
    let edit = |chain: &Path| {
        let sql = "delete from storage.buckets where id in ('avatars', 'chat-media');";
        std::fs::write(chain.join(ROLLBACK), sql).unwrap();
    };
    let error = run(load("rolled-back.suite.toml"), edit, &[]).await.unwrap_err().to_string();
    assert!(error.contains("23503") && error.contains("001_rls_hardening_rollback.sql"), "{error}");
}

/// VACUUM cannot run inside a transaction block: 25001.
#[tokio::test]
async fn a_vacuum_in_a_transaction_stops() {
    let edit = |chain: &Path| {
        let path = chain.join(VACUUM);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("begin;\n{text}\ncommit;\n")).unwrap();
    };
    let error = run(load("suite.toml"), edit, &[]).await.unwrap_err().to_string();
    assert!(error.contains("25001") && error.contains("002_vacuum_analyze.sql"), "{error}");
}

/// "Migration execution failed: execute rollback" is said of a state without the migration, and somebody will run it twice.
#[rstest]
#[case::before_the_hardening(&["rollback"])]
#[case::twice(&["up", "rollback", "rollback"])]
#[case::and_deployed_again(&["up", "rollback", "up", "rollback"])]
#[tokio::test]
async fn the_rollback_may_be_run_whenever_somebody_asks_for_it(#[case] order: &[&str]) {
    let edit = |chain: &Path| {
        let texts = [("up", HARDENING), ("rollback", ROLLBACK)].map(|(name, file)| {
            let text = std::fs::read_to_string(chain.join(file)).unwrap();
            std::fs::remove_file(chain.join(file)).unwrap();
            (name, text)
        });
        for (number, wanted) in order.iter().enumerate() {
            let text = &texts.iter().find(|(name, _)| name == wanted).unwrap().1;
            std::fs::write(chain.join(format!("migrations/001_{number}.sql")), text).unwrap();
        }
        std::fs::write(
            chain.join("chain.toml"),
            "layout = 'sql'\nprelude = 'supabase'\nschemas = ['public', 'private']\n",
        )
        .unwrap();
    };
    let suite = Suite { state: State::Head, seed: None, ..load("rolled-back.suite.toml") };
    let checks = [
        "fact/query/rate-limits-rls-is-back",
        "fact/query/old-policy-is-back",
        "fact/public.business_accounts/policy/no-other",
        "fact/storage.objects/policy/no-other",
    ];
    for check in run(suite, edit, &checks).await.unwrap() {
        assert_eq!(check.status, Status::Passed, "{}: {}", check.id, check.verdict);
    }
}
