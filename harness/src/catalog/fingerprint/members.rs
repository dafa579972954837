//! Constraints, indexes, triggers and rules of relations, as the server writes their definitions: whether a constraint
//! is validated or deferrable, and an index unique, stands in the text.

use super::sql::{self, ServerVersion};

// A foreign key to a partitioned table has a row for each partition there, on the same table: the server's own.
const FACTS: &str = "
  SELECT r.object, concat('constraint ', quote_ident(o.conname)), pg_get_constraintdef(o.oid)
  FROM rel r JOIN pg_constraint o ON o.conrelid = r.oid LEFT JOIN pg_constraint p ON p.oid = o.conparentid
  WHERE o.contype <> 't' AND p.conrelid IS DISTINCT FROM o.conrelid
  UNION ALL
  SELECT r.object, concat('index ', quote_ident(c.relname), f.property), f.value
  FROM rel r JOIN pg_index i ON i.indrelid = r.oid JOIN pg_class c ON c.oid = i.indexrelid,
  LATERAL (VALUES ('', pg_get_indexdef(i.indexrelid)), ('/valid', CASE WHEN i.indisvalid THEN NULL ELSE 'no' END),
    ('/replica identity', CASE WHEN i.indisreplident THEN 'yes' END)) f(property, value)
  UNION ALL
  SELECT r.object, concat('trigger ', quote_ident(g.tgname), f.property), f.value
  FROM rel r JOIN pg_trigger g ON g.tgrelid = r.oid AND NOT g.tgisinternal,
  LATERAL (VALUES ('', pg_get_triggerdef(g.oid)),
    ('/enabled', CASE g.tgenabled WHEN 'O' THEN 'yes' WHEN 'D' THEN 'no' WHEN 'R' THEN 'on a replica' ELSE 'always' END)) f(property, value)
  UNION ALL
  SELECT r.object, concat('rule ', quote_ident(u.rulename), f.property), f.value
  FROM rel r JOIN pg_rewrite u ON u.ev_class = r.oid AND u.rulename <> '_RETURN',
  LATERAL (VALUES ('', pg_get_ruledef(u.oid)),
    ('/enabled', CASE u.ev_enabled WHEN 'O' THEN 'yes' WHEN 'D' THEN 'no' WHEN 'R' THEN 'on a replica' ELSE 'always' END)) f(property, value)";

pub(super) fn query(_: ServerVersion) -> String {
    sql::query("{rel}", FACTS)
}
