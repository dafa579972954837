-- What `cinatra setup` makes of an empty database, in the version that brings revision 640: it holds the list of seven kinds
-- from the beginning. No revision of the chain; suites/tests/extension_access.rs holds the two ways equal.
create function cinatra.current_org() returns text language sql stable
  return nullif(current_setting('app.org_id', true), '');

create function cinatra.current_member() returns text language sql stable
  return nullif(current_setting('app.user_id', true), '');

create function cinatra.is_org_admin() returns boolean language sql stable
  return coalesce(current_setting('app.org_role', true), '') in ('admin', 'owner');

revoke execute on function cinatra.current_org(), cinatra.current_member(), cinatra.is_org_admin() from public;
grant execute on function cinatra.current_org(), cinatra.current_member(), cinatra.is_org_admin() to cinatra_app;
grant usage on schema cinatra to cinatra_app;

-- ── legacy: one row a connector and organization ────────────────────────────────────────────────────
create table cinatra.connector_access_policy (
  org_id      text        not null,
  package_id  text        not null,
  visibility  text        not null default 'admin',
  updated_by  text        not null,
  updated_at  timestamptz not null default now(),
  primary key (org_id, package_id),
  constraint connector_access_policy_visibility_check check (visibility in ('workspace', 'admin'))
);

-- ── canonical: what is installed, who may see it, who else owns it ──────────────────────────────────
create table cinatra.installed_extension (
  id               uuid        primary key default gen_random_uuid(),
  organization_id  text        not null,
  kind             text        not null,
  package_name     text        not null,
  owner_level      text        not null default 'organization',
  owner_id         text        not null,
  migrated_from    text,                     -- what a migration made, so that its rollback takes back that and no more
  created_at       timestamptz not null default now(),
  unique (organization_id, kind, package_name, owner_level, owner_id),
  unique (id, organization_id),
  constraint installed_extension_owner_level_check check (owner_level in ('organization', 'user'))
);

create table cinatra.extension_access_policy (
  organization_id  text        not null,
  resource_kind    text        not null,
  resource_id      uuid        not null,
  policy           jsonb       not null default '{}',
  migrated_from    text,
  created_at       timestamptz not null default now(),
  primary key (resource_kind, resource_id),
  foreign key (resource_id, organization_id)
    references cinatra.installed_extension (id, organization_id) on delete cascade,
  constraint extension_access_policy_kind_check_v2 check (resource_kind in
    ('connector', 'agent', 'skill', 'workflow', 'theme', 'data_source', 'mcp_server'))
);

create table cinatra.extension_co_owners (
  organization_id  text        not null,
  resource_kind    text        not null,
  resource_id      uuid        not null,
  user_id          text        not null,
  created_at       timestamptz not null default now(),
  primary key (resource_kind, resource_id, user_id),
  foreign key (resource_id, organization_id)
    references cinatra.installed_extension (id, organization_id) on delete cascade,
  constraint extension_co_owners_kind_check_v2 check (resource_kind in
    ('connector', 'agent', 'skill', 'workflow', 'theme', 'data_source', 'mcp_server'))
);

create index connector_access_policy_visibility_idx on cinatra.connector_access_policy (org_id, visibility);
create index extension_access_policy_organization_idx on cinatra.extension_access_policy (organization_id, resource_kind);
create index extension_co_owners_organization_idx on cinatra.extension_co_owners (organization_id);

-- ── row security: members see what is for the workspace, admins what is their organization's ────────
alter table cinatra.connector_access_policy enable row level security;
alter table cinatra.installed_extension     enable row level security;
alter table cinatra.extension_access_policy enable row level security;
alter table cinatra.extension_co_owners     enable row level security;

create policy connector_access_policy_member_select on cinatra.connector_access_policy for select to cinatra_app
  using (org_id = cinatra.current_org() and visibility = 'workspace');
create policy connector_access_policy_admin_all on cinatra.connector_access_policy for all to cinatra_app
  using (org_id = cinatra.current_org() and cinatra.is_org_admin())
  with check (org_id = cinatra.current_org() and cinatra.is_org_admin());

create policy extension_access_policy_member_select on cinatra.extension_access_policy for select to cinatra_app
  using (organization_id = cinatra.current_org() and policy ->> 'runDataVisibility' = 'workspace');
create policy extension_access_policy_admin_all on cinatra.extension_access_policy for all to cinatra_app
  using (organization_id = cinatra.current_org() and cinatra.is_org_admin())
  with check (organization_id = cinatra.current_org() and cinatra.is_org_admin());

-- Reads the access policies under the policies of whoever asks, so it shows nothing that they hide.
create policy installed_extension_member_select on cinatra.installed_extension for select to cinatra_app
  using (organization_id = cinatra.current_org() and exists (
    select from cinatra.extension_access_policy p
     where p.resource_kind = installed_extension.kind and p.resource_id = installed_extension.id
       and p.policy ->> 'runDataVisibility' = 'workspace'));
create policy installed_extension_admin_all on cinatra.installed_extension for all to cinatra_app
  using (organization_id = cinatra.current_org() and cinatra.is_org_admin())
  with check (organization_id = cinatra.current_org() and cinatra.is_org_admin());

create policy extension_co_owners_own_select on cinatra.extension_co_owners for select to cinatra_app
  using (organization_id = cinatra.current_org() and user_id = cinatra.current_member());
create policy extension_co_owners_admin_all on cinatra.extension_co_owners for all to cinatra_app
  using (organization_id = cinatra.current_org() and cinatra.is_org_admin())
  with check (organization_id = cinatra.current_org() and cinatra.is_org_admin());

grant select, insert, update, delete on
  cinatra.connector_access_policy, cinatra.installed_extension, cinatra.extension_access_policy, cinatra.extension_co_owners
  to cinatra_app;

-- ── what /connectors shows: canonical, and legacy where an organization has no canonical row at all ──
-- Whether it has one is asked without row security: a row that a member may not see is there all the same, and a
-- fallback that took "hidden" for "absent" would show what the canonical model hides.
create function cinatra.has_canonical_connector(org text, package text) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp
  return org = cinatra.current_org() and exists (
    select from cinatra.installed_extension ie
      join cinatra.extension_access_policy p on p.resource_kind = 'connector' and p.resource_id = ie.id
     where ie.organization_id = org and ie.kind = 'connector' and ie.package_name = package
       and ie.owner_level = 'organization' and ie.owner_id = org);
revoke execute on function cinatra.has_canonical_connector(text, text) from public;
grant execute on function cinatra.has_canonical_connector(text, text) to cinatra_app;

create view cinatra.visible_connectors with (security_invoker = true, security_barrier = true) as
  select ie.organization_id as org_id, ie.package_name as package_id, p.policy ->> 'runDataVisibility' as visibility,
         'canonical'::text as origin
    from cinatra.installed_extension ie
    join cinatra.extension_access_policy p on p.resource_kind = 'connector' and p.resource_id = ie.id
   where ie.kind = 'connector' and ie.owner_level = 'organization' and ie.owner_id = ie.organization_id
  union all
  select l.org_id, l.package_id, l.visibility, 'legacy'::text
    from cinatra.connector_access_policy l
   where l.org_id = cinatra.current_org() and not cinatra.has_canonical_connector(l.org_id, l.package_id);
grant select on cinatra.visible_connectors to cinatra_app;
