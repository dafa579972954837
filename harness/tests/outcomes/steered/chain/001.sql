CREATE ROLE app;
CREATE TABLE held (id int PRIMARY KEY, tenant text NOT NULL);
ALTER TABLE held ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON held USING (tenant = current_setting('app.tenant', true));
GRANT SELECT ON held TO app;
-- For the sessions of the application: the harness's own are to run the seed, and to become whom they want.
DO $$ BEGIN
  EXECUTE format('ALTER DATABASE %I SET role = app', current_database());
  EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database());
  EXECUTE format('ALTER DATABASE %I SET statement_timeout = 1', current_database());
  EXECUTE format('ALTER DATABASE %I SET search_path = nowhere', current_database());
END $$;
-- A server in trouble, as far as its code tells: 53100 is a full disk, 22012 a division by zero.
CREATE FUNCTION raising(code text) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = code; END $$;
