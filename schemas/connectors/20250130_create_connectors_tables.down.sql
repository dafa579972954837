-- The document's rollback, with three corrections.
--
-- 1. Its order is said to respect the foreign keys, but only its CASCADE does: connectors would come after everything else, and
--    whatever others have built on these tables meanwhile would go without a word. Without CASCADE that stops the rollback.
-- 2. It leaves behind what it does not list: the functions that the policies call, and the key added to contacts.
-- 3. It drops update_updated_at_column() even if another feature has come to use it; PostgreSQL refuses that (2BP01), and the
--    whole rollback with it, which is right: this file is one transaction.
drop table public.connector_executions;
drop table public.connectors;
drop table public.connector_templates;
drop table public.workspace_api_credentials;
drop table public.saas_admin_users;

drop function public.increment_connector_stats(uuid, boolean);
drop function public.update_updated_at_column();
drop function private.is_saas_owner();
drop function private.is_saas_admin();

drop index public.contacts_id_workspace_id_key;
