-- Not forced: its owner, and whoever inherits the owner, is not held.
CREATE TABLE held (id int PRIMARY KEY, tenant text NOT NULL);
ALTER TABLE held ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON held USING (tenant = current_setting('app.tenant', true));
GRANT SELECT ON held TO app, bypassing, heir;
