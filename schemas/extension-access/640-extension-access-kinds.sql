-- Step 1 of the runbook: the broadened list of kinds, under a name of its own on both tables; a re-run is a no-op.
-- The store's setup ships the same constraint (suites/tests/extension_access.rs holds the two ways equal).
do $$
declare
  kinds constant text := $list$('connector', 'agent', 'skill', 'workflow', 'theme', 'data_source', 'mcp_server')$list$;
  name text;
begin
  foreach name in array array['extension_access_policy', 'extension_co_owners'] loop
    if not exists (select from pg_catalog.pg_constraint
                    where conrelid = format('cinatra.%I', name)::regclass and conname = name || '_kind_check_v2') then
      execute format('alter table cinatra.%I add constraint %I check (resource_kind in %s)',
                     name, name || '_kind_check_v2', kinds);
      execute format('alter table cinatra.%I drop constraint if exists %I', name, name || '_kind_check');
    end if;
  end loop;
end
$$;
