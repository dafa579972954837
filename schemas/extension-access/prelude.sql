-- What the deployment has before the application's first migration: who runs it, and whom its requests run as.
create role cinatra_migrator login;
create role cinatra_app login;
create schema cinatra authorization cinatra_migrator;
