CREATE ROLE app;
CREATE ROLE other_app;
CREATE ROLE reporter;
CREATE ROLE auditor;
CREATE ROLE caller;

CREATE TABLE named (id int PRIMARY KEY, tenant text NOT NULL);
ALTER TABLE named ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON named USING (tenant = current_setting('app.tenant', true));
GRANT SELECT ON named TO app;

CREATE TABLE unnamed (id int PRIMARY KEY);
CREATE VIEW unnamed_view AS SELECT 1 AS one;
CREATE SEQUENCE unnamed_sequence;
CREATE TABLE parted (id int, tenant text) PARTITION BY LIST (tenant);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a');

-- Roles that no actor stands for.
CREATE TABLE reported (id int PRIMARY KEY);
GRANT SELECT ON reported TO reporter;
CREATE TABLE published (id int PRIMARY KEY);
GRANT SELECT ON published TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO auditor;
CREATE TABLE by_default (id int PRIMARY KEY);
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON TABLES FROM auditor;

CREATE SEQUENCE used;
CREATE SEQUENCE unused;
GRANT ALL ON SEQUENCE used TO app;

-- Functions: EXECUTE is PUBLIC's by default.
CREATE FUNCTION default_execute() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE FUNCTION raising() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE insufficient_privilege; END $$;
CREATE FUNCTION kept() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE FUNCTION granted() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE FUNCTION called() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
REVOKE EXECUTE ON FUNCTION kept(), granted(), called() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION called() TO caller;
GRANT EXECUTE ON FUNCTION granted() TO app;

-- Definer functions that act on a row by its key: without a check, with one, on nothing, and one that only tells.
CREATE TABLE items (id int PRIMARY KEY, tenant text NOT NULL, done bool NOT NULL DEFAULT false);
ALTER TABLE items ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON items USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, UPDATE ON items TO app;
CREATE FUNCTION close_any(item int) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ UPDATE items SET done = true WHERE id = item $$;
CREATE FUNCTION close_own(item int) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ UPDATE items SET done = true WHERE id = item AND tenant = current_setting('app.tenant', true) $$;
CREATE FUNCTION close_none(item int) RETURNS void LANGUAGE sql AS $$ UPDATE items SET done = true WHERE false $$;
CREATE FUNCTION tell_any(item int) RETURNS SETOF items LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT * FROM items WHERE id = item $$;
CREATE FUNCTION close_by_default(item int) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ UPDATE items SET done = true WHERE id = item $$;
REVOKE EXECUTE ON FUNCTION close_any(int), close_own(int), close_none(int), tell_any(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION close_any(int), close_own(int), close_none(int), tell_any(int) TO app;

-- Polymorphic arguments: NULL of one has no type.
CREATE FUNCTION poly_open(one anyelement, many anyarray) RETURNS anyelement LANGUAGE sql AS $$ SELECT one $$;
CREATE FUNCTION poly_kept(one anyelement, span anyrange) RETURNS anyelement LANGUAGE sql AS $$ SELECT one $$;
REVOKE EXECUTE ON FUNCTION poly_kept FROM PUBLIC;
