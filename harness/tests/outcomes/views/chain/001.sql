CREATE ROLE app;

CREATE FUNCTION here() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('app.tenant', true) $$;
CREATE FUNCTION enter(tenant text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('app.tenant', tenant, true) $$;

CREATE TABLE base (id int PRIMARY KEY, tenant text NOT NULL);
CREATE TABLE guarded (LIKE base INCLUDING ALL);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON guarded USING (tenant = here());
CREATE TABLE unguarded (LIKE base INCLUDING ALL);
GRANT SELECT, INSERT, UPDATE, DELETE ON guarded, unguarded TO app;

-- With the owner's rights: the condition is the only guard.
CREATE VIEW right_definer AS SELECT * FROM base WHERE tenant = current_setting('app.tenant', true) WITH CHECK OPTION;
CREATE VIEW right_barrier WITH (security_barrier) AS SELECT * FROM base WHERE tenant = here() WITH CHECK OPTION;
CREATE VIEW right_raising AS SELECT * FROM base WHERE tenant = current_setting('app.tenant') WITH CHECK OPTION;
CREATE VIEW leaking_definer AS SELECT * FROM base WHERE current_setting('app.tenant', true) <> '';
CREATE VIEW unchecked_definer AS SELECT * FROM base WHERE tenant = here();

-- With the caller's: PostgreSQL 15 and later.
CREATE VIEW right_invoker WITH (security_invoker) AS SELECT * FROM guarded WHERE tenant = here();
CREATE VIEW leaking_invoker WITH (security_invoker) AS SELECT * FROM unguarded WHERE here() <> '';

GRANT SELECT, INSERT, UPDATE, DELETE ON right_definer, right_barrier, right_raising, leaking_definer, unchecked_definer,
  right_invoker, leaking_invoker TO app;
