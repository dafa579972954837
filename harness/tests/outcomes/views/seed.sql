INSERT INTO base VALUES (1, 'a'), (2, 'b'), (3, 'b');
INSERT INTO guarded SELECT * FROM base;
INSERT INTO unguarded SELECT * FROM base;
