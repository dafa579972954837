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

-- What a function tells of a row by other means than its key: a scalar, JSON, another name, an error. Their twins ask
-- whose it is. Rows of another relation are held against the cells there.
CREATE TABLE notes (id int PRIMARY KEY, tenant text NOT NULL, item int NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (tenant = current_setting('app.tenant', true));
GRANT SELECT ON notes TO app;
CREATE FUNCTION body_any(item int) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT done::text FROM items WHERE id = item $$;
CREATE FUNCTION body_own(item int) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT done::text FROM items WHERE id = item AND tenant = current_setting('app.tenant', true) $$;
CREATE FUNCTION json_any(item int) RETURNS jsonb LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT to_jsonb(i) FROM items i WHERE id = item $$;
CREATE FUNCTION named_any(item int) RETURNS TABLE (item_id int, is_done bool) LANGUAGE sql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$ SELECT id, done FROM items WHERE id = item $$;
CREATE FUNCTION is_there(item int) RETURNS bool LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM items WHERE id = item;
  IF NOT FOUND THEN RAISE no_data_found; END IF;
  PERFORM FROM items WHERE id = item AND tenant = current_setting('app.tenant', true);
  IF NOT FOUND THEN RAISE insufficient_privilege; END IF;
  RETURN true;
END $$;
CREATE FUNCTION is_mine(item int) RETURNS bool LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM items WHERE id = item AND tenant = current_setting('app.tenant', true);
  IF NOT FOUND THEN RAISE no_data_found USING MESSAGE = 'no item ' || item; END IF;
  RETURN true;
END $$;
CREATE FUNCTION notes_any(item int) RETURNS SETOF notes LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT * FROM notes n WHERE n.item = notes_any.item $$;
CREATE FUNCTION notes_own(item int) RETURNS SETOF notes LANGUAGE sql SECURITY INVOKER SET search_path = public, pg_temp
  AS $$ SELECT * FROM notes n WHERE n.item = notes_own.item $$;
-- A column that is called as the key is, and says something else.
CREATE FUNCTION stamped(item int) RETURNS TABLE (id int) LANGUAGE sql SET search_path = public, pg_temp
  AS $$ UPDATE items SET done = true WHERE items.id = item; SELECT 2 $$;
CREATE FUNCTION of_tenant(tenant text) RETURNS text LANGUAGE sql AS $$ SELECT tenant $$;
DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    AND proname IN ('body_any', 'body_own', 'json_any', 'named_any', 'is_there', 'is_mine', 'notes_any', 'notes_own', 'stamped', 'of_tenant')
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO app', f);
  END LOOP;
END $$;

-- What may be passed on, of a table, a column and a function, and who may make objects of their own.
GRANT SELECT ON reported TO reporter WITH GRANT OPTION;
GRANT SELECT (id) ON published TO auditor WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION called() TO caller WITH GRANT OPTION;
CREATE SCHEMA shop;
GRANT CREATE ON SCHEMA shop TO caller;
