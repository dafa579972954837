CREATE ROLE app;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['held', 'open_if_unset', 'open_if_empty', 'by_pattern', 'by_start', 'raising', 'by_cast', 'must_be_set', 'cached',
    'public_rows', 'passed_through', 'unpublished', 'open_write']
  LOOP
    EXECUTE format('CREATE TABLE %I (id int PRIMARY KEY, tenant text NOT NULL, public bool NOT NULL DEFAULT false)', t);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO app', t);
  END LOOP;
END $$;

CREATE POLICY own ON held USING (tenant = current_setting('app.tenant', true));
CREATE POLICY own ON open_if_unset USING (current_setting('app.tenant', true) IS NULL OR tenant = current_setting('app.tenant', true));
CREATE POLICY own ON open_if_empty USING (tenant = coalesce(nullif(current_setting('app.tenant', true), ''), tenant));
CREATE POLICY own ON by_start FOR SELECT USING (starts_with(current_setting('app.tenant', true), tenant));
CREATE POLICY own ON by_pattern USING (tenant LIKE current_setting('app.tenant', true));
-- Fails closed: 42704 where it was never set.
CREATE POLICY own ON must_be_set USING (tenant = current_setting('app.tenant'));
-- Fails closed: 22P02 where it is no number.
CREATE POLICY own ON by_cast USING (ascii(tenant) - 96 = current_setting('app.number', true)::int);
CREATE FUNCTION tenant_or_raise() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF coalesce(current_setting('app.tenant', true), '') NOT IN ('a', 'b') THEN RAISE 'no tenant'; END IF;
  RETURN current_setting('app.tenant');
END $$;
CREATE POLICY own ON raising USING (tenant = tenant_or_raise());
-- An IMMUTABLE function stays in a cached plan with what it gave first.
CREATE FUNCTION tenant_for_ever() RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN current_setting('app.tenant', true); END $$;
CREATE POLICY own ON cached USING (tenant = tenant_for_ever());
CREATE POLICY own ON public_rows USING (public OR tenant = current_setting('app.tenant', true));
CREATE POLICY own ON unpublished USING (public OR tenant = current_setting('app.tenant', true));
CREATE POLICY own ON passed_through USING (public OR tenant = current_setting('app.tenant', true));
CREATE POLICY own ON open_write FOR SELECT USING (tenant = current_setting('app.tenant', true));
CREATE POLICY open_insert ON open_write FOR INSERT
  WITH CHECK (current_setting('app.tenant', true) IS DISTINCT FROM 'a' OR tenant = 'a');
CREATE POLICY open_update ON open_write FOR UPDATE
  USING (current_setting('app.tenant', true) IS DISTINCT FROM 'a' OR tenant = 'a');

-- Two ids that only together show a row that neither actor sees.
CREATE TABLE paired (id int PRIMARY KEY, tenant text NOT NULL, person text NOT NULL);
ALTER TABLE paired ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON paired USING (tenant = current_setting('app.tenant', true) AND person = current_setting('app.person', true));
GRANT SELECT ON paired TO app;

-- A setter that sets for the whole session, and a table whose rows it shows.
CREATE FUNCTION login(tenant text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('app.session_tenant', tenant, false) $$;
CREATE TABLE by_session (id int PRIMARY KEY, tenant text NOT NULL);
ALTER TABLE by_session ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON by_session USING (tenant = current_setting('app.session_tenant', true));
GRANT SELECT ON by_session TO app;

-- A setter that refuses what it does not know. What it would have set is there all the same on a pooled connection.
CREATE FUNCTION sets_known(tenant text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF tenant NOT IN ('a', 'b') THEN RAISE 'who is that?' USING ERRCODE = '28000'; END IF;
  RETURN set_config('app.tenant', tenant, true);
END $$;

-- Whose rows do not depend on the tenant.
CREATE TABLE of_person (id int PRIMARY KEY, person text NOT NULL);
ALTER TABLE of_person ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON of_person USING (person = current_setting('app.person', true));
GRANT SELECT, INSERT ON of_person TO app;
-- Closed while one of two ids is there, open without both.
CREATE TABLE paired_open (LIKE paired INCLUDING ALL);
ALTER TABLE paired_open ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON paired_open USING (
  tenant = current_setting('app.tenant', true) AND person = current_setting('app.person', true)
  OR coalesce(current_setting('app.tenant', true), '') = '' AND coalesce(current_setting('app.person', true), '') = '');
GRANT SELECT ON paired_open TO app;

-- An AFTER trigger that asks for the context stops the witness role as well, which has the same broken one.
CREATE FUNCTION ask() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('app.tenant', true), '') = '' THEN RAISE EXCEPTION 'no tenant'; END IF;
  RETURN NULL;
END $$;
CREATE TABLE followed (id int PRIMARY KEY, tenant text NOT NULL);
ALTER TABLE followed ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON followed USING (tenant = current_setting('app.tenant', true));
CREATE TRIGGER ask AFTER INSERT ON followed FOR EACH ROW EXECUTE FUNCTION ask();
GRANT SELECT, INSERT, UPDATE, DELETE ON followed TO app;

-- Finds a tenant for a person, and the same one for nobody.
CREATE TABLE by_finder (id int PRIMARY KEY, tenant text NOT NULL);
ALTER TABLE by_finder ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON by_finder USING (
  tenant = CASE WHEN coalesce(current_setting('app.finder', true), '') IN ('kim', '') THEN 'a' END);
GRANT SELECT ON by_finder TO app;

-- Granted to nobody: one is open to a session without a tenant.
CREATE TABLE nothing_open (id int PRIMARY KEY, tenant text NOT NULL);
CREATE TABLE nothing_held (LIKE nothing_open INCLUDING ALL);
ALTER TABLE nothing_open ENABLE ROW LEVEL SECURITY;
ALTER TABLE nothing_held ENABLE ROW LEVEL SECURITY;
CREATE POLICY nobody ON nothing_open USING (coalesce(current_setting('app.tenant', true), '') = '');
CREATE POLICY nobody ON nothing_held USING (current_setting('app.tenant', true) = 'nobody');
GRANT SELECT, INSERT, UPDATE, DELETE ON nothing_open, nothing_held TO app;

-- A role whose context is set by a call alone.
CREATE ROLE gate;
CREATE FUNCTION keep(tenant text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('app.kept_tenant', tenant, false) $$;
CREATE TABLE by_setter (LIKE nothing_open INCLUDING ALL);
ALTER TABLE by_setter ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON by_setter USING (tenant = current_setting('app.kept_tenant', true));
GRANT SELECT ON by_setter TO gate;
