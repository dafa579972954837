-- Rows that the hardening meets: its locks are told over them.
insert into auth.users (id, email) values
  ('a0000000-0000-4000-8000-000000000001', 'ann@example.test'),
  ('b0000000-0000-4000-8000-000000000001', 'ben@example.test');

insert into public.accounts (id, display_name) values
  ('a0000000-0000-4000-8000-000000000001', 'Ann'),
  ('b0000000-0000-4000-8000-000000000001', 'Ben');

insert into public.business_accounts (id, owner_id, name) values
  ('20000000-0000-4000-8000-00000000000a', 'a0000000-0000-4000-8000-000000000001', 'Bakery of Ann'),
  ('20000000-0000-4000-8000-00000000000b', 'b0000000-0000-4000-8000-000000000001', 'Books of Ben');

insert into public.chats (id, title) values ('c0000000-0000-4000-8000-0000000000ab', 'of both');

insert into public.chat_participants (chat_id, user_id) values
  ('c0000000-0000-4000-8000-0000000000ab', 'a0000000-0000-4000-8000-000000000001'),
  ('c0000000-0000-4000-8000-0000000000ab', 'b0000000-0000-4000-8000-000000000001');

insert into public.chat_messages (chat_id, sender_id, body) values
  ('c0000000-0000-4000-8000-0000000000ab', 'a0000000-0000-4000-8000-000000000001', 'hello');

insert into public.rate_limits (subject_hash, window_start) values ('f00d', '2026-01-01 00:00:00+00');
