-- The roles of the application, as the platform makes them: they log in, and hold nothing. No role has BYPASSRLS, the admin
-- endpoint's neither: what it may read stands in policies, where it can be seen.
create role app_api login;       -- API requests and webhooks
create role app_worker login;    -- background jobs
create role app_admin login;     -- the admin endpoint

-- Since PostgreSQL 15 nobody but the database's owner creates in public; before, everybody does.
revoke create on schema public from public;
