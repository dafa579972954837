-- The platform "supabase": roles, schemas, tables, functions, grants and default privileges that chains and policies
-- refer to, on a plain PostgreSQL (13 and later). It imitates names, columns, grants and ownership, not the services behind
-- them; written from the public names only.
--
-- Runs once in an empty database, as superuser, before the chain, which runs as `postgres`. Roles are cluster-wide and
-- made only where they are missing. Nothing here needs a shared library beyond postgresql-contrib: an extension that the
-- server lacks gets a stub (a schema, functions or types of the right name, and a row in pg_extension, so that CREATE
-- EXTENSION IF NOT EXISTS skips it).
--
-- Functions that run with the rights of their owner fix their search_path, pg_temp last: the chain may put functions and
-- operators of its own before those of pg_catalog.

set client_min_messages = warning;
set check_function_bodies = off;

---------------------------------------------------------------- 1. roles
-- Attributes matter to the probes: anon/authenticated carry nothing,
-- service_role and postgres carry BYPASSRLS, authenticator is NOINHERIT.
do $$
declare r record;
begin
  for r in select * from (values
      ('anon',                       'nologin noinherit'),
      ('authenticated',              'nologin noinherit'),
      ('service_role',               'nologin noinherit bypassrls'),
      ('authenticator',              'login noinherit'),
      ('supabase_admin',             'nologin superuser createdb createrole replication bypassrls'),
      ('supabase_auth_admin',        'login noinherit createrole'),
      ('supabase_storage_admin',     'login noinherit createrole'),
      ('supabase_functions_admin',   'login noinherit createrole'),
      ('supabase_replication_admin', 'login replication'),
      ('supabase_read_only_user',    'login bypassrls'),
      ('supabase_realtime_admin',    'nologin noinherit'),
      ('supabase_etl_admin',         'login replication'),
      ('dashboard_user',             'nologin createdb createrole replication'),
      ('pgbouncer',                  'login'),
      ('pgsodium_keyiduser',         'nologin'),
      ('pgsodium_keyholder',         'nologin'),
      ('pgsodium_keymaker',          'nologin'),
      -- Not a superuser, as hosted. The platform's server hook that lets it alter platform tables is not there; untrusted
      -- extensions and ALTER ROLE ... SET pgrst.* are done for it. The bootstrap superuser has another name.
      ('postgres',                   'login createdb createrole replication bypassrls')
    ) v(name, attrs)
  loop
    if not exists (select 1 from pg_roles where rolname = r.name) then
      execute format('create role %I %s', r.name, r.attrs);
    end if;
  end loop;
end $$;

grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres;
grant authenticator to supabase_storage_admin;
grant supabase_auth_admin, supabase_storage_admin, supabase_functions_admin to postgres;
grant anon, authenticated, service_role to supabase_storage_admin;
grant supabase_realtime_admin to postgres;
grant pg_monitor to postgres, supabase_read_only_user;
do $$ begin
  if current_setting('server_version_num')::int >= 140000 then
    grant pg_read_all_data to postgres, supabase_read_only_user;
  end if;
end $$;

---------------------------------------------------------------- 2. schemas
create schema if not exists extensions         authorization postgres;
create schema if not exists auth               authorization supabase_admin;
create schema if not exists storage            authorization supabase_admin;
create schema if not exists realtime           authorization supabase_admin;
create schema if not exists _realtime          authorization supabase_admin;
create schema if not exists graphql            authorization supabase_admin;
create schema if not exists graphql_public     authorization supabase_admin;
create schema if not exists vault              authorization supabase_admin;
create schema if not exists pgsodium           authorization supabase_admin;
create schema if not exists pgsodium_masks     authorization supabase_admin;
create schema if not exists net                authorization supabase_admin;
create schema if not exists supabase_functions authorization supabase_admin;
create schema if not exists supabase_migrations authorization postgres;
create schema if not exists pgbouncer          authorization pgbouncer;

-- Ownership of public as on the platform (pg_database_owner by default).
do $$ begin
  if current_setting('server_version_num')::int >= 140000 then
    alter schema public owner to pg_database_owner;
  end if;
end $$;
-- Before 15 everybody may create in it.
revoke create on schema public from public;
grant usage on schema public, extensions, auth, storage, realtime, graphql_public, net
  to anon, authenticated, service_role, postgres;
grant all on schema public, extensions, auth, storage, realtime, vault, net, supabase_functions, graphql_public to postgres, dashboard_user;
grant create on schema public to postgres;
grant usage on schema vault, supabase_functions to service_role, postgres;
grant usage on schema supabase_functions to anon, authenticated;
grant all on schema auth to supabase_auth_admin;
grant all on schema storage to supabase_storage_admin;
grant all on schema supabase_functions to supabase_functions_admin;
grant usage on schema auth to supabase_storage_admin, supabase_functions_admin;

-- The default privileges that make a bare CREATE TABLE reachable over the API.
-- They decide what every probe sees: without them each actor is refused by GRANT
-- before row level security is even asked.
do $$
declare who text; obj text;
begin
  foreach who in array array['postgres','supabase_admin'] loop
    foreach obj in array array['tables','functions','sequences'] loop
      execute format('alter default privileges for role %I in schema public grant all on %s to postgres, anon, authenticated, service_role', who, obj);
      execute format('alter default privileges for role %I in schema storage grant all on %s to postgres, anon, authenticated, service_role', who, obj);
      execute format('alter default privileges for role %I in schema graphql_public grant all on %s to postgres, anon, authenticated, service_role', who, obj);
    end loop;
  end loop;
end $$;

-- Per-database search path. pgcrypto, uuid-ossp and friends live in extensions,
-- yet chains call uuid_generate_v4(), digest() or vector without a schema.
do $$
begin
  execute format('alter database %I set search_path to "$user", public, extensions', current_database());
  execute format('alter database %I set "app.settings.jwt_secret" to %L', current_database(), 'prelude-only-not-a-secret');
  execute format('alter database %I set "app.settings.jwt_exp" to %L', current_database(), '3600');
end $$;
-- Supabase sets these on the roles; the API roles see the exposed schemas only.
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';

---------------------------------------------------------------- 3. auth
set search_path to auth, extensions, public;

do $$ begin
  create type auth.factor_type as enum ('totp','webauthn','phone');
  create type auth.factor_status as enum ('unverified','verified');
  create type auth.aal_level as enum ('aal1','aal2','aal3');
  create type auth.code_challenge_method as enum ('s256','plain');
  create type auth.one_time_token_type as enum ('confirmation_token','reauthentication_token','recovery_token','email_change_token_new','email_change_token_current','phone_change_token');
  create type auth.oauth_registration_type as enum ('dynamic','manual');
  create type auth.oauth_client_type as enum ('public','confidential');
  create type auth.oauth_authorization_status as enum ('pending','approved','denied','expired');
  create type auth.oauth_response_type as enum ('code');
end $$;

create table auth.users (
  instance_id uuid,
  id uuid not null primary key,
  aud varchar(255),
  role varchar(255),
  email varchar(255),
  encrypted_password varchar(255),
  email_confirmed_at timestamptz,
  invited_at timestamptz,
  confirmation_token varchar(255),
  confirmation_sent_at timestamptz,
  recovery_token varchar(255),
  recovery_sent_at timestamptz,
  email_change_token_new varchar(255),
  email_change varchar(255),
  email_change_sent_at timestamptz,
  last_sign_in_at timestamptz,
  raw_app_meta_data jsonb,
  raw_user_meta_data jsonb,
  is_super_admin boolean,
  created_at timestamptz,
  updated_at timestamptz,
  phone text unique default null,
  phone_confirmed_at timestamptz,
  phone_change text default '',
  phone_change_token varchar(255) default '',
  phone_change_sent_at timestamptz,
  confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
  email_change_token_current varchar(255) default '',
  email_change_confirm_status smallint default 0 check (email_change_confirm_status between 0 and 2),
  banned_until timestamptz,
  reauthentication_token varchar(255) default '',
  reauthentication_sent_at timestamptz,
  is_sso_user boolean not null default false,
  deleted_at timestamptz,
  is_anonymous boolean not null default false
);
create unique index users_email_partial_key on auth.users (email) where is_sso_user = false;
create index users_instance_id_email_idx on auth.users (instance_id, lower(email::text));
create unique index confirmation_token_idx on auth.users (confirmation_token) where confirmation_token !~ '^[0-9 ]*$';
create unique index recovery_token_idx on auth.users (recovery_token) where recovery_token !~ '^[0-9 ]*$';

create table auth.identities (
  provider_id text not null,
  user_id uuid not null references auth.users(id) on delete cascade,
  identity_data jsonb not null,
  provider text not null,
  last_sign_in_at timestamptz,
  created_at timestamptz,
  updated_at timestamptz,
  email text generated always as (lower(identity_data ->> 'email')) stored,
  id uuid not null default gen_random_uuid() primary key,
  unique (provider_id, provider)
);
create table auth.oauth_clients (
  id uuid not null primary key,
  client_secret_hash text,
  registration_type auth.oauth_registration_type not null default 'dynamic',
  redirect_uris text not null default '',
  grant_types text not null default '',
  client_name text, client_uri text, logo_uri text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  client_type auth.oauth_client_type not null default 'confidential',
  token_endpoint_auth_method text
);
create table auth.sessions (
  id uuid not null primary key,
  user_id uuid not null references auth.users(id) on delete cascade,
  created_at timestamptz, updated_at timestamptz,
  factor_id uuid, aal auth.aal_level, not_after timestamptz,
  refreshed_at timestamp, user_agent text, ip inet, tag text,
  oauth_client_id uuid references auth.oauth_clients(id) on delete cascade,
  refresh_token_hmac_key text, refresh_token_counter bigint, scopes text
);
create table auth.refresh_tokens (
  instance_id uuid, id bigserial primary key, token varchar(255) unique, user_id varchar(255),
  revoked boolean, created_at timestamptz, updated_at timestamptz, parent varchar(255),
  session_id uuid references auth.sessions(id) on delete cascade
);
create table auth.mfa_factors (
  id uuid not null primary key,
  user_id uuid not null references auth.users(id) on delete cascade,
  friendly_name text,
  factor_type auth.factor_type not null,
  status auth.factor_status not null,
  created_at timestamptz not null, updated_at timestamptz not null,
  secret text, phone text, last_challenged_at timestamptz unique,
  web_authn_credential jsonb, web_authn_aaguid uuid, last_webauthn_challenge_data jsonb
);
create table auth.mfa_challenges (
  id uuid not null primary key,
  factor_id uuid not null references auth.mfa_factors(id) on delete cascade,
  created_at timestamptz not null, verified_at timestamptz, ip_address inet not null,
  otp_code text, web_authn_session_data jsonb
);
create table auth.mfa_amr_claims (
  session_id uuid not null references auth.sessions(id) on delete cascade,
  created_at timestamptz not null, updated_at timestamptz not null,
  authentication_method text not null, id uuid not null primary key,
  unique (session_id, authentication_method)
);
create table auth.sso_providers (
  id uuid not null primary key, resource_id text, created_at timestamptz, updated_at timestamptz, disabled boolean
);
create table auth.sso_domains (
  id uuid not null primary key,
  sso_provider_id uuid not null references auth.sso_providers(id) on delete cascade,
  domain text not null, created_at timestamptz, updated_at timestamptz
);
create table auth.saml_providers (
  id uuid not null primary key,
  sso_provider_id uuid not null references auth.sso_providers(id) on delete cascade,
  entity_id text not null unique, metadata_xml text not null, metadata_url text,
  attribute_mapping jsonb, created_at timestamptz, updated_at timestamptz, name_id_format text
);
create table auth.flow_state (
  id uuid not null primary key, user_id uuid, auth_code text,
  code_challenge_method auth.code_challenge_method, code_challenge text,
  provider_type text not null, provider_access_token text, provider_refresh_token text,
  created_at timestamptz, updated_at timestamptz,
  authentication_method text not null, auth_code_issued_at timestamptz
);
create table auth.saml_relay_states (
  id uuid not null primary key,
  sso_provider_id uuid not null references auth.sso_providers(id) on delete cascade,
  request_id text not null, for_email text, redirect_to text,
  created_at timestamptz, updated_at timestamptz,
  flow_state_id uuid references auth.flow_state(id) on delete cascade
);
create table auth.one_time_tokens (
  id uuid not null primary key,
  user_id uuid not null references auth.users(id) on delete cascade,
  token_type auth.one_time_token_type not null,
  token_hash text not null, relates_to text not null,
  created_at timestamp not null default now(), updated_at timestamp not null default now()
);
create table auth.audit_log_entries (
  instance_id uuid, id uuid not null primary key, payload json, created_at timestamptz,
  ip_address varchar(64) not null default ''
);
create table auth.instances (
  id uuid not null primary key, uuid uuid, raw_base_config text, created_at timestamptz, updated_at timestamptz
);
create table auth.schema_migrations (version varchar(255) not null primary key);

-- Who is asking. Both spellings of the claims setting are honoured, old first.
create or replace function auth.jwt() returns jsonb language sql stable as $f$
  select coalesce(nullif(current_setting('request.jwt.claim', true), ''),
                  nullif(current_setting('request.jwt.claims', true), ''))::jsonb
$f$;
create or replace function auth.uid() returns uuid language sql stable as $f$
  select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''),
                  nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid
$f$;
create or replace function auth.role() returns text language sql stable as $f$
  select coalesce(nullif(current_setting('request.jwt.claim.role', true), ''),
                  nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
$f$;
create or replace function auth.email() returns text language sql stable as $f$
  select coalesce(nullif(current_setting('request.jwt.claim.email', true), ''),
                  nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')
$f$;

do $$
declare t record;
begin
  -- tables only: a serial's own sequence follows its table
  for t in select c.oid::regclass as tab from pg_class c where relnamespace = 'auth'::regnamespace and relkind = 'r' loop
    execute format('alter table %s owner to supabase_auth_admin', t.tab);
    execute format('alter table %s enable row level security', t.tab);
    execute format('grant all on %s to dashboard_user', t.tab);
    -- The platform lets postgres use (not alter) these, select with grant option.
    execute format('grant all on %s to postgres with grant option', t.tab);
  end loop;
end $$;
grant all on all sequences in schema auth to postgres, dashboard_user;
alter function auth.uid() owner to supabase_auth_admin;
alter function auth.role() owner to supabase_auth_admin;
alter function auth.email() owner to supabase_auth_admin;
alter function auth.jwt() owner to supabase_auth_admin;
grant execute on all functions in schema auth to public;
reset search_path;

---------------------------------------------------------------- 4. storage
create type storage.buckettype as enum ('STANDARD','ANALYTICS','VECTOR');
create table storage.buckets (
  id text not null primary key,
  name text not null unique,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  public boolean default false,
  avif_autodetection boolean default false,
  file_size_limit bigint,
  allowed_mime_types text[],
  owner_id text,
  type storage.buckettype not null default 'STANDARD'
);
create table storage.objects (
  id uuid not null default gen_random_uuid() primary key,
  bucket_id text references storage.buckets(id),
  name text,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  last_accessed_at timestamptz default now(),
  metadata jsonb,
  path_tokens text[] generated always as (string_to_array(name, '/')) stored,
  version text,
  owner_id text,
  user_metadata jsonb,
  level integer
);
create unique index bucketid_objname on storage.objects (bucket_id, name);
create index name_prefix_search on storage.objects (name text_pattern_ops);
create table storage.migrations (id integer primary key, name varchar(100) unique not null, hash varchar(40) not null, executed_at timestamp default now());
create table storage.prefixes (
  bucket_id text not null references storage.buckets(id), name text not null,
  level integer not null default 1, created_at timestamptz default now(), updated_at timestamptz default now(),
  primary key (bucket_id, level, name)
);
create table storage.s3_multipart_uploads (
  id text primary key, in_progress_size bigint not null default 0, upload_signature text not null,
  bucket_id text not null references storage.buckets(id), key text not null, version text not null,
  owner_id text, created_at timestamptz not null default now(), user_metadata jsonb
);
create table storage.s3_multipart_uploads_parts (
  id uuid primary key default gen_random_uuid(),
  upload_id text not null references storage.s3_multipart_uploads(id) on delete cascade,
  size bigint not null default 0, part_number integer not null,
  bucket_id text not null references storage.buckets(id), key text not null, etag text not null,
  owner_id text, version text not null, created_at timestamptz not null default now()
);
create table storage.buckets_analytics (id text primary key, type storage.buckettype not null default 'ANALYTICS', format text not null default 'ICEBERG', created_at timestamptz not null default now(), updated_at timestamptz not null default now());

-- 'a/b/c.txt' -> {a,b}
create or replace function storage.foldername(name text) returns text[] language sql immutable as $f$
  select (string_to_array(name, '/'))[1 : cardinality(string_to_array(name, '/')) - 1]
$f$;
-- 'a/b/c.txt' -> 'c.txt'
create or replace function storage.filename(name text) returns text language sql immutable as $f$
  select (string_to_array(name, '/'))[cardinality(string_to_array(name, '/'))]
$f$;
-- 'a/b/c.txt' -> 'txt'
create or replace function storage.extension(name text) returns text language sql immutable as $f$
  select reverse(split_part(reverse(storage.filename(name)), '.', 1))
$f$;
create or replace function storage.operation() returns text language sql stable as $f$ select current_setting('storage.operation', true) $f$;
create or replace function storage.allow_only_operation(expected_operation text) returns boolean language sql stable as $f$ select storage.operation() = expected_operation $f$;
create or replace function storage.allow_any_operation(expected_operations text[]) returns boolean language sql stable as $f$ select storage.operation() = any (expected_operations) $f$;
create or replace function storage.get_size_by_bucket() returns table (size bigint, bucket_id text) language sql stable as $f$
  select sum((metadata ->> 'size')::bigint)::bigint, o.bucket_id from storage.objects o group by o.bucket_id
$f$;
create or replace function storage.search(prefix text, bucketname text, limits int default 100, levels int default 1, offsets int default 0, search text default '', sortcolumn text default 'name', sortorder text default 'asc')
returns table (name text, id uuid, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz, metadata jsonb) language sql stable as $f$
  select o.name, o.id, o.updated_at, o.created_at, o.last_accessed_at, o.metadata from storage.objects o
  where o.bucket_id = bucketname and o.name ilike prefix || search || '%' limit limits offset offsets
$f$;
create or replace function storage.can_insert_object(bucketid text, name text, owner uuid, metadata jsonb) returns void language sql as $f$ select null::void $f$;
create or replace function storage.update_updated_at_column() returns trigger language plpgsql as $f$ begin new.updated_at = now(); return new; end $f$;
create trigger update_objects_updated_at before update on storage.objects for each row execute function storage.update_updated_at_column();
-- Deliberately absent: storage.protect_delete() and its triggers, which refuse
-- direct DELETE unless a setting allows it. They would mask a policy probe.

do $$
declare t record;
begin
  for t in select c.oid::regclass as tab from pg_class c where relnamespace = 'storage'::regnamespace and relkind = 'r' loop
    execute format('alter table %s owner to supabase_storage_admin', t.tab);
    execute format('alter table %s enable row level security', t.tab);
    execute format('grant all on %s to postgres with grant option', t.tab);
    execute format('grant all on %s to service_role', t.tab);
  end loop;
  for t in select p.oid::regprocedure as fn from pg_proc p where pronamespace = 'storage'::regnamespace loop
    execute format('alter function %s owner to supabase_storage_admin', t.fn);
  end loop;
end $$;
grant all on storage.objects, storage.buckets to anon, authenticated;
revoke all on storage.migrations from anon, authenticated, service_role;
grant execute on all functions in schema storage to public;
alter type storage.buckettype owner to supabase_storage_admin;

---------------------------------------------------------------- 5. realtime
do $$ begin
  if not exists (select 1 from pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
    alter publication supabase_realtime owner to postgres;
  end if;
  if not exists (select 1 from pg_publication where pubname = 'supabase_realtime_messages_publication') then
    create publication supabase_realtime_messages_publication;
  end if;
end $$;
create type realtime.equality_op as enum ('eq','neq','lt','lte','gt','gte','in');
create type realtime.user_defined_filter as (column_name text, op realtime.equality_op, value text);
create table realtime.subscription (
  id bigint generated always as identity primary key, subscription_id uuid not null, entity regclass not null,
  filters realtime.user_defined_filter[] not null default '{}', claims jsonb not null,
  created_at timestamp not null default now()
);
create table realtime.messages (
  topic text not null, extension text not null, payload jsonb, event text, private boolean default false,
  updated_at timestamp not null default now(), inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  primary key (id, inserted_at)
) partition by range (inserted_at);
create table realtime.messages_default partition of realtime.messages default;
alter table realtime.messages enable row level security;
alter table realtime.messages owner to supabase_realtime_admin;
grant select, insert, update on realtime.messages to anon, authenticated, service_role;
grant all on realtime.messages to postgres;
create or replace function realtime.topic() returns text language sql stable as $f$ select nullif(current_setting('realtime.topic', true), '') $f$;
create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void language plpgsql as $f$
begin
  insert into realtime.messages (payload, event, topic, private, extension) values (payload, event, topic, private, 'broadcast');
exception when others then null;   -- the platform's version never fails its caller either
end $f$;
create or replace function realtime.broadcast_changes(topic_name text, event_name text, operation text, table_name text, table_schema text, new record, old record, level text default 'ROW') returns void language plpgsql as $f$
begin
  perform realtime.send(jsonb_build_object('operation', operation, 'table', table_name, 'schema', table_schema), event_name, topic_name);
end $f$;
alter function realtime.topic() owner to supabase_realtime_admin;
grant execute on all functions in schema realtime to public;

---------------------------------------------------------------- 6. real extensions, where the server has them
-- The four that every project starts with. Others are left to the chain.
do $$
declare e text;
begin
  foreach e in array array['uuid-ossp','pgcrypto','pg_stat_statements'] loop
    if exists (select 1 from pg_available_extensions where name = e)
       and not exists (select 1 from pg_extension where extname = e) then
      execute format('create extension %I with schema extensions', e);
    end if;
  end loop;
end $$;
grant execute on all functions in schema extensions to public;

---------------------------------------------------------------- 7. extension stubs
-- pg_extension is written to directly; that needs a superuser and this setting.
-- The fake row has no members, so DROP EXTENSION on it removes only the row.
set allow_system_table_mods = on;
create or replace function pg_temp.stub_extension(ext name, sch name, ver text default '0.0-stub') returns boolean language plpgsql as $f$
begin
  if exists (select 1 from pg_extension where extname = ext) then return false; end if;
  execute format('create schema if not exists %I', sch);
  insert into pg_catalog.pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
  values ((select (max(oid::bigint) + 1)::oid from (select oid from pg_extension union all select 900000::oid) o),
          ext, (select oid from pg_roles where rolname = 'supabase_admin'),
          (select oid from pg_namespace where nspname = sch), false, ver);
  return true;
end $f$;

-- 7a. nothing but the name: chains create them and call little or nothing
do $$
declare e record;
begin
  for e in select * from (values
      ('pg_graphql','graphql'), ('pgjwt','extensions'), ('pg_net','extensions'),
      ('pgsodium','pgsodium'), ('supabase_vault','vault'),
      ('pg_cron','pg_catalog'), ('pgmq','pgmq'), ('http','extensions'),
      ('pg_jsonschema','extensions'), ('pg_hashids','extensions'), ('wrappers','extensions'),
      ('pg_tle','pgtle'), ('supabase-dbdev','extensions'), ('index_advisor','extensions'), ('hypopg','extensions'),
      ('pgroonga','extensions'), ('rum','extensions'), ('plv8','pg_catalog'), ('pgaudit','extensions'),
      ('pg_repack','extensions'), ('pg_partman','extensions'), ('timescaledb','extensions'),
      ('plpgsql_check','extensions'), ('vector','extensions')
    ) v(name, sch)
  loop
    -- pg_cron is stubbed even when installed: it works in one database per
    -- cluster only, and needs shared_preload_libraries.
    if e.name = 'pg_cron' or not exists (select 1 from pg_available_extensions a where a.name = e.name) then
      perform pg_temp.stub_extension(e.name, e.sch);
    end if;
  end loop;
end $$;
reset allow_system_table_mods;

-- 7b. cron
create schema if not exists cron;
create table if not exists cron.job (jobid bigint generated by default as identity primary key, schedule text, command text, nodename text default 'localhost', nodeport int default 5432, database text default current_database(), username text default current_user, active boolean default true, jobname text unique);
create table if not exists cron.job_run_details (jobid bigint, runid bigint generated by default as identity primary key, job_pid int, database text, username text, command text, status text, return_message text, start_time timestamptz, end_time timestamptz);
create or replace function cron.schedule(job_name text, schedule text, command text) returns bigint language sql as $f$
  insert into cron.job (jobname, schedule, command) values (job_name, schedule, command)
  on conflict (jobname) do update set schedule = excluded.schedule, command = excluded.command returning jobid
$f$;
create or replace function cron.schedule(schedule text, command text) returns bigint language sql as $f$
  insert into cron.job (schedule, command) values (schedule, command) returning jobid
$f$;
create or replace function cron.schedule_in_database(job_name text, schedule text, command text, database text, username text default null, active boolean default true) returns bigint language sql as $f$ select cron.schedule(job_name, schedule, command) $f$;
create or replace function cron.alter_job(job_id bigint, schedule text default null, command text default null, database text default null, username text default null, active boolean default null) returns void language sql as $f$
  update cron.job j set schedule = coalesce(alter_job.schedule, j.schedule), command = coalesce(alter_job.command, j.command), active = coalesce(alter_job.active, j.active) where jobid = job_id
$f$;
-- Like the real one, unscheduling an unknown name is an error (chains wrap it in DO/EXCEPTION or a WHERE).
create or replace function cron.unschedule(job_name text) returns boolean language plpgsql as $f$
begin
  delete from cron.job where jobname = job_name;
  if not found then raise exception 'could not find valid entry for job ''%''', job_name; end if;
  return true;
end $f$;
create or replace function cron.unschedule(job_id bigint) returns boolean language plpgsql as $f$
begin
  delete from cron.job where jobid = job_id;
  if not found then raise exception 'could not find valid entry for job ''%''', job_id; end if;
  return true;
end $f$;
grant usage on schema cron to postgres;
grant all on all tables in schema cron to postgres;

-- 7c. net (asynchronous HTTP): queue and forget
create table if not exists net.http_request_queue (id bigint generated by default as identity primary key, method text, url text, headers jsonb, body bytea, timeout_milliseconds int);
create table if not exists net._http_response (id bigint, status_code int, content_type text, headers jsonb, content text, timed_out bool, error_msg text, created timestamptz not null default now());
create or replace function net.http_post(url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{"Content-Type":"application/json"}', timeout_milliseconds int default 5000) returns bigint language sql security definer set search_path = pg_catalog, pg_temp as $f$
  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds) values ('POST', url, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds) returning id
$f$;
create or replace function net.http_get(url text, params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds int default 5000) returns bigint language sql security definer set search_path = pg_catalog, pg_temp as $f$
  insert into net.http_request_queue (method, url, headers, timeout_milliseconds) values ('GET', url, headers, timeout_milliseconds) returning id
$f$;
create or replace function net.http_delete(url text, params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds int default 5000, body jsonb default null) returns bigint language sql security definer set search_path = pg_catalog, pg_temp as $f$
  insert into net.http_request_queue (method, url, headers, timeout_milliseconds) values ('DELETE', url, headers, timeout_milliseconds) returning id
$f$;
grant execute on all functions in schema net to public;

-- 7d. database webhooks
create table if not exists supabase_functions.hooks (id bigserial primary key, hook_table_id int not null, hook_name text not null, created_at timestamptz not null default now(), request_id bigint);
create table if not exists supabase_functions.migrations (version text primary key, inserted_at timestamptz not null default now());
create or replace function supabase_functions.http_request() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $f$
begin if tg_op = 'DELETE' then return old; end if; return new; end $f$;
grant execute on function supabase_functions.http_request() to public;
grant all on all tables in schema supabase_functions to postgres;

-- 7e. vault (no encryption: this database is thrown away)
create table if not exists vault.secrets (id uuid primary key default gen_random_uuid(), name text unique, description text not null default '', secret text not null, key_id uuid, nonce bytea, created_at timestamptz not null default now(), updated_at timestamptz not null default now());
create or replace view vault.decrypted_secrets as select id, name, description, secret, secret as decrypted_secret, key_id, nonce, created_at, updated_at from vault.secrets;
create or replace function vault.create_secret(new_secret text, new_name text default null, new_description text default '', new_key_id uuid default null) returns uuid language sql as $f$
  insert into vault.secrets (secret, name, description, key_id) values (new_secret, new_name, coalesce(new_description,''), new_key_id) returning id
$f$;
create or replace function vault.update_secret(secret_id uuid, new_secret text default null, new_name text default null, new_description text default null, new_key_id uuid default null) returns void language sql as $f$
  update vault.secrets set secret = coalesce(new_secret, secret), name = coalesce(new_name, name), description = coalesce(new_description, description), updated_at = now() where id = secret_id
$f$;
grant select, insert, update, delete on vault.secrets to postgres, service_role;
grant select on vault.decrypted_secrets to postgres, service_role;
revoke execute on function vault.create_secret(text,text,text,uuid), vault.update_secret(uuid,text,text,text,uuid) from public;
grant execute on function vault.create_secret(text,text,text,uuid), vault.update_secret(uuid,text,text,text,uuid) to postgres, service_role;

-- 7f. pgsodium, names only
create table if not exists pgsodium.key (id uuid primary key default gen_random_uuid(), status text default 'valid', created timestamptz default now(), expires timestamptz, key_type text, key_id bigint generated always as identity, key_context bytea default '\x7067736f6469756d', name text unique, comment text);
create or replace view pgsodium.valid_key as select id, name, status, key_type, key_id, key_context, created, expires from pgsodium.key;
create or replace function pgsodium.create_key(key_type text default 'aead-det', name text default null) returns pgsodium.key language sql as $f$ insert into pgsodium.key (key_type, name) values (key_type, name) returning * $f$;
create or replace function pgsodium.crypto_aead_det_encrypt(message bytea, additional bytea, key_uuid uuid, nonce bytea default null) returns bytea language sql immutable as $f$ select message $f$;
create or replace function pgsodium.crypto_aead_det_decrypt(ciphertext bytea, additional bytea, key_uuid uuid, nonce bytea default null) returns bytea language sql immutable as $f$ select ciphertext $f$;
create or replace function pgsodium.crypto_aead_det_noncegen() returns bytea language sql volatile as $f$ select decode(md5(random()::text), 'hex') $f$;

-- 7g. pgjwt, pg_graphql, pg_jsonschema, hashids, dbdev, http
create or replace function extensions.url_encode(data bytea) returns text language sql immutable as $f$ select translate(encode(data, 'base64'), E'+/=\n', '-_') $f$;
create or replace function extensions.url_decode(data text) returns bytea language sql immutable as $f$ select decode(translate(data, '-_', '+/') || repeat('=', (4 - length(data) % 4) % 4), 'base64') $f$;
create or replace function extensions.algorithm_sign(signables text, secret text, algorithm text) returns text language sql immutable as $f$ select extensions.url_encode(extensions.hmac(signables, secret, 'sha256')) $f$;
create or replace function extensions.sign(payload json, secret text, algorithm text default 'HS256') returns text language sql immutable as $f$
  select h || '.' || p || '.' || extensions.algorithm_sign(h || '.' || p, secret, algorithm)
  from (select extensions.url_encode(convert_to('{"alg":"HS256","typ":"JWT"}', 'utf8')) h, extensions.url_encode(convert_to(payload::text, 'utf8')) p) x
$f$;
create or replace function extensions.verify(token text, secret text, algorithm text default 'HS256') returns table (header json, payload json, valid boolean) language sql immutable as $f$
  select convert_from(extensions.url_decode(split_part(token,'.',1)),'utf8')::json, convert_from(extensions.url_decode(split_part(token,'.',2)),'utf8')::json,
         split_part(token,'.',3) = extensions.algorithm_sign(split_part(token,'.',1) || '.' || split_part(token,'.',2), secret, algorithm)
$f$;
create or replace function graphql_public.graphql("operationName" text default null, query text default null, variables jsonb default null, extensions jsonb default null) returns jsonb language sql as $f$ select '{"errors":[{"message":"pg_graphql is stubbed"}]}'::jsonb $f$;
create or replace function graphql.resolve(query text, variables jsonb default '{}', "operationName" text default null, extensions jsonb default null) returns jsonb language sql as $f$ select '{}'::jsonb $f$;
grant execute on all functions in schema graphql_public, graphql to public;
create or replace function extensions.json_matches_schema(schema json, instance json) returns boolean language sql immutable as $f$ select true $f$;
create or replace function extensions.jsonb_matches_schema(schema json, instance jsonb) returns boolean language sql immutable as $f$ select true $f$;
create or replace function extensions.grant_pg_cron_access() returns event_trigger language plpgsql as $f$ begin end $f$;
create or replace function extensions.grant_pg_net_access() returns event_trigger language plpgsql as $f$ begin end $f$;
create or replace function extensions.grant_pg_graphql_access() returns event_trigger language plpgsql as $f$ begin end $f$;
create or replace function extensions.set_graphql_placeholder() returns event_trigger language plpgsql as $f$ begin end $f$;
create or replace function extensions.pgrst_ddl_watch() returns event_trigger language plpgsql as $f$ begin end $f$;
create or replace function extensions.pgrst_drop_watch() returns event_trigger language plpgsql as $f$ begin end $f$;
-- pgTAP suites of the basejump kind open with: select dbdev.install('...'); create extension "..."
create schema if not exists dbdev;
create schema if not exists pgtle;
create or replace function pgtle.install_extension(name text, version text, description text, ext text, requires text[] default null) returns boolean language sql as $f$ select true $f$;
create or replace function pgtle.uninstall_extension_if_exists(extname text) returns boolean language sql as $f$ select true $f$;
create or replace function dbdev.install(package_name text, base_url text default '', api_key text default '') returns boolean language sql as $f$ select true $f$;
do $$ begin
  if exists (select 1 from pg_extension where extname = 'http' and extversion = '0.0-stub') then
    create type extensions.http_header as (field varchar, value varchar);
    create type extensions.http_response as (status integer, content_type varchar, headers extensions.http_header[], content varchar);
    create type extensions.http_request as (method varchar, uri varchar, headers extensions.http_header[], content_type varchar, content varchar);
    create function extensions.http_header(field varchar, value varchar) returns extensions.http_header language sql immutable as $f$ select row(field, value)::extensions.http_header $f$;
    create function extensions.http(request extensions.http_request) returns extensions.http_response language plpgsql as $f$ begin raise exception 'http is stubbed'; end $f$;
    create function extensions.http_get(uri varchar) returns extensions.http_response language plpgsql as $f$ begin raise exception 'http is stubbed'; end $f$;
    create function extensions.http_post(uri varchar, content varchar, content_type varchar) returns extensions.http_response language plpgsql as $f$ begin raise exception 'http is stubbed'; end $f$;
  end if;
end $$;

-- 7h. pgmq: just enough for a chain that creates queues
create schema if not exists pgmq;
do $$ begin
  if exists (select 1 from pg_extension where extname = 'pgmq' and extversion = '0.0-stub') then
    create table pgmq.meta (queue_name varchar unique not null, is_partitioned boolean not null default false, is_unlogged boolean not null default false, created_at timestamptz not null default now());
    create type pgmq.message_record as (msg_id bigint, read_ct integer, enqueued_at timestamptz, vt timestamptz, message jsonb);
    create function pgmq.create(queue_name text) returns void language plpgsql as $f$
    begin
      execute format('create table if not exists pgmq.%I (msg_id bigint generated always as identity primary key, read_ct int default 0 not null, enqueued_at timestamptz default now() not null, vt timestamptz not null default now(), message jsonb)', 'q_' || queue_name);
      execute format('create table if not exists pgmq.%I (msg_id bigint primary key, read_ct int default 0 not null, enqueued_at timestamptz default now() not null, archived_at timestamptz default now() not null, vt timestamptz not null default now(), message jsonb)', 'a_' || queue_name);
      insert into pgmq.meta (queue_name) values (queue_name) on conflict do nothing;
    end $f$;
    create function pgmq.create_unlogged(queue_name text) returns void language sql as $f$ select pgmq.create(queue_name) $f$;
    create function pgmq.create_non_partitioned(queue_name text) returns void language sql as $f$ select pgmq.create(queue_name) $f$;
    create function pgmq.drop_queue(queue_name text) returns boolean language plpgsql as $f$
    begin
      execute format('drop table if exists pgmq.%I', 'q_' || queue_name); execute format('drop table if exists pgmq.%I', 'a_' || queue_name);
      delete from pgmq.meta m where m.queue_name = drop_queue.queue_name; return found;
    end $f$;
    create function pgmq.list_queues() returns setof pgmq.meta language sql as $f$ select * from pgmq.meta $f$;
    create function pgmq.send(queue_name text, msg jsonb, delay integer default 0) returns setof bigint language plpgsql as $f$
    begin return query execute format('insert into pgmq.%I (message) values ($1) returning msg_id', 'q_' || queue_name) using msg; end $f$;
    create function pgmq.read(queue_name text, vt integer, qty integer) returns setof pgmq.message_record language plpgsql as $f$
    begin return query execute format('select msg_id, read_ct, enqueued_at, vt, message from pgmq.%I limit $1', 'q_' || queue_name) using qty; end $f$;
    create function pgmq.delete(queue_name text, msg_id bigint) returns boolean language plpgsql as $f$
    begin execute format('delete from pgmq.%I where msg_id = $1', 'q_' || queue_name) using msg_id; return true; end $f$;
    create function pgmq.set_vt(queue_name text, msg_id bigint, vt integer) returns setof pgmq.message_record language plpgsql as $f$
    begin return query execute format('update pgmq.%I q set vt = clock_timestamp() + make_interval(secs => $2) where q.msg_id = $1 returning q.msg_id, q.read_ct, q.enqueued_at, q.vt, q.message', 'q_' || queue_name) using msg_id, vt; end $f$;
    create function pgmq.format_table_name(queue_name text, prefix text) returns text language sql immutable as $f$ select lower(prefix || '_' || queue_name) $f$;
    create function pgmq.send_batch(queue_name text, msgs jsonb[], delay integer default 0) returns setof bigint language plpgsql as $f$
    begin return query execute format('insert into pgmq.%I (message) select unnest($1) returning msg_id', 'q_' || queue_name) using msgs; end $f$;
    create function pgmq.read_with_poll(queue_name text, vt integer, qty integer, max_poll_seconds integer default 5, poll_interval_ms integer default 100, conditional jsonb default '{}') returns setof pgmq.message_record language sql as $f$ select * from pgmq.read(queue_name, vt, qty) $f$;
    create function pgmq.pop(queue_name text) returns setof pgmq.message_record language plpgsql as $f$
    begin return query execute format('delete from pgmq.%1$I where msg_id = (select min(msg_id) from pgmq.%1$I) returning msg_id, read_ct, enqueued_at, vt, message', 'q_' || queue_name); end $f$;
    create function pgmq.purge_queue(queue_name text) returns bigint language plpgsql as $f$
    declare n bigint; begin execute format('delete from pgmq.%I', 'q_' || queue_name); get diagnostics n = row_count; return n; end $f$;
    create function pgmq.archive(queue_name text, msg_ids bigint[]) returns setof bigint language plpgsql as $f$
    begin return query execute format('delete from pgmq.%I where msg_id = any ($1) returning msg_id', 'q_' || queue_name) using msg_ids; end $f$;
    create function pgmq.delete(queue_name text, msg_ids bigint[]) returns setof bigint language plpgsql as $f$
    begin return query execute format('delete from pgmq.%I where msg_id = any ($1) returning msg_id', 'q_' || queue_name) using msg_ids; end $f$;
    create function pgmq.archive(queue_name text, msg_id bigint) returns boolean language sql as $f$ select pgmq.delete(queue_name, msg_id) $f$;
  end if;
end $$;

-- 7i. vector: a type that stores its text form. Distances are zero; hnsw and
-- ivfflat are hash indexes under another name (the btree handler will not serve
-- here: its build insists on the real btree). They refuse WITH (lists = ...) and
-- WITH (m = ...): a harness should drop such storage parameters (an index that
-- is not unique never changes what a policy allows).
do $$ begin
  if exists (select 1 from pg_extension where extname = 'vector' and extversion = '0.0-stub') then
    create type extensions.vector;
    create function extensions.vector_in(cstring, oid, integer) returns extensions.vector language internal immutable strict as 'textin';
    create function extensions.vector_out(extensions.vector) returns cstring language internal immutable strict as 'textout';
    create function extensions.vector_typmod_in(cstring[]) returns integer language internal immutable strict as 'varchartypmodin';
    create function extensions.vector_typmod_out(integer) returns cstring language internal immutable strict as 'varchartypmodout';
    create type extensions.vector (input = extensions.vector_in, output = extensions.vector_out, typmod_in = extensions.vector_typmod_in, typmod_out = extensions.vector_typmod_out, internallength = variable, storage = extended, alignment = int4);
    create type extensions.halfvec;
    create function extensions.halfvec_in(cstring, oid, integer) returns extensions.halfvec language internal immutable strict as 'textin';
    create function extensions.halfvec_out(extensions.halfvec) returns cstring language internal immutable strict as 'textout';
    create type extensions.halfvec (input = extensions.halfvec_in, output = extensions.halfvec_out, typmod_in = extensions.vector_typmod_in, typmod_out = extensions.vector_typmod_out, internallength = variable, storage = extended, alignment = int4);
    create cast (extensions.vector as text) with inout as assignment;
    create cast (text as extensions.vector) with inout as assignment;
    create cast (double precision[] as extensions.vector) with inout as assignment;
    create cast (real[] as extensions.vector) with inout as assignment;
    create cast (extensions.vector as extensions.halfvec) with inout as implicit;
    create cast (extensions.halfvec as extensions.vector) with inout as implicit;
    declare ty text; op text; am text; suf text;
    begin
      foreach ty in array array['vector','halfvec'] loop
        execute format('create function extensions.%1$s_cmp(extensions.%1$s, extensions.%1$s) returns integer language internal immutable strict as ''bttextcmp''', ty);
        execute format('create function extensions.%1$s_distance(extensions.%1$s, extensions.%1$s) returns double precision language sql immutable as $q$ select 0::double precision $q$', ty);
        execute format('create function extensions.cosine_distance(extensions.%1$s, extensions.%1$s) returns double precision language sql immutable as $q$ select 0::double precision $q$', ty);
        execute format('create function extensions.l2_distance(extensions.%1$s, extensions.%1$s) returns double precision language sql immutable as $q$ select 0::double precision $q$', ty);
        execute format('create function extensions.inner_product(extensions.%1$s, extensions.%1$s) returns double precision language sql immutable as $q$ select 0::double precision $q$', ty);
        foreach op in array array['<->','<=>','<#>','<+>'] loop
          execute format('create operator extensions.%1$s (function = extensions.%2$s_distance, leftarg = extensions.%2$s, rightarg = extensions.%2$s)', op, ty);
        end loop;
        execute format('create function extensions.%1$s_hash(extensions.%1$s) returns integer language internal immutable strict as ''hashvarlena''', ty);
        execute format('create function extensions.%1$s_lt(extensions.%1$s, extensions.%1$s) returns boolean language internal immutable strict as ''text_lt''', ty);
        execute format('create function extensions.%1$s_eq(extensions.%1$s, extensions.%1$s) returns boolean language internal immutable strict as ''byteaeq''', ty);
        execute format('create operator extensions.< (function = extensions.%1$s_lt, leftarg = extensions.%1$s, rightarg = extensions.%1$s)', ty);
        execute format('create operator extensions.= (function = extensions.%1$s_eq, leftarg = extensions.%1$s, rightarg = extensions.%1$s)', ty);
      end loop;
      foreach am in array array['hnsw','ivfflat'] loop
        execute format('create access method %I type index handler hashhandler', am);
        foreach ty in array array['vector','halfvec'] loop
          foreach suf in array array['l2_ops','ip_ops','cosine_ops','l1_ops'] loop
            execute format('create operator class extensions.%1$s_%2$s for type extensions.%1$s using %3$I as operator 1 extensions.= , function 1 extensions.%1$s_hash(extensions.%1$s)', ty, suf, am);
          end loop;
        end loop;
      end loop;
    end;
    create function extensions.vector_dims(extensions.vector) returns integer language sql immutable as $f$ select 0 $f$;
    create function extensions.vector_norm(extensions.vector) returns double precision language sql immutable as $f$ select 0::double precision $f$;
  end if;
end $$;

-- 7j. pgroonga: full text indexes on text, as BRIN under another name (BRIN takes
-- several columns). Its operators (&@, &@~) always say false.
do $$ begin
  if exists (select 1 from pg_extension where extname = 'pgroonga' and extversion = '0.0-stub') then
    create access method pgroonga type index handler brinhandler;
    declare ty text; dflt text; oc text;
    begin
      foreach ty in array array['text','varchar'] loop
        foreach oc in array array['pgroonga_' || ty || '_full_text_search_ops_v2', 'pgroonga_' || ty || '_term_search_ops_v2', 'pgroonga_' || ty || '_ops'] loop
          dflt := case when ty = 'text' and oc like '%search_ops_v2' and oc like '%full_text%' then 'default' else '' end;
          execute format('create operator class extensions.%I %s for type %s using pgroonga as operator 1 < (text,text), operator 2 <= (text,text), operator 3 = (text,text), operator 4 >= (text,text), operator 5 > (text,text), function 1 (text,text) brin_minmax_opcinfo(internal), function 2 (text,text) brin_minmax_add_value(internal,internal,internal,internal), function 3 (text,text) brin_minmax_consistent(internal,internal,internal), function 4 (text,text) brin_minmax_union(internal,internal,internal)', oc, dflt, ty);
        end loop;
      end loop;
    end;
    create function extensions.pgroonga_match_stub(text, text) returns boolean language sql immutable as $f$ select false $f$;
    create operator extensions.&@ (function = extensions.pgroonga_match_stub, leftarg = text, rightarg = text);
    create operator extensions.&@~ (function = extensions.pgroonga_match_stub, leftarg = text, rightarg = text);
  end if;
end $$;

grant all on schema cron, dbdev, pgmq, pgtle to postgres;
grant all on all tables in schema cron, pgmq to postgres;
grant usage on schema pgmq to service_role;
grant execute on all functions in schema extensions to public;

---------------------------------------------------------------- 8. the CLI's own bookkeeping (some chains read or repair it)
create table if not exists supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
create table if not exists supabase_migrations.seed_files (path text primary key, hash text not null);

reset check_function_bodies;
reset client_min_messages;
