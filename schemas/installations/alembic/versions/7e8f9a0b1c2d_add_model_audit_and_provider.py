"""add model audit and provider

Which model was asked for which review, and whose key paid for it. Both tables of the scopes before it are read: the policies
compare installation, user and review.

Revision ID: 7e8f9a0b1c2d
Revises: l3m4n5o6p7q8
"""

from alembic import op

revision = "7e8f9a0b1c2d"
down_revision = "l3m4n5o6p7q8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create type model_provider as enum ('openai', 'anthropic', 'mistral')")
    # Keys that are there already are OpenAI's. DDL fills the column: row security is forced, so an UPDATE of the owner would
    # touch no row and say nothing. New keys name their provider.
    op.execute("alter table user_api_keys add column provider model_provider not null default 'openai'")
    op.execute("alter table user_api_keys alter column provider drop default")
    op.execute("grant select (provider), insert (provider) on user_api_keys to app_api")

    op.execute(
        """
        create table model_audit (
          id                bigint generated always as identity primary key,
          installation_id   bigint not null default current_installation_id(),
          review_id         bigint not null,
          user_github_id    bigint default current_user_github_id(),   -- whose key it was; nobody's where a job ran by itself
          provider          model_provider not null,
          model             text not null,
          prompt_tokens     integer not null check (prompt_tokens >= 0),
          completion_tokens integer not null check (completion_tokens >= 0),
          created_at        timestamptz not null default now()
        )
        """
    )
    op.execute("create index model_audit_review_idx on model_audit (installation_id, review_id)")
    op.execute(
        """
        create trigger model_audit_is_append_only before update or delete or truncate on model_audit
          for each statement execute function refuse_audit_change()
        """
    )
    op.execute("alter table model_audit enable row level security")
    op.execute("alter table model_audit force row level security")
    op.execute(
        """
        create policy model_audit_append on model_audit for insert to app_worker
          with check (installation_id = (select current_installation_id())
                      and exists (select from reviews r where r.id = review_id))
        """
    )
    op.execute(
        """
        create policy model_audit_owner_read on model_audit for select to app_api
          using (installation_id = (select current_installation_id()) and (select user_owns_installation()))
        """
    )
    op.execute("create policy model_audit_admin_read on model_audit for select to app_admin using (true)")
    op.execute(
        """
        comment on policy model_audit_admin_read on model_audit is
          'Justified: the admin endpoint reads across installations by design; SELECT only, app_admin only'
        """
    )
    op.execute(
        """
        grant insert (installation_id, review_id, provider, model, prompt_tokens, completion_tokens)
          on model_audit to app_worker
        """
    )
    op.execute("grant select on model_audit to app_api, app_admin")


def downgrade() -> None:
    op.execute("revoke all on model_audit from app_api, app_worker, app_admin")
    op.execute("drop policy model_audit_admin_read on model_audit")
    op.execute("drop policy model_audit_owner_read on model_audit")
    op.execute("drop policy model_audit_append on model_audit")
    op.execute("drop trigger model_audit_is_append_only on model_audit")
    op.execute("drop table model_audit")
    op.execute("alter table user_api_keys drop column provider")
    op.execute("drop type model_provider")
