-- The document's rollback in its own order, with three corrections.
--
-- 1. No CASCADE: the order respects the foreign keys as it is, so CASCADE could only take away, without a word, what others have
--    built on these tables meanwhile. Their dependents stop the rollback instead.
-- 2. It leaves behind what it does not list: the functions that the policies call, and the index added to contacts.
-- 3. No IF EXISTS: something missing means that this is not the schema to roll back. And update_updated_at_column() may have come
--    to serve another feature: PostgreSQL then refuses to drop it (2BP01), and with it this file, which is one transaction.
drop table public.saas_admin_users;
drop table public.workspace_api_credentials;
drop table public.connector_templates;
drop table public.connector_executions;
drop table public.connectors;

drop function public.increment_connector_stats(uuid, boolean);
drop function public.update_updated_at_column();
drop function private.is_saas_owner();
drop function private.is_saas_admin();

drop index public.contacts_id_workspace_id_key;
