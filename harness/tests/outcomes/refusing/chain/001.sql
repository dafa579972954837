CREATE TABLE held (id int PRIMARY KEY, tenant text NOT NULL, note text UNIQUE);
ALTER TABLE held ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON held USING (tenant = current_setting('app.tenant', true));
-- Restrictive, so that an UPDATE of a seen row is refused as well.
CREATE POLICY untouched ON held AS RESTRICTIVE FOR UPDATE USING (true) WITH CHECK (note <> 'forbidden');
GRANT SELECT, INSERT, UPDATE ON held TO app;
CREATE TABLE ungranted (id int PRIMARY KEY);

-- Open to everybody, with a constraint of every sort.
CREATE TABLE parents (id int PRIMARY KEY);
CREATE TABLE open (
  id int PRIMARY KEY, parent int REFERENCES parents, price int CHECK (price > 0), name text NOT NULL,
  place int, EXCLUDE USING btree (place WITH =), late int UNIQUE DEFERRABLE INITIALLY DEFERRED
);
GRANT SELECT, INSERT, UPDATE, DELETE ON open, parents TO app;
CREATE TABLE referenced (id int PRIMARY KEY);
CREATE TABLE referencing (id int REFERENCES referenced);
GRANT TRUNCATE ON referenced TO app;

CREATE DOMAIN short AS text CHECK (length(VALUE) < 10);
CREATE TABLE domained (note short);
CREATE TABLE parted (id int, tenant text) PARTITION BY LIST (tenant);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a');
GRANT SELECT, INSERT ON domained, parted, parted_a TO app;

CREATE VIEW checked AS SELECT id, name FROM open WHERE name = 'mine' WITH CHECK OPTION;
GRANT SELECT, INSERT ON checked TO app;

CREATE TABLE numbered (id serial, note text);
CREATE TABLE by_members (id int);
CREATE TABLE members (name text);
ALTER TABLE by_members ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON by_members USING (EXISTS (SELECT FROM members));
CREATE TABLE recursive (id int);
ALTER TABLE recursive ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON recursive USING (EXISTS (SELECT FROM recursive));
GRANT SELECT, INSERT ON numbered, by_members, recursive TO app;

CREATE TABLE logged (id int);
CREATE TABLE log (id int PRIMARY KEY);
CREATE FUNCTION log_it() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN INSERT INTO log VALUES (1); RETURN NEW; END $$;
CREATE TRIGGER log_it BEFORE INSERT ON logged FOR EACH ROW EXECUTE FUNCTION log_it();
CREATE TABLE late_refusal (id int);
CREATE FUNCTION too_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'too late' USING ERRCODE = 'P0001'; END $$;
CREATE CONSTRAINT TRIGGER too_late AFTER INSERT ON late_refusal DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION too_late();
GRANT SELECT, INSERT ON logged, late_refusal TO app;

-- Code of the schema that raises what a privilege, a constraint and a cast would.
CREATE FUNCTION raises(code text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN RAISE 'raised' USING ERRCODE = code; END $$;
CREATE FUNCTION reads_ungranted() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM ungranted $$;
CREATE FUNCTION broken() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT 1 FROM nowhere); END $$;
CREATE FUNCTION become(name text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('role', name, true) $$;
CREATE FUNCTION reset() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RESET ROLE; END $$;
