-- Connectors: workspace-isolated connectors, their executions and credentials, the template marketplace and its staff.
--
-- "Key Fields" of the document are the columns below. Beyond them stand only the columns that its own indexes, triggers and
-- functions need: created_at (idx_connector_executions_created), updated_at (the three triggers), last_executed_at
-- (increment_connector_stats writes it, no field list has it).

-- ── tables ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
create table public.connectors (
  id                    uuid primary key default gen_random_uuid(),
  workspace_id          text not null references public.workspaces (id) on delete cascade,
  name                  varchar(255) not null,
  description           text,
  icon                  text,
  category              varchar(100),
  type                  text not null default 'single-step',
  config                jsonb not null default '{}',
  input_schema          jsonb not null default '[]',
  field_mappings        jsonb not null default '[]',
  enabled               boolean not null default true,
  timeout_ms            integer not null default 30000,
  max_retries           integer not null default 3,
  continue_on_error     boolean not null default false,
  total_executions      integer not null default 0,
  successful_executions integer not null default 0,
  failed_executions     integer not null default 0,
  last_executed_at      timestamptz,
  -- A record of origin, "link" and not "foreign key" in the document. A foreign key would let any member find out which private
  -- templates exist, and would have a template's deletion either write into the workspaces that installed it or be blocked by them.
  created_from_template uuid,
  created_at            timestamptz not null default now(),
  updated_at            timestamptz not null default now(),
  constraint connectors_type_check check (type in ('single-step', 'multi-step')),
  -- For the executions to point at: an id together with its workspace.
  constraint connectors_id_workspace_id_key unique (id, workspace_id)
);

-- The same for contacts. An index, for adding a constraint would lock out the readers of a table that is in use.
create unique index contacts_id_workspace_id_key on public.contacts (id, workspace_id);

create table public.connector_executions (
  id                uuid primary key default gen_random_uuid(),
  connector_id      uuid not null,
  workspace_id      text not null references public.workspaces (id) on delete cascade,
  contact_id        uuid,
  flow_run_id       uuid,   -- flow runs are kept outside of this database
  status            text not null default 'pending',
  steps_executed    jsonb not null default '[]',
  current_step      integer not null default 0,
  input_data        jsonb,
  output_data       jsonb,
  error_message     text,
  execution_time_ms integer,
  trigger_run_id    text,
  created_at        timestamptz not null default now(),
  constraint connector_executions_status_check
    check (status in ('pending', 'running', 'success', 'failed', 'timeout', 'cancelled')),
  -- With the workspace in the key an execution cannot point at another workspace's connector or contact. A foreign key, not a
  -- policy: executions are written by service_role, which no policy holds. A contact takes its executions along, since their
  -- input and output are the contact's data.
  constraint connector_executions_connector_fkey
    foreign key (connector_id, workspace_id) references public.connectors (id, workspace_id) on delete cascade,
  constraint connector_executions_contact_fkey
    foreign key (contact_id, workspace_id) references public.contacts (id, workspace_id) on delete cascade
);

create table public.connector_templates (
  id             uuid primary key default gen_random_uuid(),
  name           varchar(255) not null,
  description    text,
  icon           text,
  category       varchar(100),
  config         jsonb not null default '{}',
  input_schema   jsonb not null default '[]',
  field_mappings jsonb not null default '[]',
  is_official    boolean not null default false,
  is_featured    boolean not null default false,
  is_public      boolean not null default false,
  usage_count    integer not null default 0,
  install_count  integer not null default 0,
  rating         numeric(3, 2) not null default 0,
  rating_count   integer not null default 0,
  tags           text[] not null default '{}',
  published_by   uuid default auth.uid() references auth.users (id) on delete set null,
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  constraint connector_templates_name_key unique (name)
);

create table public.workspace_api_credentials (
  id           uuid primary key default gen_random_uuid(),
  workspace_id text not null references public.workspaces (id) on delete cascade,
  service_name varchar(100) not null,
  credentials  jsonb not null,
  created_by   uuid default auth.uid() references auth.users (id) on delete set null,
  last_used_at timestamptz,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  constraint workspace_api_credentials_workspace_id_service_name_key unique (workspace_id, service_name)
);

create table public.saas_admin_users (
  id          uuid primary key default gen_random_uuid(),
  user_id     uuid not null references auth.users (id) on delete cascade,
  role        text not null default 'developer',
  permissions jsonb not null default '{}',
  created_by  uuid default auth.uid() references auth.users (id) on delete set null,
  created_at  timestamptz not null default now(),
  constraint saas_admin_users_user_id_key unique (user_id),
  constraint saas_admin_users_role_check check (role in ('developer', 'admin', 'owner'))
);

-- ── indexes: nine by name; the document's sum says eight ──────────────────────────────────────────────────────────────────
create index idx_connectors_workspace on public.connectors (workspace_id);
create index idx_connectors_category  on public.connectors (category);
create index idx_connectors_enabled   on public.connectors (enabled) where enabled;
create index idx_connectors_type      on public.connectors (type);

create index idx_connector_executions_connector on public.connector_executions (connector_id);
create index idx_connector_executions_workspace on public.connector_executions (workspace_id);
create index idx_connector_executions_status    on public.connector_executions (status);
create index idx_connector_executions_created   on public.connector_executions (created_at desc);

create index idx_workspace_api_credentials_workspace on public.workspace_api_credentials (workspace_id);

-- ── who is staff: SECURITY DEFINER, because a policy of saas_admin_users that reads saas_admin_users recurses (42P17) ─────
create function private.is_saas_admin() returns boolean
  language sql stable security definer
  set search_path = pg_catalog, pg_temp
as $$
  select exists (select 1 from public.saas_admin_users a where a.user_id = auth.uid())
$$;

create function private.is_saas_owner() returns boolean
  language sql stable security definer
  set search_path = pg_catalog, pg_temp
as $$
  select exists (select 1 from public.saas_admin_users a where a.user_id = auth.uid() and a.role = 'owner')
$$;

revoke all on function private.is_saas_admin(), private.is_saas_owner() from public;
grant execute on function private.is_saas_admin(), private.is_saas_owner() to authenticated;
-- public_templates_viewable is asked for anon too; without a user the answer is no.
grant execute on function private.is_saas_admin() to anon;

-- ── the document's two functions ──────────────────────────────────────────────────────────────────────────────────────────
-- SECURITY INVOKER: the caller's own policies say which connectors it may count for, so there is no check to forget, and
-- service_role, whose calls carry no user, needs no exception in it.
create function public.increment_connector_stats(p_connector_id uuid, p_success boolean) returns void
  language sql volatile security invoker
  set search_path = pg_catalog, pg_temp
as $$
  update public.connectors
     set total_executions      = total_executions + 1,
         successful_executions = successful_executions + case when p_success then 1 else 0 end,
         failed_executions     = failed_executions + case when p_success then 0 else 1 end,
         last_executed_at      = now(),
         updated_at            = now()
   where id = p_connector_id
$$;
revoke all on function public.increment_connector_stats(uuid, boolean) from public, anon, authenticated, service_role;
grant execute on function public.increment_connector_stats(uuid, boolean) to authenticated, service_role;

-- Plain CREATE: the name is a common one, and replacing another feature's function here would let the rollback drop it.
create function public.update_updated_at_column() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  new.updated_at := now();
  return new;
end
$$;
revoke all on function public.update_updated_at_column() from public, anon, authenticated, service_role;

create trigger update_connectors_updated_at before update on public.connectors
  for each row execute function public.update_updated_at_column();
create trigger update_connector_templates_updated_at before update on public.connector_templates
  for each row execute function public.update_updated_at_column();
create trigger update_workspace_api_credentials_updated_at before update on public.workspace_api_credentials
  for each row execute function public.update_updated_at_column();

-- ── policies: the fourteen that the document names; its sum says fifteen ──────────────────────────────────────────────────
alter table public.connectors                enable row level security;
alter table public.connector_executions      enable row level security;
alter table public.connector_templates       enable row level security;
alter table public.workspace_api_credentials enable row level security;
alter table public.saas_admin_users          enable row level security;

create policy workspace_isolation_select on public.connectors
  for select to authenticated
  using (private.is_workspace_member(workspace_id));
create policy workspace_isolation_insert on public.connectors
  for insert to authenticated
  with check (private.is_workspace_member(workspace_id));
create policy workspace_isolation_update on public.connectors
  for update to authenticated
  using (private.is_workspace_member(workspace_id))
  with check (private.is_workspace_member(workspace_id));
create policy workspace_isolation_delete on public.connectors
  for delete to authenticated
  using (private.is_workspace_member(workspace_id));

create policy executions_workspace_isolation on public.connector_executions
  for select to authenticated
  using (private.is_workspace_member(workspace_id));
-- Says who writes executions; on this platform service_role has BYPASSRLS and is not asked.
create policy service_role_executions on public.connector_executions
  for all to service_role
  using (true)
  with check (true);

-- Besides the public templates: authors see their own, and staff the official ones, for PostgreSQL lets nobody update or delete
-- by a condition what they cannot see, and the policies below would be dead letters for what is not published yet.
create policy public_templates_viewable on public.connector_templates
  for select to anon, authenticated
  using (is_public or published_by = auth.uid() or (is_official and private.is_saas_admin()));
-- The only INSERT policy of the list. The community templates that users create, by the milestone, have none; a policy that
-- nobody wrote down is not invented here, so they are refused, and the suite keeps the contradiction as a known exception.
create policy admins_create_official on public.connector_templates
  for insert to authenticated
  with check (is_official and published_by = auth.uid() and private.is_saas_admin());
-- "Only admins can feature/moderate": an author can set neither flag, and does not touch what carries one, or a template could
-- be exchanged after it was looked at. Policies add up, so the same must hold before and after.
create policy users_update_own_templates on public.connector_templates
  for update to authenticated
  using (published_by = auth.uid() and not is_official and not is_featured)
  with check (published_by = auth.uid() and not is_official and not is_featured);
create policy admins_update_official on public.connector_templates
  for update to authenticated
  using (is_official and private.is_saas_admin())
  with check (is_official and private.is_saas_admin());
create policy admins_delete_official on public.connector_templates
  for delete to authenticated
  using (is_official and private.is_saas_admin());

create policy credentials_workspace_isolation on public.workspace_api_credentials
  for all to authenticated
  using (private.is_workspace_member(workspace_id))
  with check (private.is_workspace_member(workspace_id));

create policy admins_view_admins on public.saas_admin_users
  for select to authenticated
  using (private.is_saas_admin());
create policy owners_manage_admins on public.saas_admin_users
  for all to authenticated
  using (private.is_saas_owner())
  with check (private.is_saas_owner());

-- ── privileges: the platform's defaults taken back, then what is needed ───────────────────────────────────────────────────
revoke all on public.connectors, public.connector_executions, public.connector_templates,
              public.workspace_api_credentials, public.saas_admin_users
  from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.connectors, public.connector_executions, public.connector_templates,
                                        public.workspace_api_credentials, public.saas_admin_users
  to service_role;

grant select, insert, update, delete on public.connectors to authenticated;

grant select on public.connector_executions to authenticated;

-- Counts and ratings come from the service alone, and a template does not change its author.
grant select on public.connector_templates to anon, authenticated;
grant delete on public.connector_templates to authenticated;
grant insert (name, description, icon, category, config, input_schema, field_mappings,
              is_official, is_featured, is_public, tags, published_by)
  on public.connector_templates to authenticated;
grant update (name, description, icon, category, config, input_schema, field_mappings,
              is_official, is_featured, is_public, tags)
  on public.connector_templates to authenticated;

-- Members set, replace and remove a secret; only the service reads one ("never exposed in API responses", "decrypted only during
-- execution"). Who added it and when it was used are records, so neither is theirs to write.
grant select (id, workspace_id, service_name, created_by, last_used_at, created_at, updated_at)
  on public.workspace_api_credentials to authenticated;
grant insert (workspace_id, service_name, credentials) on public.workspace_api_credentials to authenticated;
grant update (service_name, credentials) on public.workspace_api_credentials to authenticated;
grant delete on public.workspace_api_credentials to authenticated;

-- created_by is the audit trail of who granted access: it comes from the token.
grant select, delete on public.saas_admin_users to authenticated;
grant insert (user_id, role, permissions) on public.saas_admin_users to authenticated;
grant update (role, permissions) on public.saas_admin_users to authenticated;
