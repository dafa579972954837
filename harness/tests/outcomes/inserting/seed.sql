DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['held', 'unchecked', 'other_column', 'overwritten', 'numbered', 'defaulted', 'deferred', 'upserted',
    'exclusive', 'copied_log', 'domained', 'read_only', 'left_out']
  LOOP
    EXECUTE format('INSERT INTO %I OVERRIDING SYSTEM VALUE VALUES (1, ''a'', ''draft''), (2, ''b'', ''final'')', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['parted', 'serial_held', 'serial_open'] LOOP
    EXECUTE format('INSERT INTO %I (id, tenant) VALUES (1, ''a''), (2, ''b'')', t);
  END LOOP;
END $$;
