"""base tables

The application's tables, reachable by their owner alone: a role of the application gets its privileges on a table in the
revision that guards it, so that there is no moment at which it holds the one without the other.

Revision ID: 0d9c8b7a6f5e
Revises:
"""

from alembic import op

revision = "0d9c8b7a6f5e"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table installations (
          id            bigint primary key,          -- GitHub's
          account_login text not null,
          suspended_at  timestamptz,
          created_at    timestamptz not null default now()
        )
        """
    )
    op.execute(
        """
        create table users (
          github_id    bigint primary key,
          login        text not null,
          display_name text,
          email        text,
          created_at   timestamptz not null default now()
        )
        """
    )
    op.execute(
        """
        create table installation_members (
          installation_id bigint not null references installations (id) on delete cascade,
          user_github_id  bigint not null references users (github_id) on delete cascade,
          role            text not null check (role in ('owner', 'member')),
          primary key (installation_id, user_github_id)
        )
        """
    )
    op.execute("create index installation_members_user_idx on installation_members (user_github_id)")
    # Keys hold the installation, so that no error about a taken key tells of another installation's row.
    op.execute(
        """
        create table repositories (
          installation_id bigint not null references installations (id) on delete cascade,
          id              bigint not null,            -- GitHub's
          full_name       text not null,
          default_branch  text not null default 'main',
          primary key (installation_id, id),
          unique (installation_id, full_name)
        )
        """
    )
    op.execute(
        """
        create table reviews (
          id               bigint generated always as identity primary key,
          installation_id  bigint not null,
          repository_id    bigint not null,
          pull_number      integer not null,
          author_github_id bigint not null,           -- whoever opened the pull request, a user of ours or not
          status           text not null default 'queued' check (status in ('queued', 'running', 'done', 'failed')),
          summary          text,
          created_at       timestamptz not null default now(),
          foreign key (installation_id, repository_id) references repositories (installation_id, id) on delete cascade
        )
        """
    )
    op.execute("create index reviews_repository_idx on reviews (installation_id, repository_id)")
    op.execute(
        """
        create table user_api_keys (
          id             bigint generated always as identity primary key,
          user_github_id bigint not null references users (github_id) on delete cascade,
          last_four      text not null,
          encrypted_key  text not null,
          created_at     timestamptz not null default now()
        )
        """
    )
    op.execute("create index user_api_keys_user_idx on user_api_keys (user_github_id)")
    op.execute(
        """
        create table user_settings (
          installation_id bigint not null,
          user_github_id  bigint not null,
          notify          boolean not null default true,
          language        text not null default 'en',
          primary key (installation_id, user_github_id),
          foreign key (installation_id, user_github_id)
            references installation_members (installation_id, user_github_id) on delete cascade
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table user_settings")
    op.execute("drop table user_api_keys")
    op.execute("drop table reviews")
    op.execute("drop table repositories")
    op.execute("drop table installation_members")
    op.execute("drop table users")
    op.execute("drop table installations")
