-- Each table: row security off, an open policy for anon with its grant, TRUNCATE, and every column that a role lacks.
-- What is granted on one relation gives nothing on another, so grants on different relations may share a run.
with tables as (
  select n.nspname || '.' || c.relname as relation, c.oid, c.oid::regclass as target, c.relrowsecurity
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = any ($1) and c.relkind in ('r', 'p')
), weakenings as (
  select relation, 'rls-off' as weakened, format('alter table %s disable row level security', target) as sql,
         null as probe, null as shared
    from tables where relrowsecurity
  union all
  select relation, 'open-to-anon-for-' || command,
         format('create policy open on %1$s for %2$s to anon %3$s; grant %2$s on %1$s to anon', target, command, condition),
         null, 'open for ' || command
    from tables, (values ('select', 'using (true)'), ('insert', 'with check (true)'), ('update', 'using (true)'), ('delete', 'using (true)')) as c (command, condition)
  union all
  select relation, 'truncate-to-' || role, format('grant truncate on %s to %I', target, role), null, 'truncate to ' || role
    from tables, unnest(array['anon', 'authenticated', 'service_role']) as role
   where not has_table_privilege(role, oid, 'truncate')
  union all
  select relation, command || '-of-' || attname || '-to-authenticated', format('grant %s (%I) on %s to authenticated', command, attname, target),
         'column.' || attname, 'column ' || row_number() over (partition by oid order by attnum, command)
    from tables join pg_attribute on attrelid = oid, unnest(array['select', 'insert', 'update']) as command
   where attnum > 0 and not attisdropped and not has_column_privilege('authenticated', oid, attnum, command)
)
select relation || '/' || weakened as name, sql, array[relation] as objects, probe, shared, false as takes_away
  from weakenings order by name
