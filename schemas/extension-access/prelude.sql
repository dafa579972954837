-- What the deployment has before the application's first migration, beside cinatra_migrator, who runs it: the role of
-- requests, and the schema.
create role cinatra_app login;
create schema cinatra authorization cinatra_migrator;
