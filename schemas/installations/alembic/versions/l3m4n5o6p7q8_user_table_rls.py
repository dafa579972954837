"""user table rls

User scope: strict for keys and for whatever is written, pass-through for the reads of webhooks and workers, which act for an
installation before any user is known. Each pass-through policy says why it is there and where it is to be tightened.

A request or a job in a user's name reaches an installation only where the user is a member of it, so that the context of another
installation yields nothing even where a handler forgot to compare the two.

Revision ID: l3m4n5o6p7q8
Revises: 1a2b3c4d5e6f
"""

from alembic import op

revision = "l3m4n5o6p7q8"
down_revision = "1a2b3c4d5e6f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create function set_user_context(github_user bigint) returns void
        language plpgsql volatile set search_path = '' as $$
        begin
          if github_user is null then
            raise exception 'no user' using errcode = 'null_value_not_allowed';
          end if;
          perform pg_catalog.set_config('app.current_user_github_id', github_user::text, true);
        end
        $$
        """
    )
    op.execute(
        """
        create function current_user_github_id() returns bigint
        language sql stable parallel safe as $$
          select nullif(pg_catalog.current_setting('app.current_user_github_id', true), '')::bigint
        $$
        """
    )
    # Both read installation_members as their caller, who sees the own membership and no other: they do not recurse, and need
    # nobody's rights but the caller's.
    op.execute(
        """
        create function user_is_of_installation() returns boolean
        language sql stable parallel safe as $$
          select public.current_user_github_id() is null or exists (
            select from public.installation_members m
             where m.installation_id = public.current_installation_id()
               and m.user_github_id = public.current_user_github_id())
        $$
        """
    )
    op.execute(
        """
        create function user_owns_installation() returns boolean
        language sql stable parallel safe as $$
          select exists (
            select from public.installation_members m
             where m.installation_id = public.current_installation_id()
               and m.user_github_id = public.current_user_github_id()
               and m.role = 'owner')
        $$
        """
    )
    op.execute(
        """
        revoke execute on function set_user_context(bigint), current_user_github_id(), user_is_of_installation(),
          user_owns_installation() from public
        """
    )
    op.execute(
        """
        grant execute on function set_user_context(bigint), current_user_github_id(), user_is_of_installation()
          to app_api, app_worker
        """
    )
    op.execute("grant execute on function user_owns_installation() to app_api")

    # The installation scope, narrowed. What GitHub says of an installation is written by webhooks, never in a user's name:
    # the checks of these policies hold only where there is no user.
    op.execute(
        """
        create policy installations_user on installations as restrictive to app_api, app_worker
          using ((select user_is_of_installation())) with check ((select current_user_github_id()) is null)
        """
    )
    op.execute(
        """
        create policy installation_members_user on installation_members as restrictive to app_api, app_worker
          using ((select current_user_github_id()) is null or user_github_id = (select current_user_github_id()))
          with check ((select current_user_github_id()) is null)
        """
    )
    op.execute(
        """
        create policy installation_members_user_delete on installation_members as restrictive for delete to app_api
          using ((select current_user_github_id()) is null)
        """
    )
    op.execute(
        """
        create policy repositories_user on repositories as restrictive to app_api, app_worker
          using ((select user_is_of_installation())) with check ((select current_user_github_id()) is null)
        """
    )
    op.execute(
        """
        create policy repositories_user_delete on repositories as restrictive for delete to app_api
          using ((select current_user_github_id()) is null)
        """
    )
    op.execute(
        """
        create policy reviews_user on reviews as restrictive to app_api, app_worker
          using ((select user_is_of_installation())) with check ((select user_is_of_installation()))
        """
    )

    # Audit: whoever acts appends, an owner of the installation reads.
    op.execute("alter table review_audit add column actor_github_id bigint default current_user_github_id()")
    op.execute(
        """
        create policy review_audit_owner_read on review_audit for select to app_api
          using (installation_id = (select current_installation_id()) and (select user_owns_installation()))
        """
    )
    op.execute("grant select on review_audit to app_api")

    op.execute("alter table users enable row level security")
    op.execute("alter table users force row level security")
    op.execute(
        """
        create policy users_own on users to app_api, app_worker
          using (github_id = (select current_user_github_id())) with check (github_id = (select current_user_github_id()))
        """
    )
    op.execute(
        """
        create policy users_webhook_pass_through on users for select to app_api
          using ((select current_user_github_id()) is null
                 and exists (select from installation_members m where m.user_github_id = github_id))
        """
    )
    op.execute(
        """
        comment on policy users_webhook_pass_through on users is
          'Pass-through: a webhook looks up members of its installation before any user is known; tighten with a role for webhooks'
        """
    )
    op.execute(
        """
        create policy users_worker_pass_through on users for select to app_worker
          using ((select current_user_github_id()) is null)
        """
    )
    op.execute(
        """
        comment on policy users_worker_pass_through on users is
          'Pass-through: jobs resolve reviewers across installations, without any context; tighten with a worker context'
        """
    )
    op.execute("create policy users_admin_read on users for select to app_admin using (true)")
    op.execute(
        """
        comment on policy users_admin_read on users is
          'Justified: the admin endpoint reads across installations by design; SELECT only, app_admin only'
        """
    )
    op.execute(
        """
        grant select, insert (github_id, login, display_name, email), update (login, display_name, email)
          on users to app_api
        """
    )
    op.execute("grant select (github_id, login, display_name) on users to app_worker")
    op.execute("grant select on users to app_admin")

    # Strict, and of the owner alone. The API never reads back what it stored; a worker that acts in the user's name does.
    op.execute("alter table user_api_keys alter column user_github_id set default current_user_github_id()")
    op.execute("alter table user_api_keys enable row level security")
    op.execute("alter table user_api_keys force row level security")
    op.execute(
        """
        create policy user_api_keys_own on user_api_keys to app_api, app_worker
          using (user_github_id = (select current_user_github_id()))
          with check (user_github_id = (select current_user_github_id()))
        """
    )
    op.execute(
        """
        grant select (id, user_github_id, last_four, created_at), insert (user_github_id, last_four, encrypted_key), delete
          on user_api_keys to app_api
        """
    )
    op.execute("grant select on user_api_keys to app_worker")

    # Of a user in an installation: both must match, except that without a user the installation is enough to read.
    op.execute("alter table user_settings enable row level security")
    op.execute("alter table user_settings force row level security")
    op.execute(
        """
        create policy user_settings_own on user_settings to app_api, app_worker
          using (installation_id = (select current_installation_id()) and user_github_id = (select current_user_github_id()))
          with check (installation_id = (select current_installation_id()) and user_github_id = (select current_user_github_id()))
        """
    )
    op.execute(
        """
        create policy user_settings_pass_through on user_settings for select to app_api, app_worker
          using (installation_id = (select current_installation_id()) and (select current_user_github_id()) is null)
        """
    )
    op.execute(
        """
        comment on policy user_settings_pass_through on user_settings is
          'Pass-through: webhooks and jobs notify everyone of their installation; tighten with roles for webhooks and notifications'
        """
    )
    op.execute("grant select, insert, update, delete on user_settings to app_api")
    op.execute("grant select on user_settings to app_worker")


def downgrade() -> None:
    # Privileges go before policies and row security, and what narrows the installation scope last of all: at no moment does
    # anybody reach more than before or after.
    op.execute("revoke all on user_settings, user_api_keys, users from app_api, app_worker, app_admin")
    op.execute("drop policy user_settings_pass_through on user_settings")
    op.execute("drop policy user_settings_own on user_settings")
    op.execute("alter table user_settings no force row level security")
    op.execute("alter table user_settings disable row level security")
    op.execute("drop policy user_api_keys_own on user_api_keys")
    op.execute("alter table user_api_keys no force row level security")
    op.execute("alter table user_api_keys disable row level security")
    op.execute("alter table user_api_keys alter column user_github_id drop default")
    op.execute("drop policy users_admin_read on users")
    op.execute("drop policy users_worker_pass_through on users")
    op.execute("drop policy users_webhook_pass_through on users")
    op.execute("drop policy users_own on users")
    op.execute("alter table users no force row level security")
    op.execute("alter table users disable row level security")
    op.execute("revoke select on review_audit from app_api")
    op.execute("drop policy review_audit_owner_read on review_audit")
    op.execute("alter table review_audit drop column actor_github_id")
    op.execute("drop policy reviews_user on reviews")
    op.execute("drop policy repositories_user_delete on repositories")
    op.execute("drop policy repositories_user on repositories")
    op.execute("drop policy installation_members_user_delete on installation_members")
    op.execute("drop policy installation_members_user on installation_members")
    op.execute("drop policy installations_user on installations")
    op.execute("drop function user_owns_installation()")
    op.execute("drop function user_is_of_installation()")
    op.execute("drop function current_user_github_id()")
    op.execute("drop function set_user_context(bigint)")
