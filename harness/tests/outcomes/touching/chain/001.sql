CREATE ROLE app;
CREATE ROLE auditor;
CREATE SCHEMA aside;

-- For each way to write: `by_WAY`, of which the own row may be updated, and `at_WAY`, which is written by that.
CREATE FUNCTION make(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE %I (id int PRIMARY KEY, tenant text NOT NULL, note text)', name);
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
END $$;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['trigger', 'caught', 'undone', 'undone_once', 'nested', 'truncate', 'truncate_cascade', 'view', 'instead', 'rule',
    'merge', 'partition', 'route', 'idle', 'locked', 'aside', 'aside_truncate', 'aside_locked', 'nothing', 'deferred']
  LOOP
    PERFORM make('by_' || t), make('at_' || t);
    EXECUTE format('CREATE POLICY own ON %I USING (tenant = current_setting(''app.tenant'', true))', 'by_' || t);
    EXECUTE format('GRANT SELECT, UPDATE ON %I TO app, auditor', 'by_' || t);
  END LOOP;
END $$;
DROP FUNCTION make(text);

-- A trigger after the update of `by_WAY`, which runs this with its owner's rights.
CREATE PROCEDURE on_update(way text, body text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE FUNCTION %I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS %L',
    'write_' || way, body);
  EXECUTE format('CREATE TRIGGER writes AFTER UPDATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION %I()', 'by_' || way, 'write_' || way);
END $$;

CALL on_update('trigger', 'BEGIN UPDATE at_trigger SET note = ''w'' WHERE id = 2; RETURN NULL; END');

-- In subtransactions: one that lasts, one that is rolled back, one after one that was, and one of many levels.
CALL on_update('caught', 'BEGIN
  BEGIN UPDATE at_caught SET note = ''w'' WHERE id = 2; EXCEPTION WHEN others THEN NULL; END; RETURN NULL; END');
CALL on_update('undone', 'BEGIN
  BEGIN UPDATE at_undone SET note = ''w'' WHERE id = 2; RAISE ''no''; EXCEPTION WHEN others THEN NULL; END; RETURN NULL; END');
CALL on_update('undone_once', 'BEGIN
  BEGIN UPDATE at_undone_once SET note = ''w'' WHERE id = 3; RAISE ''no'';
  EXCEPTION WHEN others THEN UPDATE at_undone_once SET note = ''w'' WHERE id = 2; END; RETURN NULL; END');
CALL on_update('nested', 'BEGIN
  BEGIN
    BEGIN
      BEGIN DELETE FROM at_nested WHERE id = 2; EXCEPTION WHEN others THEN NULL; END;
      RAISE ''no'';
    EXCEPTION WHEN others THEN
      BEGIN DELETE FROM at_nested WHERE id = 3; EXCEPTION WHEN others THEN NULL; END;
    END;
  EXCEPTION WHEN others THEN NULL; END; RETURN NULL; END');

-- No row is counted by TRUNCATE, and one that it cascades to is not named by it.
CALL on_update('truncate', 'BEGIN TRUNCATE at_truncate; RETURN NULL; END');
CREATE TABLE below_truncate (id int PRIMARY KEY, tenant text NOT NULL, above int REFERENCES at_truncate_cascade);
CALL on_update('truncate_cascade', 'BEGIN TRUNCATE at_truncate_cascade CASCADE; RETURN NULL; END');

-- Through what stores no row itself.
CREATE VIEW aside.through_view AS SELECT * FROM at_view;
CALL on_update('view', 'BEGIN UPDATE aside.through_view SET note = ''w'' WHERE id = 2; RETURN NULL; END');
CREATE VIEW aside.through_instead AS SELECT * FROM at_instead;
CREATE FUNCTION instead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN UPDATE public.at_instead SET note = NEW.note WHERE id = NEW.id; RETURN NEW; END $$;
CREATE TRIGGER instead INSTEAD OF UPDATE ON aside.through_instead FOR EACH ROW EXECUTE FUNCTION instead();
CALL on_update('instead', 'BEGIN UPDATE aside.through_instead SET note = ''w'' WHERE id = 2; RETURN NULL; END');
CREATE VIEW aside.through_rule AS SELECT * FROM at_rule;
CREATE RULE instead AS ON UPDATE TO aside.through_rule DO INSTEAD DELETE FROM public.at_rule WHERE id = OLD.id;
CALL on_update('rule', 'BEGIN UPDATE aside.through_rule SET note = ''w'' WHERE id = 2; RETURN NULL; END');

-- MERGE comes with version 15.
CALL on_update('merge', format('BEGIN EXECUTE %L; RETURN NULL; END', CASE WHEN current_setting('server_version_num')::int < 150000
  THEN 'DELETE FROM at_merge WHERE id = 2'
  ELSE 'MERGE INTO at_merge t USING (VALUES (2)) s(id) ON t.id = s.id WHEN MATCHED THEN DELETE' END));

-- A partition by its own name, and one that a row is routed to.
CREATE TABLE parted (id int, tenant text NOT NULL, note text, PRIMARY KEY (id, tenant)) PARTITION BY LIST (tenant);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a');
CREATE TABLE parted_b PARTITION OF parted FOR VALUES IN ('b');
CALL on_update('partition', 'BEGIN UPDATE parted_b SET note = ''w'' WHERE id = 2; RETURN NULL; END');
CALL on_update('route', 'BEGIN INSERT INTO parted VALUES (9, ''b'', ''w''); RETURN NULL; END');

-- Constraint triggers speak at the end.
CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN DELETE FROM at_deferred WHERE id = 2; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON by_deferred DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();

-- Locked as if it were written, and not written.
CALL on_update('idle', 'BEGIN UPDATE at_idle SET note = ''w'' WHERE id = 99; RETURN NULL; END');
CALL on_update('locked', 'BEGIN LOCK TABLE at_locked; RETURN NULL; END');

-- Relations that no contract names.
CREATE TABLE aside.log (id int GENERATED ALWAYS AS IDENTITY, note text);
CREATE TABLE aside.queue (note text);
CREATE TABLE aside.numbers (note text);
CALL on_update('aside', 'BEGIN INSERT INTO aside.log (note) VALUES (''w''); RETURN NULL; END');
CALL on_update('aside_truncate', 'BEGIN TRUNCATE aside.queue; RETURN NULL; END');
CALL on_update('aside_locked', 'BEGIN LOCK TABLE aside.numbers; RETURN NULL; END');

-- Referential actions, over two tables, and one that finds no row.
CREATE TABLE roots (id int PRIMARY KEY, tenant text NOT NULL);
CREATE TABLE branches (id int PRIMARY KEY, tenant text NOT NULL, root int REFERENCES roots ON DELETE CASCADE);
CREATE TABLE leaves (id int PRIMARY KEY, tenant text NOT NULL, branch int REFERENCES branches ON DELETE SET NULL);
CREATE TABLE stumps (id int PRIMARY KEY, tenant text NOT NULL);
CREATE TABLE twigs (id int PRIMARY KEY, tenant text NOT NULL, stump int REFERENCES stumps ON DELETE CASCADE);
ALTER TABLE roots ENABLE ROW LEVEL SECURITY;
ALTER TABLE stumps ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON roots USING (tenant = current_setting('app.tenant', true));
CREATE POLICY own ON stumps USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, DELETE ON roots, stumps TO app;

-- The application's setter writes as well, before the statement and not by it.
CREATE FUNCTION aside.enter(tenant text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE at_nothing SET note = 'entered' WHERE id = 2;
  PERFORM set_config('app.tenant', tenant, true);
END $$;
GRANT USAGE ON SCHEMA aside TO auditor;
REVOKE ALL ON FUNCTION aside.enter(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION aside.enter(text) TO auditor;
DROP PROCEDURE on_update(text, text);
