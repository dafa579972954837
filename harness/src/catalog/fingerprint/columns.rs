//! Columns, and their order.

use super::sql::{self, ServerVersion};

const WITH: &str = "{rel}, col AS MATERIALIZED (
  SELECT r.object, r.relkind, a.attrelid, a.attnum, quote_ident(a.attname) AS name, a.atttypid, a.atttypmod, a.attcollation,
    a.attnotnull, a.attidentity, a.attgenerated FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid
  WHERE r.relkind <> 'S' AND a.attnum > 0 AND NOT a.attisdropped)";

// A collation is told where it is not the type's own.
const FACTS: &str = "
  SELECT c.object, concat('column ', c.name, '/', f.property), f.value FROM col c
  JOIN pg_type t ON t.oid = c.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = c.attrelid AND d.adnum = c.attnum
  LEFT JOIN pg_collation l ON l.oid = c.attcollation AND c.attcollation <> t.typcollation
  LEFT JOIN pg_namespace n ON n.oid = l.collnamespace,
  LATERAL (VALUES
    ('type', format_type(c.atttypid, c.atttypmod)),
    ('collation', quote_ident(n.nspname) || '.' || quote_ident(l.collname)),
    ('not null', CASE WHEN c.attnotnull THEN 'yes' END),
    ('default', CASE c.attgenerated WHEN '' THEN pg_get_expr(d.adbin, d.adrelid) END),
    ('generated', CASE c.attgenerated WHEN '' THEN NULL WHEN 's' THEN 'stored ' ELSE 'virtual ' END || pg_get_expr(d.adbin, d.adrelid)),
    ('identity', CASE c.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END)) f(property, value)
  UNION ALL
  SELECT object, 'columns', string_agg(name, ', ' ORDER BY attnum) FROM col GROUP BY object";

pub(super) fn query(_: ServerVersion) -> String {
    sql::query(WITH, FACTS)
}
