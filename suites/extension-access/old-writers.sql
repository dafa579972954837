-- The version before the move, still running: it adds a connector, changes one, and takes one away.
insert into connector_access_policy (org_id, package_id, visibility, updated_by)
values ('org_b', 'late-' || gen_random_uuid(), 'workspace', 'u_bria');
update connector_access_policy set visibility = 'admin', updated_at = now() where org_id = 'org_a' and package_id = 'slack';
delete from connector_access_policy where org_id = 'org_b' and package_id like 'late-%' and updated_at < now() - interval '1 second';
