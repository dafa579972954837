insert into shop.old_grants values ('b', 'late-' || gen_random_uuid(), 'workspace');
