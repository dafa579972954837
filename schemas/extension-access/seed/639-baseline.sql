-- Rows as the old version left them: connectors in the legacy table, everything else in the polymorphic model.
insert into connector_access_policy (org_id, package_id, visibility, updated_by) values
  ('org_a', 'hubspot', 'workspace', 'u_abel'),
  ('org_a', 'slack',   'workspace', 'u_abel'),
  ('org_a', 'stripe',  'admin',     'u_abel'),
  ('org_b', 'slack',   'workspace', 'u_bria'),
  ('org_b', 'stripe',  'admin',     'u_bria'),
  ('org_c', 'hubspot', 'workspace', 'u_cora');

insert into installed_extension (id, organization_id, kind, package_name, owner_level, owner_id) values
  ('a1000000-0000-4000-8000-000000000001', 'org_a', 'agent', 'researcher', 'organization', 'org_a'),
  ('a1000000-0000-4000-8000-000000000002', 'org_a', 'skill', 'summarise',  'user',         'u_mia'),
  ('b1000000-0000-4000-8000-000000000001', 'org_b', 'agent', 'researcher', 'organization', 'org_b'),
  ('c1000000-0000-4000-8000-000000000001', 'org_c', 'workflow', 'onboarding', 'organization', 'org_c');

insert into extension_access_policy (organization_id, resource_kind, resource_id, policy) values
  ('org_a', 'agent', 'a1000000-0000-4000-8000-000000000001', '{"runDataVisibility": "workspace"}'),
  ('org_a', 'skill', 'a1000000-0000-4000-8000-000000000002', '{"runDataVisibility": "admin"}'),
  ('org_b', 'agent', 'b1000000-0000-4000-8000-000000000001', '{"runDataVisibility": "workspace"}'),
  ('org_c', 'workflow', 'c1000000-0000-4000-8000-000000000001', '{"runDataVisibility": "admin"}');

insert into extension_co_owners (organization_id, resource_kind, resource_id, user_id) values
  ('org_a', 'agent', 'a1000000-0000-4000-8000-000000000001', 'u_mia'),
  ('org_a', 'skill', 'a1000000-0000-4000-8000-000000000002', 'u_abel'),
  ('org_b', 'agent', 'b1000000-0000-4000-8000-000000000001', 'u_bob'),
  ('org_c', 'workflow', 'c1000000-0000-4000-8000-000000000001', 'u_cleo');
