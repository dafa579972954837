DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['everywhere', 'of_tenant', 'by_case', 'by_own_case', 'while_there', 'guarded', 'seen_by_all', 'ruled', 'rewritten']
  LOOP
    EXECUTE format('INSERT INTO %I (id, tenant, mail, note) VALUES (1, ''a'', ''x@a'', ''x''), (2, ''b'', ''x@b'', ''x'')', t);
  END LOOP;
END $$;
INSERT INTO some_without (id, tenant, mail, note) VALUES (1, 'a', 'x@a', 'x'), (2, 'b', NULL, 'x'), (3, 'b', 'x@b', 'x');
INSERT INTO all_without (id, tenant, mail, note) VALUES (1, 'a', 'x@a', 'x'), (2, 'b', NULL, 'x');
INSERT INTO chosen VALUES (1, 'a'), (2, 'b');
INSERT INTO made VALUES ('a0000000-0000-4000-8000-000000000001', 'a'), ('b0000000-0000-4000-8000-000000000001', 'b');
INSERT INTO of_made VALUES ('a0000000-0000-4000-8000-000000000001', 'x', 'a'), ('b0000000-0000-4000-8000-000000000001', 'x', 'b');
INSERT INTO only_deferred VALUES (1, 'a'), (2, 'b');
INSERT INTO of_code VALUES ('a', 'x'), ('b', 'y');
