INSERT INTO named VALUES (1, 'a'), (2, 'b');
INSERT INTO reported VALUES (1);
INSERT INTO published VALUES (1);
INSERT INTO by_default VALUES (1);
INSERT INTO items VALUES (1, 'a'), (2, 'b');
INSERT INTO notes VALUES (1, 'a', 1), (2, 'b', 2);
