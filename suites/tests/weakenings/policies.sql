-- Each policy: its conditions made true, its roles everybody, itself dropped.
with policies as (
  select n.nspname || '.' || c.relname as relation, c.oid::regclass as target, p.polname, p.polcmd, p.polpermissive,
         p.polroles, pg_get_expr(p.polqual, p.polrelid) as qual, pg_get_expr(p.polwithcheck, p.polrelid) as checked
    from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = any ($1)
)
select relation || '/' || polname || '/' || weakened as name,
       case weakened when 'dropped' then format('drop policy %I on %s', polname, target)
                     else format('alter policy %I on %s ', polname, target) || change end as sql,
       array[relation] as objects, null as probe, null as shared,
       weakened = 'dropped' and polpermissive as takes_away
  from policies, lateral (values
         ('using-true', 'using (true)', qual <> 'true'),
         ('check-true', 'with check (true)', polcmd in ('a', 'w', '*') and coalesce(checked, '') <> 'true'),
         ('to-public', 'to public', polroles <> '{0}'),
         ('dropped', '', true)) as w (weakened, change, applies)
 where applies
 order by name
