INSERT INTO accounts VALUES (1, 'a'), (2, 'b');
INSERT INTO kinds VALUES (1), (2);
INSERT INTO unheld VALUES (1, 'a', 1, 1), (2, 'b', 2, 2);
INSERT INTO by_policy VALUES (1, 'a', 1), (2, 'b', 2);
INSERT INTO by_key VALUES (1, 'a', 1), (2, 'b', 2);
INSERT INTO by_trigger VALUES (1, 'a', 1), (2, 'b', 2);
INSERT INTO draft_by_default VALUES (1, 'a', 'live'), (2, 'b', 'live');
INSERT INTO draft_by_name VALUES (1, 'a', 'live'), (2, 'b', 'live');
INSERT INTO draft_of_own VALUES (1, 'a', 'live'), (2, 'b', 'live');
