INSERT INTO notes VALUES (1, 'a', 'x'), (2, 'b', 'y');
INSERT INTO others VALUES (1, 'a', 'x'), (2, 'b', 'y');
INSERT INTO idle VALUES (1, 'a', 'x'), (2, 'b', 'y');
