-- Each SECURITY DEFINER function: its answer made true, and each comparison in its body.
with functions as (
  select p.oid, n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as function,
         n.nspname || '.' || p.proname as short, pg_get_functiondef(p.oid) as definition, p.prosrc
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where n.nspname = any ($1) and p.prosecdef
), bodies as (
  select f.*, 'answers-true' as weakened, 'select true' as body from functions f
  union all
  select f.*, 'without-' || n, regexp_replace(prosrc, '[a-z_.]+ = (''[^'']*''|[a-z_.]+(\(\))?)', 'true', 1, n::integer)
    from functions f, lateral regexp_matches(prosrc, '[a-z_.]+ = (''[^'']*''|[a-z_.]+(\(\))?)', 'g') with ordinality as m (found, n)
)
select function || '/' || weakened as name, replace(definition, prosrc, body) as sql,
       array_append(array(
         select distinct n.nspname || '.' || c.relname
           from pg_depend d join pg_policy p on p.oid = d.objid join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
          where d.classid = 'pg_policy'::regclass and d.refclassid = 'pg_proc'::regclass and d.refobjid = bodies.oid), short) as objects,
       null as probe, null as shared,
       false as takes_away
  from bodies order by name
