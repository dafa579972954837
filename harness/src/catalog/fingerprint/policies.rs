//! Policies by the text of their expressions, and which of several functions of one name they call.

use super::sql::{self, ServerVersion};

const FACTS: &str = "
  SELECT r.object, concat('policy ', quote_ident(p.polname), '/', f.property), f.value
  FROM rel r JOIN pg_policy p ON p.polrelid = r.oid,
  LATERAL (SELECT string_agg(n.name, ', ' ORDER BY n.name) AS roles FROM (
    SELECT CASE u.role WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(u.role)) END COLLATE \"C\"
    FROM unnest(p.polroles) u(role)) n(name)) g,
  LATERAL (VALUES
    ('as', CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END),
    ('command', CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END),
    ('roles', g.roles),
    ('using', pg_get_expr(p.polqual, p.polrelid)),
    ('check', pg_get_expr(p.polwithcheck, p.polrelid)),
    ('functions', (SELECT string_agg(u.name, ', ' ORDER BY u.name) FROM (
      SELECT DISTINCT concat(quote_ident(n.nspname), '.', quote_ident(f.proname), '(', (SELECT string_agg(format_type(t.type, NULL), ', ' ORDER BY t.n)
        FROM unnest(f.proargtypes::oid[]) WITH ORDINALITY t(type, n)), ')') COLLATE \"C\"
      FROM pg_depend d JOIN pg_proc f ON f.oid = d.refobjid JOIN pg_namespace n ON n.oid = f.pronamespace
      WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_proc'::regclass AND {chain:n}) u(name)))) f(property, value)";

pub(super) fn query(_: ServerVersion) -> String {
    sql::query("{rel}", FACTS)
}
