INSERT INTO held VALUES (1, 'a'), (2, 'b');
INSERT INTO slippery VALUES (1, 'a'), (2, 'b');
INSERT INTO triggered VALUES (1, 'a'), (2, 'b');
