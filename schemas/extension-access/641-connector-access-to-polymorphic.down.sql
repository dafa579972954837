-- Additive rollback: takes back what the backfill made and nothing else; the legacy table was never touched. An install that
-- somebody has given co-owners or an access policy of their own since then is theirs, and stays.
delete from cinatra.extension_access_policy where migrated_from = 'connector_access_policy';
delete from cinatra.installed_extension ie
 where ie.migrated_from = 'connector_access_policy'
   and not exists (select from cinatra.extension_access_policy p where p.resource_id = ie.id)
   and not exists (select from cinatra.extension_co_owners o where o.resource_id = ie.id);
