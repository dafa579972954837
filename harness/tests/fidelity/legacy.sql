insert into shop.old_grants values
    ('a', 'x', 'workspace'), ('a', 'y', 'admin'), ('b', 'x', 'workspace'), ('b', 'z', 'admin'), ('c', 'x', 'workspace'), ('c', 'n', null);
insert into shop.grants (org, package, level, made_by) values ('b', 'own', 'admins', 'app');
