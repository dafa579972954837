select pg_advisory_xact_lock(42);
insert into shop.grants (org, package, level, made_by)
select o.org, o.package, case o.level when 'workspace' then 'everyone' when 'admin' then 'admins' end, 'move'
  from shop.old_grants o
 where not exists (select from shop.grants g where g.org = o.org and g.package = o.package and g.made_by = 'move');
-- Long enough to be killed in.
select pg_sleep(0.05);
