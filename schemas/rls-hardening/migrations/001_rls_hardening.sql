-- RLS hardening: avatars and chat media in storage, private business accounts, rate_limits without row security.
--
-- One transaction, so that no moment has the old policy gone and the new one not there. A migration that waits for a lock makes
-- everybody behind it wait as well; this one gives up.
set local lock_timeout = '2s';

-- ── storage ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
-- Public, as check 4.3 of the runbook wants them: the storage service then serves every file to everybody who knows its URL, and
-- asks no policy. The policies below decide who lists, uploads, replaces and deletes.
--
-- A rollback cannot drop a bucket that holds files and closes it instead; deployed again, this opens it again.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types) values
  ('avatars',    'avatars',    true, 10485760, array['image/jpeg']),
  ('chat-media', 'chat-media', true, 10485760, array['image/*', 'video/*'])
on conflict (id) do update
  set public             = excluded.public,
      file_size_limit    = excluded.file_size_limit,
      allowed_mime_types = excluded.allowed_mime_types;

-- In `avatars/{userId}.jpg` and `chat-media/{chatId}/*` the first part is the bucket: it stands in bucket_id, and name holds
-- the rest. Names are compared as text and whole: `like` would take `_` and `%` of a name for wildcards, a prefix would let
-- one id stand for every longer name, and a cast to uuid would take other spellings of an id.
create policy "Users can view own avatar" on storage.objects
  for select to authenticated
  using (bucket_id = 'avatars' and name = auth.uid()::text || '.jpg');
create policy "Users can upload own avatar" on storage.objects
  for insert to authenticated
  with check (bucket_id = 'avatars' and name = auth.uid()::text || '.jpg');
create policy "Users can update own avatar" on storage.objects
  for update to authenticated
  using (bucket_id = 'avatars' and name = auth.uid()::text || '.jpg')
  with check (bucket_id = 'avatars' and name = auth.uid()::text || '.jpg');
create policy "Users can delete own avatar" on storage.objects
  for delete to authenticated
  using (bucket_id = 'avatars' and name = auth.uid()::text || '.jpg');

-- `*` is one file name: the chat is the one folder of the path, so nothing after it leads elsewhere. Files are not replaced or
-- deleted by users, or a message could be exchanged after it was read. `objects.` is written out, since a column `name` that
-- one of the tables inside gains would be meant instead.
create policy "Users can view chat media" on storage.objects
  for select to authenticated
  using (
    bucket_id = 'chat-media'
    and storage.filename(objects.name) not in ('', '.', '..')
    and exists (
      select 1 from public.chat_participants p
       where p.user_id = auth.uid() and storage.foldername(objects.name) = array[p.chat_id::text]
    )
  );
create policy "Users can upload chat media" on storage.objects
  for insert to authenticated
  with check (
    bucket_id = 'chat-media'
    and storage.filename(objects.name) not in ('', '.', '..')
    and exists (
      select 1 from public.chat_participants p
       where p.user_id = auth.uid() and storage.foldername(objects.name) = array[p.chat_id::text]
    )
  );

-- ── rate_limits ───────────────────────────────────────────────────────────────────────────────────────────────────────────
-- Before row security goes, so do the privileges that it held back: without this, everybody resets their own limit.
revoke all on public.rate_limits from public, anon, authenticated;

-- ── private business accounts ─────────────────────────────────────────────────────────────────────────────────────────────
-- Last, and rate_limits after it: both are in use, and every lock is held up to the end.
--
-- A constant default rewrites no row (PostgreSQL 11 and later). NOT NULL: what is neither public nor private is an accident.
alter table public.business_accounts add column is_public boolean not null default true;
drop policy "Users can view business accounts" on public.business_accounts;
create policy "Users can view public or owned business accounts" on public.business_accounts
  for select to authenticated
  using (is_public or owner_id = auth.uid());

alter table public.rate_limits disable row level security;
