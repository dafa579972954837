"""enable rls and review audit

Installation scope, strict: without an installation in the context there are no rows, for the API, webhooks and workers
alike. The admin endpoint reads across installations and writes nothing.

Row security is forced on every table, for the owner too. A later revision that changes rows therefore sees none of them, and
reports no error: let DDL fill new columns (a default, ALTER ... TYPE ... USING), or give the owner a policy for as long as
the revision runs.

Revision ID: 1a2b3c4d5e6f
Revises: 0d9c8b7a6f5e
"""

from alembic import op

revision = "1a2b3c4d5e6f"
down_revision = "0d9c8b7a6f5e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The context ends with the transaction: `true` is set_config's is_local.
    op.execute(
        """
        create function set_installation_context(installation bigint) returns void
        language plpgsql volatile set search_path = '' as $$
        begin
          if installation is null then
            raise exception 'no installation' using errcode = 'null_value_not_allowed';
          end if;
          perform pg_catalog.set_config('app.current_installation_id', installation::text, true);
        end
        $$
        """
    )
    # NULL where no context was ever set, and where a pooled connection keeps the empty text of an earlier one.
    op.execute(
        """
        create function current_installation_id() returns bigint
        language sql stable parallel safe as $$
          select nullif(pg_catalog.current_setting('app.current_installation_id', true), '')::bigint
        $$
        """
    )
    op.execute("revoke execute on function set_installation_context(bigint), current_installation_id() from public")
    op.execute("grant execute on function set_installation_context(bigint), current_installation_id() to app_api, app_worker")

    op.execute("alter table installations enable row level security")
    op.execute("alter table installations force row level security")
    op.execute(
        """
        create policy installations_installation on installations to app_api, app_worker
          using (id = (select current_installation_id())) with check (id = (select current_installation_id()))
        """
    )
    op.execute("create policy installations_admin_read on installations for select to app_admin using (true)")
    op.execute("grant select, insert (id, account_login), update (account_login, suspended_at) on installations to app_api")
    op.execute("grant select on installations to app_worker, app_admin")

    op.execute("alter table installation_members enable row level security")
    op.execute("alter table installation_members force row level security")
    op.execute(
        """
        create policy installation_members_installation on installation_members to app_api, app_worker
          using (installation_id = (select current_installation_id()))
          with check (installation_id = (select current_installation_id()))
        """
    )
    op.execute("create policy installation_members_admin_read on installation_members for select to app_admin using (true)")
    op.execute("grant select, insert, delete on installation_members to app_api")
    op.execute("grant select on installation_members to app_worker, app_admin")

    op.execute("alter table repositories enable row level security")
    op.execute("alter table repositories force row level security")
    op.execute(
        """
        create policy repositories_installation on repositories to app_api, app_worker
          using (installation_id = (select current_installation_id()))
          with check (installation_id = (select current_installation_id()))
        """
    )
    op.execute("create policy repositories_admin_read on repositories for select to app_admin using (true)")
    op.execute("grant select, insert, update, delete on repositories to app_api")
    op.execute("grant select on repositories to app_worker, app_admin")

    op.execute("alter table reviews enable row level security")
    op.execute("alter table reviews force row level security")
    op.execute(
        """
        create policy reviews_installation on reviews to app_api, app_worker
          using (installation_id = (select current_installation_id()))
          with check (installation_id = (select current_installation_id()))
        """
    )
    op.execute("create policy reviews_admin_read on reviews for select to app_admin using (true)")
    op.execute("grant select, insert, update on reviews to app_api")
    op.execute("grant select, update (status, summary) on reviews to app_worker")
    op.execute("grant select on reviews to app_admin")

    # Append only. No foreign key to reviews: what was decided stays known when the review is gone. The policy sees to it that
    # it is a review of the own installation.
    op.execute("create type review_verdict as enum ('approved', 'changes_requested', 'commented')")
    op.execute(
        """
        create table review_audit (
          id              bigint generated always as identity primary key,
          installation_id bigint not null default current_installation_id(),
          review_id       bigint not null,
          verdict         review_verdict not null,
          comment         text,
          created_at      timestamptz not null default now()
        )
        """
    )
    op.execute("create index review_audit_review_idx on review_audit (installation_id, review_id)")
    op.execute(
        """
        create function refuse_audit_change() returns trigger
        language plpgsql set search_path = '' as $$
        begin
          raise exception 'rows of % are only ever added', tg_table_name using errcode = 'restrict_violation';
        end
        $$
        """
    )
    op.execute("revoke execute on function refuse_audit_change() from public")
    op.execute(
        """
        create trigger review_audit_is_append_only before update or delete or truncate on review_audit
          for each statement execute function refuse_audit_change()
        """
    )
    op.execute("alter table review_audit enable row level security")
    op.execute("alter table review_audit force row level security")
    op.execute(
        """
        create policy review_audit_append on review_audit for insert to app_api, app_worker
          with check (installation_id = (select current_installation_id())
                      and exists (select from reviews r where r.id = review_id))
        """
    )
    op.execute("create policy review_audit_admin_read on review_audit for select to app_admin using (true)")
    # Who and when are not the writer's to say.
    op.execute("grant insert (installation_id, review_id, verdict, comment) on review_audit to app_api, app_worker")
    op.execute("grant select on review_audit to app_admin")

    # The justification of each policy that is always true stands with the policy.
    for table in ("installations", "installation_members", "repositories", "reviews", "review_audit"):
        op.execute(
            f"comment on policy {table}_admin_read on {table} is "
            "'Justified: the admin endpoint reads across installations by design; SELECT only, app_admin only'"
        )


def downgrade() -> None:
    # Privileges go before policies and row security: at no moment is a table open.
    op.execute("revoke all on review_audit, reviews, repositories, installation_members, installations from app_api, app_worker, app_admin")
    op.execute("drop policy review_audit_admin_read on review_audit")
    op.execute("drop policy review_audit_append on review_audit")
    op.execute("drop trigger review_audit_is_append_only on review_audit")
    op.execute("drop table review_audit")
    op.execute("drop function refuse_audit_change()")
    op.execute("drop type review_verdict")
    for table, own in (
        ("reviews", "reviews_installation"),
        ("repositories", "repositories_installation"),
        ("installation_members", "installation_members_installation"),
        ("installations", "installations_installation"),
    ):
        op.execute(f"drop policy {table}_admin_read on {table}")
        op.execute(f"drop policy {own} on {table}")
        op.execute(f"alter table {table} no force row level security")
        op.execute(f"alter table {table} disable row level security")
    op.execute("drop function current_installation_id()")
    op.execute("drop function set_installation_context(bigint)")
