//! Roles with their attributes, memberships and settings; settings of the database; default privileges.

use super::sql::{self, ServerVersion};

/// What only a superuser may read, as sort of object and beginning of the property.
pub(super) const UNREAD: &[&str] = &["role/password", "server/user mapping for "];

// The bootstrap superuser (oid 10, PostgreSQL sources, "pg_authid.dat") is the platform's, and predefined roles are the server's.
const WITH: &str = "acls(object, prefix, kind, owner, acl) AS (
  SELECT concat('default privileges of ', quote_ident(pg_get_userbyid(d.defaclrole)), ' in ' || quote_ident(n.nspname)),
    CASE d.defaclobjtype WHEN 'r' THEN 'tables/' WHEN 'S' THEN 'sequences/' WHEN 'f' THEN 'functions/' WHEN 'T' THEN 'types/'
      WHEN 'n' THEN 'schemas/' ELSE 'large objects/' END,
    -- In one schema an entry adds to the default, which it does not repeat: like that of a column it starts from nothing.
    CASE WHEN d.defaclnamespace <> 0 THEN 'c' WHEN d.defaclobjtype = 'S' THEN 's' ELSE d.defaclobjtype::text END,
    d.defaclrole, d.defaclacl
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace WHERE pg_get_userbyid(d.defaclrole) !~ {own}),
setting AS (
  SELECT CASE WHEN s.setrole = 0 THEN CASE WHEN s.setdatabase = 0 THEN 'all roles' ELSE 'database' END
      ELSE concat('role ', quote_ident(r.rolname)) END AS object,
    concat('setting ', split_part(i.item, '=', 1), CASE WHEN s.setrole <> 0 AND s.setdatabase <> 0 THEN ' in this database' END) AS property,
    split_part(i.item, '=', 1) AS name, substr(i.item, strpos(i.item, '=') + 1) AS value
  FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole, LATERAL unnest(s.setconfig) i(item)
  WHERE s.setdatabase IN (0, (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())) AND coalesce(r.rolname !~ {own}, true))";

const FACTS: &str = "
  SELECT concat('role ', quote_ident(r.rolname)), f.property, f.value FROM pg_roles r, LATERAL (VALUES
    ('superuser', CASE WHEN r.rolsuper THEN 'yes' ELSE 'no' END), ('bypassrls', CASE WHEN r.rolbypassrls THEN 'yes' ELSE 'no' END),
    ('createrole', CASE WHEN r.rolcreaterole THEN 'yes' ELSE 'no' END), ('createdb', CASE WHEN r.rolcreatedb THEN 'yes' ELSE 'no' END),
    ('login', CASE WHEN r.rolcanlogin THEN 'yes' ELSE 'no' END), ('inherit', CASE WHEN r.rolinherit THEN 'yes' ELSE 'no' END),
    ('replication', CASE WHEN r.rolreplication THEN 'yes' ELSE 'no' END),
    ('connection limit', CASE WHEN r.rolconnlimit >= 0 THEN r.rolconnlimit::text END),
    ('valid until', CASE WHEN isfinite(r.rolvaliduntil) THEN r.rolvaliduntil::text END)) f(property, value)
  WHERE r.rolname !~ {own} AND r.rolname !~ '^pg_' AND r.oid <> 10
  UNION ALL
  SELECT concat('role ', quote_ident(m.member)), concat('member of ', quote_ident(m.role)),
    coalesce(nullif(concat_ws(', ', CASE WHEN bool_or(m.admin) THEN 'admin option' END, CASE WHEN bool_or(m.inherit) THEN 'inherit option' END,
      CASE WHEN bool_or(m.set) THEN 'set option' END), ''), 'no option')
  FROM (SELECT pg_get_userbyid(a.member) AS member, pg_get_userbyid(a.roleid) AS role, a.admin_option AS admin,
      (to_jsonb(a) ->> 'inherit_option')::bool AS inherit, (to_jsonb(a) ->> 'set_option')::bool AS set FROM pg_auth_members a) m
  WHERE m.member !~ {own} AND m.role !~ {own} GROUP BY m.member, m.role
  UNION ALL
  SELECT object, property, CASE WHEN name ~* {secret} THEN 'set' ELSE value END FROM setting
  UNION ALL
  SELECT object, rtrim(prefix, '/'), 'stated' FROM acls";

const PASSWORDS: &str = "
  UNION ALL
  SELECT concat('role ', quote_ident(r.rolname)), 'password', 'set' FROM pg_authid r
  WHERE r.rolpassword IS NOT NULL AND r.rolname !~ {own} AND r.oid <> 10";

pub(super) fn query(server: ServerVersion) -> String {
    sql::query(WITH, &format!("{FACTS}{}", if server.superuser { PASSWORDS } else { "" }))
}
