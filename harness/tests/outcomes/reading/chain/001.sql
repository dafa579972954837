CREATE ROLE app;

-- Held as it should be.
CREATE TABLE held (id int PRIMARY KEY, tenant text NOT NULL);
ALTER TABLE held ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON held USING (tenant = current_setting('app.tenant', true));
GRANT SELECT ON held TO app;

-- The same, of which only one tenant has a row.
CREATE TABLE lonely (LIKE held INCLUDING ALL);
ALTER TABLE lonely ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON lonely USING (tenant = current_setting('app.tenant', true));
GRANT SELECT ON lonely TO app;

-- LIKE copies neither row security nor policies.
CREATE TABLE copied (LIKE held INCLUDING ALL);
GRANT SELECT ON copied TO app;

CREATE TABLE ungranted (LIKE held INCLUDING ALL);

-- Hides what it should show.
CREATE TABLE hidden (LIKE held INCLUDING ALL);
ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON hidden TO app;

-- `SELECT *` is refused here, `SELECT secret` is not.
CREATE TABLE one_column (id int PRIMARY KEY, tenant text NOT NULL, secret text, plain text);
GRANT SELECT (secret), UPDATE (secret) ON one_column TO app;

-- Columns beside those that the contract grants.
CREATE TABLE columns (id int PRIMARY KEY, tenant text NOT NULL, secret text, plain text);
ALTER TABLE columns ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON columns USING (tenant = current_setting('app.tenant', true));
GRANT SELECT (id, tenant, secret) ON columns TO app;

-- A policy that reads what the actor may not.
CREATE TABLE members (tenant text, name text);
CREATE TABLE by_members (LIKE held INCLUDING ALL);
ALTER TABLE by_members ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON by_members USING (EXISTS (SELECT FROM members m WHERE m.tenant = by_members.tenant));
GRANT SELECT ON by_members TO app;

-- A policy that reads its own table: 42P17.
CREATE TABLE recursive (LIKE held INCLUDING ALL);
ALTER TABLE recursive ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON recursive USING (EXISTS (SELECT FROM recursive r WHERE r.tenant = current_setting('app.tenant', true)));
GRANT SELECT ON recursive TO app;

-- A policy that never ends, and one that fails on some row.
CREATE TABLE slow (LIKE held INCLUDING ALL);
ALTER TABLE slow ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON slow USING (pg_sleep(3) IS NOT NULL);
GRANT SELECT ON slow TO app;
CREATE TABLE divided (LIKE held INCLUDING ALL);
ALTER TABLE divided ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON divided USING (1 / (id - id) = 1);
GRANT SELECT ON divided TO app;

CREATE VIEW owners_view AS SELECT * FROM held;
GRANT SELECT ON owners_view TO app;
CREATE VIEW filtered_view AS SELECT * FROM held WHERE tenant = current_setting('app.tenant', true);
CREATE VIEW role_view AS SELECT * FROM held WHERE current_user = 'app';
GRANT SELECT ON filtered_view, role_view TO app;
-- Filled while nobody had a row: its own rows come with the seed.
CREATE MATERIALIZED VIEW stored AS SELECT 1 AS id, 'a' AS tenant UNION ALL SELECT 2, 'b';
GRANT SELECT ON stored TO app;
CREATE MATERIALIZED VIEW stored_ungranted AS SELECT 1 AS id, 'a' AS tenant UNION ALL SELECT 2, 'b';

-- Row security of a parent does not hold its partitions and children when they are named themselves.
CREATE TABLE parted (id int, tenant text NOT NULL, PRIMARY KEY (id, tenant)) PARTITION BY LIST (tenant);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a');
CREATE TABLE parted_b PARTITION OF parted FOR VALUES IN ('b');
ALTER TABLE parted ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON parted USING (tenant = current_setting('app.tenant', true));
GRANT SELECT ON parted, parted_b TO app;
CREATE TABLE heir () INHERITS (held);
GRANT SELECT ON heir TO app;
