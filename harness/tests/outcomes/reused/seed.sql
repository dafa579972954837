INSERT INTO held VALUES (1, 'a'), (2, 'b');
SET app.tenant = 'seed';
INSERT INTO guarded VALUES (1, 'a'), (2, 'b');
