-- Two workspaces and the people around them. For every actor there is a row that it may reach and one that it may not, in
-- every relation where the contract draws that line.

insert into auth.users (id, email) values
  ('a0000000-0000-4000-8000-000000000001', 'ann@example.test'),
  ('a0000000-0000-4000-8000-000000000002', 'abe@example.test'),
  ('b0000000-0000-4000-8000-000000000001', 'bea@example.test'),
  ('c0000000-0000-4000-8000-000000000001', 'stranger@example.test'),
  ('d0000000-0000-4000-8000-000000000001', 'dev@example.test'),
  ('d0000000-0000-4000-8000-000000000002', 'admin@example.test'),
  ('d0000000-0000-4000-8000-000000000003', 'owner@example.test'),
  ('e0000000-0000-4000-8000-000000000001', 'spare@example.test');   -- nobody yet: who is made a member or an admin in probes

insert into workspaces (id, name) values ('ws_a', 'Workspace A'), ('ws_b', 'Workspace B');

insert into workspace_members (workspace_id, user_id) values
  ('ws_a', 'a0000000-0000-4000-8000-000000000001'),
  ('ws_a', 'a0000000-0000-4000-8000-000000000002'),
  ('ws_b', 'b0000000-0000-4000-8000-000000000001');

insert into contacts (id, workspace_id, name, email) values
  ('20000000-0000-4000-8000-00000000000a', 'ws_a', 'Alma', 'alma@example.test'),
  ('20000000-0000-4000-8000-00000000001a', 'ws_a', 'Arno', 'arno@example.test'),
  ('20000000-0000-4000-8000-00000000000b', 'ws_b', 'Bert', 'bert@example.test');

insert into connector_templates (id, name, category, config, is_official, is_featured, is_public, published_by) values
  ('70000000-0000-4000-8000-000000000001', 'official-public', 'crm', '{"steps": [{"url": "https://api.example.test/a"}]}', true, true, true, 'd0000000-0000-4000-8000-000000000002'),
  ('70000000-0000-4000-8000-000000000002', 'official-draft', 'crm', '{"steps": [{}, {}]}', true, false, false, 'd0000000-0000-4000-8000-000000000001'),
  ('70000000-0000-4000-8000-000000000003', 'official-of-owner', 'enrichment', '{"steps": [{}]}', true, false, true, 'd0000000-0000-4000-8000-000000000003'),
  ('70000000-0000-4000-8000-00000000000a', 'community-of-ann', 'crm', '{"steps": [{}]}', false, false, true, 'a0000000-0000-4000-8000-000000000001'),
  ('70000000-0000-4000-8000-00000000001a', 'private-of-ann', 'crm', '{"steps": [{}]}', false, false, false, 'a0000000-0000-4000-8000-000000000001'),
  ('70000000-0000-4000-8000-00000000002a', 'featured-of-ann', 'crm', '{"steps": [{}]}', false, true, true, 'a0000000-0000-4000-8000-000000000001'),
  ('70000000-0000-4000-8000-00000000003a', 'official-of-ann', 'crm', '{"steps": [{}]}', true, false, true, 'a0000000-0000-4000-8000-000000000001'),   -- from when ann was staff
  ('70000000-0000-4000-8000-00000000004a', 'private-of-abe', 'crm', '{"steps": [{}]}', false, false, false, 'a0000000-0000-4000-8000-000000000002'),
  ('70000000-0000-4000-8000-00000000000b', 'private-of-bea', 'crm', '{"steps": [{}]}', false, false, false, 'b0000000-0000-4000-8000-000000000001'),
  ('70000000-0000-4000-8000-00000000000c', 'private-of-stranger', 'crm', '{"steps": [{}]}', false, false, false, 'c0000000-0000-4000-8000-000000000001'),
  ('70000000-0000-4000-8000-00000000001d', 'private-of-dev', 'crm', '{"steps": [{}]}', false, false, false, 'd0000000-0000-4000-8000-000000000001'),
  ('70000000-0000-4000-8000-00000000002d', 'private-of-admin', 'crm', '{"steps": [{}]}', false, false, false, 'd0000000-0000-4000-8000-000000000002'),
  ('70000000-0000-4000-8000-00000000003d', 'private-of-owner', 'crm', '{"steps": [{}]}', false, false, false, 'd0000000-0000-4000-8000-000000000003');

insert into connectors (id, workspace_id, name, category, type, created_from_template) values
  ('10000000-0000-4000-8000-00000000000a', 'ws_a', 'Hubspot of A', 'crm', 'single-step', '70000000-0000-4000-8000-000000000001'),
  ('10000000-0000-4000-8000-00000000001a', 'ws_a', 'Enrichment of A', 'enrichment', 'multi-step', null),
  ('10000000-0000-4000-8000-00000000000b', 'ws_b', 'Hubspot of B', 'crm', 'single-step', '70000000-0000-4000-8000-000000000001'),
  ('10000000-0000-4000-8000-00000000001b', 'ws_b', 'Clearbit of B', 'enrichment', 'single-step', null);

insert into connector_executions (id, connector_id, workspace_id, contact_id, status, trigger_run_id) values
  ('30000000-0000-4000-8000-00000000000a', '10000000-0000-4000-8000-00000000000a', 'ws_a', '20000000-0000-4000-8000-00000000000a', 'success', 'run_a1'),
  ('30000000-0000-4000-8000-00000000001a', '10000000-0000-4000-8000-00000000001a', 'ws_a', null, 'failed', 'run_a2'),
  ('30000000-0000-4000-8000-00000000000b', '10000000-0000-4000-8000-00000000000b', 'ws_b', '20000000-0000-4000-8000-00000000000b', 'pending', 'run_b1');

-- `credentials` holds what the application encrypted; these are not secrets.
insert into workspace_api_credentials (id, workspace_id, service_name, credentials, created_by) values
  ('40000000-0000-4000-8000-00000000000a', 'ws_a', 'hubspot', '{"ciphertext": "a"}', 'a0000000-0000-4000-8000-000000000001'),
  ('40000000-0000-4000-8000-00000000001a', 'ws_a', 'clearbit', '{"ciphertext": "a"}', 'a0000000-0000-4000-8000-000000000002'),
  ('40000000-0000-4000-8000-00000000000b', 'ws_b', 'hubspot', '{"ciphertext": "b"}', 'b0000000-0000-4000-8000-000000000001');

insert into saas_admin_users (id, user_id, role, created_by) values
  ('50000000-0000-4000-8000-000000000001', 'd0000000-0000-4000-8000-000000000001', 'developer', 'd0000000-0000-4000-8000-000000000003'),
  ('50000000-0000-4000-8000-000000000002', 'd0000000-0000-4000-8000-000000000002', 'admin', 'd0000000-0000-4000-8000-000000000003'),
  ('50000000-0000-4000-8000-000000000003', 'd0000000-0000-4000-8000-000000000003', 'owner', null);
