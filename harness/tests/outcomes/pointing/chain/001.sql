CREATE ROLE app;

CREATE TABLE accounts (id int PRIMARY KEY, tenant text NOT NULL, UNIQUE (tenant, id));
CREATE TABLE kinds (id int PRIMARY KEY);

-- A foreign key is checked past row security: the policy of the row that points says nothing of where.
CREATE TABLE unheld (id int PRIMARY KEY, tenant text NOT NULL, account_id int REFERENCES accounts (id), kind_id int REFERENCES kinds (id));
-- Held by the policy, by a foreign key over the tenant, by a trigger.
CREATE TABLE by_policy (id int PRIMARY KEY, tenant text NOT NULL, account_id int REFERENCES accounts (id));
CREATE TABLE by_key (id int PRIMARY KEY, tenant text NOT NULL, account_id int, FOREIGN KEY (tenant, account_id) REFERENCES accounts (tenant, id));
CREATE TABLE by_trigger (id int PRIMARY KEY, tenant text NOT NULL, account_id int REFERENCES accounts (id));
CREATE FUNCTION same_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM accounts WHERE id = NEW.account_id;
  IF NOT FOUND THEN RAISE EXCEPTION 'no such account'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER same_tenant BEFORE INSERT OR UPDATE ON by_trigger FOR EACH ROW EXECUTE FUNCTION same_tenant();

-- A branch of the policy that a copy of no row of the seed takes: by default, and by a value of the policy alone.
CREATE TABLE draft_by_default (id int PRIMARY KEY, tenant text NOT NULL, status text NOT NULL DEFAULT 'draft');
CREATE TABLE draft_by_name (id int PRIMARY KEY, tenant text NOT NULL, status text NOT NULL DEFAULT 'live');
CREATE TABLE draft_of_own (id int PRIMARY KEY, tenant text NOT NULL, status text NOT NULL DEFAULT 'draft');

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['accounts', 'unheld', 'by_policy', 'by_key', 'by_trigger', 'draft_by_default', 'draft_by_name', 'draft_of_own']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own ON %I USING (tenant = current_setting(''app.tenant'', true))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO app', t);
  END LOOP;
END $$;
GRANT SELECT ON kinds TO app;
ALTER POLICY own ON by_policy WITH CHECK (tenant = current_setting('app.tenant', true)
  AND EXISTS (SELECT FROM accounts a WHERE a.id = account_id));
CREATE POLICY draft ON draft_by_default FOR INSERT WITH CHECK (tenant = current_setting('app.tenant', true) OR status = 'draft');
CREATE POLICY draft ON draft_by_name FOR INSERT WITH CHECK (tenant = current_setting('app.tenant', true) OR status = 'draft');
CREATE POLICY draft ON draft_of_own FOR INSERT WITH CHECK (tenant = current_setting('app.tenant', true) AND status = 'draft');
