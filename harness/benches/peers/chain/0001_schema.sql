-- A small multi-tenant application schema with row-level security: roles anon, authenticated and service_role,
-- auth.uid() over request.jwt.claims. One table (audit_events) is fenced by app.current_tenant instead of a claim.

create schema auth;
grant usage on schema auth to anon, authenticated, service_role;

create table auth.users (
  id uuid primary key,
  email text not null unique
);
grant select on auth.users to service_role;

create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb
$$;
create function auth.uid() returns uuid language sql stable as $$
  select nullif(auth.jwt() ->> 'sub', '')::uuid
$$;
create function auth.role() returns text language sql stable as $$
  select coalesce(auth.jwt() ->> 'role', current_user::text)
$$;

grant usage on schema public to anon, authenticated, service_role;

create table public.orgs (
  id uuid primary key,
  name text not null
);

create table public.memberships (
  org_id uuid not null references public.orgs(id),
  user_id uuid not null references auth.users(id),
  role text not null check (role in ('owner', 'member')),
  primary key (org_id, user_id)
);

create table public.projects (
  id uuid primary key,
  org_id uuid not null references public.orgs(id),
  title text not null
);

create table public.documents (
  id uuid primary key,
  tenant_id uuid not null references public.orgs(id),
  owner_id uuid not null references auth.users(id),
  body text not null
);

create table public.credentials (
  id uuid primary key,
  user_id uuid not null references auth.users(id),
  secret text not null
);

create table public.templates (
  id uuid primary key,
  is_public boolean not null default true,
  owner_id uuid not null references auth.users(id),
  body text not null
);

create table public.audit_events (
  id uuid primary key,
  tenant_id uuid not null references public.orgs(id),
  message text not null
);

create index on public.memberships (user_id);
create index on public.projects (org_id);
create index on public.documents (tenant_id);
create index on public.documents (owner_id);
create index on public.credentials (user_id);
create index on public.templates (owner_id);
create index on public.audit_events (tenant_id);

-- Definer helper so the membership policies do not recurse.
create function public.is_member(p_org uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (
    select 1 from public.memberships m
    where m.org_id = p_org and m.user_id = (select auth.uid())
  )
$$;
revoke execute on function public.is_member(uuid) from public;
grant execute on function public.is_member(uuid) to authenticated, service_role;

alter table public.orgs enable row level security;
alter table public.memberships enable row level security;
alter table public.projects enable row level security;
alter table public.documents enable row level security;
alter table public.credentials enable row level security;
alter table public.templates enable row level security;
alter table public.audit_events enable row level security;
alter table public.orgs force row level security;
alter table public.projects force row level security;
alter table public.documents force row level security;
alter table public.credentials force row level security;
alter table public.templates force row level security;
alter table public.audit_events force row level security;

grant select on public.orgs, public.memberships to authenticated;
grant select, insert, update, delete on public.projects, public.documents, public.credentials,
  public.audit_events to authenticated;
grant select on public.templates to anon;
grant select, insert, update, delete on public.templates to authenticated;
grant all on all tables in schema public to service_role;

create policy orgs_read on public.orgs for select to authenticated
  using (public.is_member(id));
create policy memberships_read on public.memberships for select to authenticated
  using (user_id = (select auth.uid()));

create policy projects_all on public.projects for all to authenticated
  using (public.is_member(org_id)) with check (public.is_member(org_id));

-- An owner keeps sight of a row wherever it goes.
create policy documents_read on public.documents for select to authenticated
  using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid or owner_id = (select auth.uid()));
create policy documents_insert on public.documents for insert to authenticated
  with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid
              and owner_id = (select auth.uid()));
create policy documents_update on public.documents for update to authenticated
  using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid and owner_id = (select auth.uid()))
  with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid and owner_id = (select auth.uid()));
create policy documents_delete on public.documents for delete to authenticated
  using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid and owner_id = (select auth.uid()));

create policy credentials_owner on public.credentials for all to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

create policy templates_read on public.templates for select to anon, authenticated
  using (is_public or owner_id = (select auth.uid()));
create policy templates_insert on public.templates for insert to authenticated
  with check (owner_id = (select auth.uid()));
create policy templates_update on public.templates for update to authenticated
  using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
create policy templates_delete on public.templates for delete to authenticated
  using (owner_id = (select auth.uid()));

create policy audit_tenant on public.audit_events for all to authenticated
  using (tenant_id = nullif(current_setting('app.current_tenant', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.current_tenant', true), '')::uuid);

-- Caller-rights view: safe.
create view public.document_titles with (security_invoker = true, security_barrier = true) as
  select id, tenant_id, left(body, 20) as title from public.documents;
grant select on public.document_titles to authenticated, service_role;
