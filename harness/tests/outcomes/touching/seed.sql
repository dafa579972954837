DO $$
DECLARE t text;
BEGIN
  FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^(by|at)_' LOOP
    EXECUTE format('INSERT INTO %I VALUES (1, ''a'', ''x''), (2, ''b'', ''x''), (3, ''b'', ''x'')', t);
  END LOOP;
END $$;
INSERT INTO below_truncate VALUES (1, 'a', 1), (2, 'b', 2);
INSERT INTO parted VALUES (1, 'a', 'x'), (2, 'b', 'x');
INSERT INTO aside.queue VALUES ('x');
INSERT INTO roots VALUES (1, 'a'), (2, 'b');
INSERT INTO branches VALUES (1, 'b', 1), (2, 'b', 2);
INSERT INTO leaves VALUES (1, 'b', 1), (2, 'b', 2);
INSERT INTO stumps VALUES (1, 'a'), (2, 'b');
INSERT INTO twigs VALUES (1, 'b', 2);
