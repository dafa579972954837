INSERT INTO held VALUES (1, 'a'), (2, 'b');
