DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['held', 'open_if_unset', 'open_if_empty', 'by_pattern', 'by_start', 'raising', 'by_cast', 'must_be_set', 'cached',
    'public_rows', 'passed_through', 'unpublished', 'open_write']
  LOOP
    EXECUTE format('INSERT INTO %I VALUES (1, ''a'', false), (2, ''b'', false), (3, ''b'', true)', t);
  END LOOP;
END $$;
INSERT INTO paired VALUES (1, 'a', 'ann'), (2, 'b', 'bob'), (3, 'b', 'ann'), (4, 'a', 'ned'), (5, 'b', 'pat'), (6, 'b', 'ned');
INSERT INTO of_person VALUES (1, 'ned'), (2, 'pat');
INSERT INTO by_session VALUES (1, 'a'), (2, 'b');
INSERT INTO by_finder VALUES (1, 'a'), (2, 'b');
INSERT INTO paired_open SELECT * FROM paired;
SET app.tenant = 'seed';
INSERT INTO followed VALUES (1, 'a'), (2, 'b');
RESET app.tenant;
INSERT INTO nothing_open VALUES (1, 'a'), (2, 'b');
INSERT INTO nothing_held VALUES (1, 'a'), (2, 'b');
INSERT INTO by_setter VALUES (1, 'a'), (2, 'b');
