DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['held', 'open_update', 'open_delete', 'open_move', 'told_apart', 'ungranted', 'filtered_only',
    'suppressed', 'parents', 'keepers', 'ruled', 'noisy', 'deferred', 'raising', 'redirected', 'ledger', 'ungiven', 'base',
    'defacing', 'emptying', 'marking', 'board', 'nobodys']
  LOOP
    EXECUTE format('INSERT INTO %I VALUES (1, ''a'', ''x''), (2, ''b'', ''x''), (3, ''b'', ''x'')', t);
  END LOOP;
END $$;
INSERT INTO children VALUES (1, 'b', 1);
INSERT INTO kept VALUES (1, 'a', 1), (2, 'b', 2), (3, 'b', 3);
