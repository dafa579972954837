CREATE ROLE app;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['held', 'unchecked', 'other_column', 'overwritten', 'numbered', 'defaulted', 'deferred', 'upserted',
    'raising', 'logged', 'exclusive', 'copied_log', 'undone', 'read_only', 'left_out']
  LOOP
    EXECUTE format('CREATE TABLE %I (id int PRIMARY KEY, tenant text NOT NULL, note text)', t);
  END LOOP;
END $$;

-- A column with a default in the key, and one in the tenant key.
ALTER TABLE numbered ALTER id ADD GENERATED ALWAYS AS IDENTITY (START 100);
ALTER TABLE defaulted ALTER tenant SET DEFAULT 'b';
ALTER TABLE left_out ALTER tenant SET DEFAULT 'b';
-- Stopped by these alone, and by the first at COMMIT only.
ALTER TABLE deferred DROP CONSTRAINT deferred_pkey, ADD UNIQUE (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE exclusive DROP CONSTRAINT exclusive_pkey, ADD EXCLUDE USING btree (id WITH =);

CREATE DOMAIN short AS text CHECK (length(VALUE) < 10);
CREATE TABLE domained (id int PRIMARY KEY, tenant text NOT NULL, note short);
CREATE TABLE parted (id int, tenant text, PRIMARY KEY (id, tenant)) PARTITION BY LIST (tenant);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a');
CREATE TABLE parted_b PARTITION OF parted FOR VALUES IN ('b');
-- A number from a sequence that the actor may not use, in a table that is held and in one that is not.
CREATE TABLE serial_held (id serial PRIMARY KEY, tenant text NOT NULL);
CREATE TABLE serial_open (id serial PRIMARY KEY, tenant text NOT NULL);

DO $$
DECLARE t text;
BEGIN
  FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_select ON %I FOR SELECT USING (tenant = current_setting(''app.tenant'', true))', t);
    IF t IN ('held', 'overwritten', 'numbered', 'defaulted', 'upserted', 'logged', 'domained', 'parted', 'serial_held', 'raising') THEN
      EXECUTE format('CREATE POLICY own_insert ON %I FOR INSERT WITH CHECK (tenant = current_setting(''app.tenant'', true))', t);
    ELSIF t <> 'other_column' THEN
      EXECUTE format('CREATE POLICY all_insert ON %I FOR INSERT WITH CHECK (true)', t);
    END IF;
    IF t <> 'read_only' THEN
      EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO app', t);
    END IF;
  END LOOP;
END $$;

-- Refuses the copy of a published row, and lets a draft of anybody through.
CREATE POLICY drafts ON other_column FOR INSERT WITH CHECK (note = 'draft');

CREATE FUNCTION take_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.tenant := coalesce(nullif(current_setting('app.tenant', true), ''), NEW.tenant); RETURN NEW; END $$;
CREATE TRIGGER take_over BEFORE INSERT ON overwritten FOR EACH ROW EXECUTE FUNCTION take_over();

-- ON CONFLICT also asks the policies of UPDATE and SELECT: here they are open.
CREATE POLICY all_select ON upserted FOR SELECT USING (true);
CREATE POLICY all_update ON upserted FOR UPDATE USING (true);
CREATE POLICY own_update ON held FOR UPDATE USING (tenant = current_setting('app.tenant', true));

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused' USING ERRCODE = '42501'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON raising FOR EACH ROW EXECUTE FUNCTION refuse();
-- A BEFORE trigger comes before the policy: the constraint it hits is another relation's.
CREATE FUNCTION log_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN INSERT INTO copied_log VALUES (1, 'a', 'x'); RETURN NEW; END $$;
CREATE TRIGGER log_once BEFORE INSERT ON logged FOR EACH ROW EXECUTE FUNCTION log_once();
CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER undo BEFORE INSERT ON undone FOR EACH ROW EXECUTE FUNCTION undo();
