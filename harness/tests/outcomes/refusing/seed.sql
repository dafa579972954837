INSERT INTO held VALUES (1, 'a', 'na'), (2, 'b', 'nb');
INSERT INTO parents VALUES (1);
INSERT INTO open VALUES (1, 1, 1, 'mine', 1, 1), (2, 1, 1, 'other', 2, 2);
INSERT INTO referenced VALUES (1);
INSERT INTO referencing VALUES (1);
INSERT INTO log VALUES (1);
INSERT INTO by_members VALUES (1);
INSERT INTO members VALUES ('ann');
