CREATE ROLE app;

-- Each has rows of both tenants and row security on; policies and what is wrong with them follow.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['held', 'open_update', 'open_delete', 'open_move', 'told_apart', 'ungranted', 'filtered_only',
    'suppressed', 'parents', 'keepers', 'ruled', 'noisy', 'deferred', 'raising', 'redirected', 'ledger', 'ungiven',
    'defacing', 'emptying', 'marking', 'board', 'nobodys']
  LOOP
    EXECUTE format('CREATE TABLE %I (id int PRIMARY KEY, tenant text NOT NULL, note text)', t);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_select ON %I FOR SELECT USING (tenant = current_setting(''app.tenant'', true))', t);
    IF t NOT LIKE 'open\_%' AND t <> 'told_apart' THEN
      EXECUTE format('CREATE POLICY own_update ON %I FOR UPDATE USING (tenant = current_setting(''app.tenant'', true))', t);
      EXECUTE format('CREATE POLICY own_delete ON %I FOR DELETE USING (tenant = current_setting(''app.tenant'', true))', t);
    END IF;
    IF t <> 'ungiven' THEN
      EXECUTE format('GRANT SELECT, UPDATE, DELETE ON %I TO app', t);
    END IF;
  END LOOP;
END $$;

-- Open for writes alone: what is hidden from SELECT is changed by a statement that reads no column.
CREATE POLICY all_update ON open_update FOR UPDATE USING (true);
CREATE POLICY all_delete ON open_delete FOR DELETE USING (true);
CREATE POLICY own_update ON open_move FOR UPDATE
  USING (tenant = current_setting('app.tenant', true)) WITH CHECK (true);

-- Seen, and not to be written: the refusal of one row says nothing of the next.
CREATE POLICY all_select ON told_apart FOR SELECT USING (true);
CREATE POLICY all_update ON told_apart FOR UPDATE USING (true) WITH CHECK (tenant = current_setting('app.tenant', true) OR id = 3);

-- No cell grants anything here, and row security hides all of it.
DROP POLICY own_select ON filtered_only;
DROP POLICY own_update ON filtered_only;
DROP POLICY own_delete ON filtered_only;

-- A trigger that swallows every write: the witness role touches nothing either.
CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER swallow BEFORE UPDATE OR DELETE ON suppressed FOR EACH ROW EXECUTE FUNCTION swallow();

-- A cascade into another tenant's rows, and a foreign key that stops it.
CREATE TABLE children (id int PRIMARY KEY, tenant text NOT NULL, parent int REFERENCES parents ON DELETE CASCADE);
CREATE TABLE kept (id int PRIMARY KEY, tenant text NOT NULL, keeper int REFERENCES keepers);
DROP POLICY own_delete ON keepers;
CREATE POLICY all_delete ON keepers FOR DELETE USING (true);

-- A rule and a statement trigger that write elsewhere, with more rights.
CREATE RULE also AS ON UPDATE TO ruled DO ALSO UPDATE ledger SET note = 'by a rule';
CREATE FUNCTION note_all() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN UPDATE ledger SET note = 'by a trigger'; RETURN NULL; END $$;
CREATE TRIGGER note_all AFTER UPDATE ON noisy FOR EACH STATEMENT EXECUTE FUNCTION note_all();

-- Triggers that change a row that may be read, delete one that is nobody's, and change the own one alone.
CREATE POLICY all_select ON board FOR SELECT USING (true);
REVOKE ALL ON nobodys FROM app;
CREATE FUNCTION deface() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN UPDATE board SET note = 'defaced' WHERE tenant <> NEW.tenant; RETURN NEW; END $$;
CREATE TRIGGER deface AFTER UPDATE ON defacing FOR EACH ROW EXECUTE FUNCTION deface();
CREATE FUNCTION empty() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN DELETE FROM nobodys WHERE id = 1; RETURN NEW; END $$;
CREATE TRIGGER empty AFTER UPDATE ON emptying FOR EACH ROW EXECUTE FUNCTION empty();
CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN UPDATE board SET note = 'marked' WHERE tenant = NEW.tenant; RETURN NEW; END $$;
CREATE TRIGGER mark AFTER UPDATE ON marking FOR EACH ROW EXECUTE FUNCTION mark();

-- What speaks at COMMIT only.
CREATE FUNCTION too_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'too late' USING ERRCODE = 'P0001'; END $$;
CREATE CONSTRAINT TRIGGER too_late AFTER UPDATE ON deferred DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION too_late();

-- A trigger that refuses with the SQLSTATE of a privilege, and one that takes the row elsewhere.
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE insufficient_privilege; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON raising FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE FUNCTION give_away() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN UPDATE redirected SET tenant = 'b', note = 'given away' WHERE tenant = 'a'; RETURN NULL; END $$;
CREATE TRIGGER give_away AFTER UPDATE ON redirected FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION give_away();

-- Views run with their owner's rights: one shows everything, one is held by its check option
-- alone, and one takes rows that it does not show.
CREATE TABLE base (id int PRIMARY KEY, tenant text NOT NULL, note text);
ALTER TABLE base ENABLE ROW LEVEL SECURITY;
CREATE VIEW unheld AS SELECT * FROM base;
CREATE VIEW checked AS SELECT * FROM base WHERE note = 'x' WITH CHECK OPTION;
CREATE VIEW unchecked AS SELECT * FROM base WHERE note = 'x';
GRANT SELECT, INSERT, UPDATE, DELETE ON unheld, checked, unchecked TO app;

-- TRUNCATE, REFERENCES and TRIGGER are held by no policy.
CREATE TABLE emptied (id int PRIMARY KEY);
CREATE TABLE referenced (id int PRIMARY KEY);
CREATE TABLE referencing (id int REFERENCES referenced);
GRANT TRUNCATE, REFERENCES, TRIGGER ON emptied TO app;
GRANT TRUNCATE ON referenced TO app;
