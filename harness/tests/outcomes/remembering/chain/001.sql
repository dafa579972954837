CREATE ROLE app;

CREATE TABLE held (id int, tenant text, PRIMARY KEY (tenant, id));
ALTER TABLE held ENABLE ROW LEVEL SECURITY;
-- Open to a session on which nobody was remembered ever.
CREATE POLICY own ON held USING (current_setting('app.remembered', true) IS NULL OR tenant = current_setting('app.tenant', true));
GRANT SELECT ON held TO app;

-- What code of the application leaves on a session without a word of it in the statement that calls it.
CREATE FUNCTION remembers(what text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('app.remembered', what, false) $$;
REVOKE EXECUTE ON FUNCTION remembers(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remembers(text) TO app;
