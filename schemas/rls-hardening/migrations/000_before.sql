-- Connect as it was before the hardening: the tables that the runbook names (accounts, business_accounts, chat_messages,
-- rate_limits), and what the policies of the hardening stand on (chats, chat_participants).

-- Functions that policies call. No role but the owner has USAGE here, so nobody can call them by name, and PostgREST does not
-- expose them: a policy holds its functions by identity and needs EXECUTE only.
create schema private;

create table public.accounts (
  id           uuid primary key references auth.users (id) on delete cascade,
  display_name text not null,
  created_at   timestamptz not null default now()
);

create table public.business_accounts (
  id          uuid primary key default gen_random_uuid(),
  owner_id    uuid not null references public.accounts (id) on delete cascade,
  name        text not null,
  description text,
  created_at  timestamptz not null default now()
);
create index idx_business_accounts_owner on public.business_accounts (owner_id);

create table public.chats (
  id         uuid primary key default gen_random_uuid(),
  title      text,
  created_at timestamptz not null default now()
);

create table public.chat_participants (
  chat_id    uuid not null references public.chats (id) on delete cascade,
  user_id    uuid not null references public.accounts (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (chat_id, user_id)
);
create index idx_chat_participants_user on public.chat_participants (user_id);

create table public.chat_messages (
  id         uuid primary key default gen_random_uuid(),
  chat_id    uuid not null references public.chats (id) on delete cascade,
  sender_id  uuid not null references public.accounts (id) on delete cascade,
  body       text not null,
  created_at timestamptz not null default now()
);
create index idx_chat_messages_chat on public.chat_messages (chat_id, created_at);

-- Written by the API alone. The subject is a keyed hash, so that the table says of nobody where they were.
create table public.rate_limits (
  subject_hash text not null,
  window_start timestamptz not null,
  hits         integer not null default 1,
  primary key (subject_hash, window_start)
);

-- Which project this database is: `supabase projects list`, the pre-flight check of the runbook, lists what an account can see
-- and says nothing of the database that the statements go to.
create table public.app_settings (
  key   text primary key,
  value text not null
);

-- SECURITY DEFINER, because a policy of chat_participants that reads chat_participants recurses (42P17). It speaks of the caller
-- alone: whose chats are asked comes from the token, never from an argument.
create function private.is_chat_participant(p_chat_id uuid) returns boolean
  language sql stable security definer
  set search_path = pg_catalog, pg_temp
as $$
  select exists (select 1 from public.chat_participants p where p.chat_id = p_chat_id and p.user_id = auth.uid())
$$;
revoke all on function private.is_chat_participant(uuid) from public;
grant execute on function private.is_chat_participant(uuid) to authenticated;

alter table public.accounts          enable row level security;
alter table public.business_accounts enable row level security;
alter table public.chats             enable row level security;
alter table public.chat_participants enable row level security;
alter table public.chat_messages     enable row level security;
alter table public.rate_limits       enable row level security;   -- and no policy: closed to all but service_role
alter table public.app_settings      enable row level security;

create policy "Users can view own account" on public.accounts
  for select to authenticated
  using (id = auth.uid());
create policy "Users can update own account" on public.accounts
  for update to authenticated
  using (id = auth.uid())
  with check (id = auth.uid());

create policy "Users can view business accounts" on public.business_accounts
  for select to authenticated
  using (true);
create policy "Users can create own business accounts" on public.business_accounts
  for insert to authenticated
  with check (owner_id = auth.uid());
create policy "Users can update own business accounts" on public.business_accounts
  for update to authenticated
  using (owner_id = auth.uid())
  with check (owner_id = auth.uid());
create policy "Users can delete own business accounts" on public.business_accounts
  for delete to authenticated
  using (owner_id = auth.uid());

create policy "Participants can view chats" on public.chats
  for select to authenticated
  using (private.is_chat_participant(id));
create policy "Participants can view participants" on public.chat_participants
  for select to authenticated
  using (private.is_chat_participant(chat_id));
create policy "Participants can view messages" on public.chat_messages
  for select to authenticated
  using (private.is_chat_participant(chat_id));
create policy "Participants can send messages" on public.chat_messages
  for insert to authenticated
  with check (sender_id = auth.uid() and private.is_chat_participant(chat_id));

-- The platform's default privileges hand every new table to anon, authenticated and service_role whole: TRUNCATE, REFERENCES,
-- TRIGGER (and MAINTAIN, from PostgreSQL 17), which no policy holds back.
revoke all on public.accounts, public.business_accounts, public.chats, public.chat_participants, public.chat_messages,
              public.rate_limits, public.app_settings
  from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.accounts, public.business_accounts, public.chats, public.chat_participants,
                                        public.chat_messages, public.rate_limits, public.app_settings
  to service_role;
grant select on public.accounts, public.chats, public.chat_participants to authenticated;
grant update (display_name) on public.accounts to authenticated;
grant select, insert, update, delete on public.business_accounts to authenticated;
grant select, insert on public.chat_messages to authenticated;
-- Left from the platform's defaults: row security alone keeps them out, until 001 switches it off.
grant select, insert, update, delete on public.rate_limits to anon, authenticated;
