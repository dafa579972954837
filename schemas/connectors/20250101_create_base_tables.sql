-- The application that the connectors are added to, as far as they stand on it: workspaces, their members, contacts.

-- Functions that policies call. No role but the owner has USAGE here, so nobody can call them by name, and PostgREST does not
-- expose them: a policy holds its functions by identity and needs EXECUTE only.
create schema private;

create table public.workspaces (
  id         text primary key,
  name       text not null,
  created_at timestamptz not null default now()
);

create table public.workspace_members (
  workspace_id text not null references public.workspaces (id) on delete cascade,
  user_id      uuid not null references auth.users (id) on delete cascade,
  created_at   timestamptz not null default now(),
  primary key (workspace_id, user_id)
);
create index idx_workspace_members_user on public.workspace_members (user_id);

create table public.contacts (
  id           uuid primary key default gen_random_uuid(),
  workspace_id text not null references public.workspaces (id) on delete cascade,
  name         text not null,
  email        text,
  created_at   timestamptz not null default now()
);
create index idx_contacts_workspace on public.contacts (workspace_id);

-- SECURITY DEFINER, because a policy of workspace_members that reads workspace_members recurses (42P17). It speaks of the caller
-- alone: whose membership is asked comes from the token, never from an argument.
create function private.is_workspace_member(p_workspace_id text) returns boolean
  language sql stable security definer
  set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select 1 from public.workspace_members m
     where m.workspace_id = p_workspace_id and m.user_id = auth.uid()
  )
$$;
revoke all on function private.is_workspace_member(text) from public;
grant execute on function private.is_workspace_member(text) to authenticated;

alter table public.workspaces        enable row level security;
alter table public.workspace_members enable row level security;
alter table public.contacts          enable row level security;

create policy members_view_workspace on public.workspaces
  for select to authenticated
  using (private.is_workspace_member(id));

create policy members_view_members on public.workspace_members
  for select to authenticated
  using (private.is_workspace_member(workspace_id));

create policy contacts_workspace_isolation on public.contacts
  for all to authenticated
  using (private.is_workspace_member(workspace_id))
  with check (private.is_workspace_member(workspace_id));

-- The platform's default privileges hand every new table to anon, authenticated and service_role whole: TRUNCATE, REFERENCES,
-- TRIGGER (and MAINTAIN, from PostgreSQL 17), which no policy holds back.
revoke all on public.workspaces, public.workspace_members, public.contacts from public, anon, authenticated, service_role;
grant select on public.workspaces, public.workspace_members to authenticated;
grant select, insert, update, delete on public.contacts to authenticated;
grant select, insert, update, delete on public.workspaces, public.workspace_members, public.contacts to service_role;
