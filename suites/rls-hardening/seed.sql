-- Three users, two chats of which the third is in neither. For every actor there is a row that it may reach and one that it may
-- not, in every relation where the contract draws that line.

insert into auth.users (id, email) values
  ('a0000000-0000-4000-8000-000000000001', 'ann@example.test'),
  ('b0000000-0000-4000-8000-000000000001', 'ben@example.test'),
  ('c0000000-0000-4000-8000-000000000001', 'cleo@example.test'),
  ('e0000000-0000-4000-8000-000000000001', 'spare@example.test');   -- nobody yet: who gets an account in probes

insert into accounts (id, display_name) values
  ('a0000000-0000-4000-8000-000000000001', 'Ann'),
  ('b0000000-0000-4000-8000-000000000001', 'Ben'),
  ('c0000000-0000-4000-8000-000000000001', 'Cleo');

-- Everybody has a public one and a private one.
insert into business_accounts (id, owner_id, name, is_public) values
  ('20000000-0000-4000-8000-00000000000a', 'a0000000-0000-4000-8000-000000000001', 'Bakery of Ann', true),
  ('20000000-0000-4000-8000-00000000001a', 'a0000000-0000-4000-8000-000000000001', 'Ann, undercover', false),
  ('20000000-0000-4000-8000-00000000000b', 'b0000000-0000-4000-8000-000000000001', 'Books of Ben', true),
  ('20000000-0000-4000-8000-00000000001b', 'b0000000-0000-4000-8000-000000000001', 'Ben, undercover', false),
  ('20000000-0000-4000-8000-00000000000c', 'c0000000-0000-4000-8000-000000000001', 'Cleaning by Cleo', true),
  ('20000000-0000-4000-8000-00000000001c', 'c0000000-0000-4000-8000-000000000001', 'Cleo, undercover', false);

insert into chats (id, title) values
  ('c0000000-0000-4000-8000-00000000000a', 'with ann alone'),
  ('c0000000-0000-4000-8000-00000000000b', 'with ben alone'),
  ('c0000000-0000-4000-8000-0000000000ab', 'of both');

insert into chat_participants (chat_id, user_id) values
  ('c0000000-0000-4000-8000-00000000000a', 'a0000000-0000-4000-8000-000000000001'),
  ('c0000000-0000-4000-8000-00000000000b', 'b0000000-0000-4000-8000-000000000001'),
  ('c0000000-0000-4000-8000-0000000000ab', 'a0000000-0000-4000-8000-000000000001'),
  ('c0000000-0000-4000-8000-0000000000ab', 'b0000000-0000-4000-8000-000000000001');

insert into chat_messages (id, chat_id, sender_id, body) values
  ('30000000-0000-4000-8000-00000000000a', 'c0000000-0000-4000-8000-00000000000a', 'a0000000-0000-4000-8000-000000000001', 'to myself'),
  ('30000000-0000-4000-8000-00000000000b', 'c0000000-0000-4000-8000-00000000000b', 'b0000000-0000-4000-8000-000000000001', 'to myself'),
  ('30000000-0000-4000-8000-0000000000ab', 'c0000000-0000-4000-8000-0000000000ab', 'a0000000-0000-4000-8000-000000000001', 'hello'),
  ('30000000-0000-4000-8000-0000000000ba', 'c0000000-0000-4000-8000-0000000000ab', 'b0000000-0000-4000-8000-000000000001', 'hello yourself');

insert into rate_limits (subject_hash, window_start, hits) values
  ('5ca1ab1e', '2025-10-12 02:00:00+00', 3),
  ('facade01', '2025-10-12 02:00:00+00', 59);

insert into app_settings (key, value) values ('project_ref', 'disposable');

-- Names that the policies accept in `avatars` and `chat-media` stand in another bucket as well: policies that forget the bucket
-- show there.
insert into storage.buckets (id, name, public) values ('exports', 'exports', false);
insert into storage.objects (id, bucket_id, name) values
  ('40000000-0000-4000-8000-00000000000a', 'avatars', 'a0000000-0000-4000-8000-000000000001.jpg'),
  ('40000000-0000-4000-8000-00000000000b', 'avatars', 'b0000000-0000-4000-8000-000000000001.jpg'),
  ('40000000-0000-4000-8000-00000000000c', 'avatars', 'c0000000-0000-4000-8000-000000000001.jpg'),
  ('40000000-0000-4000-8000-0000000000ca', 'chat-media', 'c0000000-0000-4000-8000-00000000000a/photo.png'),
  ('40000000-0000-4000-8000-0000000000cb', 'chat-media', 'c0000000-0000-4000-8000-00000000000b/photo.png'),
  ('40000000-0000-4000-8000-000000000cab', 'chat-media', 'c0000000-0000-4000-8000-0000000000ab/100% ours.mp4'),
  ('40000000-0000-4000-8000-0000000000ea', 'exports', 'a0000000-0000-4000-8000-000000000001.jpg'),
  ('40000000-0000-4000-8000-0000000000eb', 'exports', 'c0000000-0000-4000-8000-00000000000a/photo.png');
