-- The follow-up, once production is verified: the view loses its fallback branch, and the legacy table goes.
create or replace view cinatra.visible_connectors with (security_invoker = true, security_barrier = true) as
  select ie.organization_id as org_id, ie.package_name as package_id, p.policy ->> 'runDataVisibility' as visibility,
         'canonical'::text as origin
    from cinatra.installed_extension ie
    join cinatra.extension_access_policy p on p.resource_kind = 'connector' and p.resource_id = ie.id
   where ie.kind = 'connector' and ie.owner_level = 'organization' and ie.owner_id = ie.organization_id;
drop function cinatra.has_canonical_connector(text, text);
drop table cinatra.connector_access_policy;
