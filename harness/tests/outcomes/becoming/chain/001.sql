CREATE ROLE app;
CREATE ROLE other_app;

CREATE TABLE held (id int PRIMARY KEY, tenant text NOT NULL);
ALTER TABLE held ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON held USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT ON held TO app;

CREATE FUNCTION sets(tenant text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('app.tenant', tenant, true) $$;
CREATE FUNCTION sets_nothing(tenant text) RETURNS text LANGUAGE sql AS $$ SELECT tenant $$;
CREATE FUNCTION sets_another(tenant text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('app.tenant', 'b', true) $$;
CREATE FUNCTION refuses(tenant text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE insufficient_privilege; END $$;
CREATE FUNCTION resets(tenant text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN PERFORM set_config('app.tenant', tenant, true); RESET ROLE; RETURN tenant; END $$;
CREATE FUNCTION becomes_another(tenant text) RETURNS text LANGUAGE sql AS $$
  SELECT set_config('app.tenant', tenant, true); SELECT set_config('role', 'other_app', true) $$;
-- Refuses whom it does not know, as an application's setter should.
CREATE FUNCTION sets_known(tenant text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF tenant NOT IN ('a', 'b') THEN RAISE 'who is that?' USING ERRCODE = '28000'; END IF;
  RETURN set_config('app.tenant', tenant, true);
END $$;

-- Policies that leave the role, or take the transaction with them.
CREATE FUNCTION leaves_role() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('role', 'none', true); RETURN false; END $$;
CREATE TABLE slippery (id int PRIMARY KEY, tenant text NOT NULL);
ALTER TABLE slippery ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON slippery USING (leaves_role());
GRANT SELECT, UPDATE ON slippery TO app;
CREATE TABLE triggered (id int PRIMARY KEY, tenant text NOT NULL);
ALTER TABLE triggered ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON triggered USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, UPDATE ON triggered TO app;
CREATE FUNCTION leave_role() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RESET ROLE; RETURN NULL; END $$;
CREATE TRIGGER leave_role AFTER UPDATE ON triggered FOR EACH STATEMENT EXECUTE FUNCTION leave_role();
