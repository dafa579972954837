//! Policies by the text of their expressions.

use super::sql::{self, Server};

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
    ('check', pg_get_expr(p.polwithcheck, p.polrelid))) f(property, value)";

pub(super) fn query(_: Server) -> String {
    sql::query("{rel}", FACTS)
}
