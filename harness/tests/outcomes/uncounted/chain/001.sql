CREATE ROLE app;
CREATE TABLE notes (id int PRIMARY KEY, tenant text NOT NULL, body text NOT NULL);
CREATE TABLE others (id int PRIMARY KEY, tenant text NOT NULL, body text NOT NULL);
CREATE TABLE idle (id int PRIMARY KEY, tenant text NOT NULL, body text NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, UPDATE ON notes TO app;
CREATE FUNCTION leak() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE others SET body = 'changed';
  UPDATE idle SET body = 'changed' WHERE id = 99;
  RETURN NULL;
END $$;
CREATE TRIGGER leak AFTER UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION leak();
