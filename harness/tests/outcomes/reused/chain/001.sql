CREATE ROLE app;

CREATE TABLE held (id int, tenant text, PRIMARY KEY (tenant, id));
ALTER TABLE held ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON held USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT ON held TO app;

-- Nobody gets past it without a context, whatever the role.
CREATE TABLE guarded (id int, tenant text, PRIMARY KEY (tenant, id));
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON guarded USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE ON guarded TO app;
CREATE FUNCTION guards() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('app.tenant', true), '') = '' THEN RAISE 'no tenant'; END IF;
  RETURN new;
END $$;

CREATE SEQUENCE numbers;
GRANT USAGE ON SEQUENCE numbers TO app;

CREATE TRIGGER guards BEFORE INSERT OR UPDATE ON guarded FOR EACH ROW EXECUTE FUNCTION guards();
