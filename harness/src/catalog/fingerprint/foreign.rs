//! Foreign data wrappers, servers, user mappings and tables. Values of their options are addresses and accounts: whether two
//! are the same shows in SHA-256 of them; of one whose name speaks of a secret, only that it is there.

use super::sql::{self, ServerVersion};

const WITH: &str = "{rel}, acls(object, prefix, kind, owner, acl) AS (
  SELECT concat('foreign data wrapper ', quote_ident(w.fdwname)), '', 'F', w.fdwowner, w.fdwacl FROM pg_foreign_data_wrapper w
  UNION ALL
  SELECT concat('server ', quote_ident(s.srvname)), '', 'S', s.srvowner, s.srvacl FROM pg_foreign_server s),
option AS (
  SELECT concat('foreign data wrapper ', quote_ident(w.fdwname)) AS object, '' AS prefix, w.fdwoptions AS options FROM pg_foreign_data_wrapper w
  UNION ALL
  SELECT concat('server ', quote_ident(s.srvname)), '', s.srvoptions FROM pg_foreign_server s
  UNION ALL
  SELECT r.object, '', t.ftoptions FROM rel r JOIN pg_foreign_table t ON t.ftrelid = r.oid
  UNION ALL
  SELECT r.object, concat('column ', quote_ident(a.attname), '/'), a.attfdwoptions FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid
  WHERE a.attfdwoptions IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT concat('server ', quote_ident(m.srvname)), concat('user mapping for ', CASE m.umuser WHEN 0 THEN 'public' ELSE quote_ident(m.usename) END, '/'),
    m.umoptions FROM pg_user_mappings m)";

const FACTS: &str = "
  SELECT object, 'owner', quote_ident(pg_get_userbyid(owner)) FROM acls
  UNION ALL
  SELECT o.object, concat(o.prefix, 'option ', quote_ident(p.option_name)),
    CASE WHEN p.option_name ~* {secret} THEN 'set' ELSE encode(sha256(convert_to(p.option_value, 'UTF8')), 'hex') END FROM option o, LATERAL pg_options_to_table(o.options) p
  UNION ALL
  SELECT object, rtrim(prefix, '/'), 'yes' FROM option WHERE prefix LIKE 'user mapping for %'
  UNION ALL
  SELECT concat('foreign data wrapper ', quote_ident(w.fdwname)), f.property, f.value FROM pg_foreign_data_wrapper w,
  LATERAL (VALUES ('handler', CASE WHEN w.fdwhandler <> 0 THEN w.fdwhandler::regprocedure::text END),
    ('validator', CASE WHEN w.fdwvalidator <> 0 THEN w.fdwvalidator::regprocedure::text END)) f(property, value)
  UNION ALL
  SELECT concat('server ', quote_ident(s.srvname)), f.property, f.value
  FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw,
  LATERAL (VALUES ('wrapper', quote_ident(w.fdwname)), ('type', s.srvtype), ('version', s.srvversion)) f(property, value)
  UNION ALL
  SELECT r.object, 'server', quote_ident(s.srvname) FROM rel r JOIN pg_foreign_table t ON t.ftrelid = r.oid JOIN pg_foreign_server s ON s.oid = t.ftserver";

pub(super) fn query(_: ServerVersion) -> String {
    sql::query(WITH, FACTS)
}
