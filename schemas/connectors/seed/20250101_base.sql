-- Rows that the connectors' revision meets: it must apply where the application is in use, and its locks are told over them.
insert into auth.users (id, email) values
  ('a0000000-0000-4000-8000-000000000001', 'ann@example.test'),
  ('b0000000-0000-4000-8000-000000000001', 'bea@example.test');

insert into public.workspaces (id, name) values ('ws_a', 'Workspace A'), ('ws_b', 'Workspace B');

insert into public.workspace_members (workspace_id, user_id) values
  ('ws_a', 'a0000000-0000-4000-8000-000000000001'),
  ('ws_b', 'b0000000-0000-4000-8000-000000000001');

insert into public.contacts (id, workspace_id, name, email) values
  ('20000000-0000-4000-8000-00000000000a', 'ws_a', 'Alma', 'alma@example.test'),
  ('20000000-0000-4000-8000-00000000000b', 'ws_b', 'Bert', 'bert@example.test');
