//! Tables, views, materialized views, foreign tables and sequences as such; partitions; options; grants down to columns.

use super::sql::{self, ServerVersion};

const WITH: &str = "{rel}, acls(object, prefix, kind, owner, acl) AS (
  SELECT object, '', CASE relkind WHEN 'S' THEN 's' ELSE 'r' END, relowner, relacl FROM rel
  UNION ALL
  SELECT r.object, concat('column ', quote_ident(a.attname), '/'), 'c', r.relowner, a.attacl
  FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid WHERE a.attacl IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped)";

const FACTS: &str = "
  SELECT r.object, f.property, f.value FROM rel r, LATERAL (VALUES
    ('owner', quote_ident(pg_get_userbyid(r.relowner))),
    ('rls', CASE WHEN r.relkind IN ('r', 'p') THEN CASE WHEN r.relrowsecurity THEN 'enabled' ELSE 'disabled' END END),
    ('force rls', CASE WHEN r.relkind IN ('r', 'p') THEN CASE WHEN r.relforcerowsecurity THEN 'forced' ELSE 'not forced' END END),
    ('persistence', CASE r.relpersistence WHEN 'u' THEN 'unlogged' END),
    ('replica identity', CASE r.relreplident WHEN 'f' THEN 'full' WHEN 'i' THEN 'index' WHEN 'n' THEN CASE WHEN r.relkind IN ('r', 'p') THEN 'nothing' END END),
    ('partition key', CASE r.relkind WHEN 'p' THEN pg_get_partkeydef(r.oid) END),
    ('partition bound', pg_get_expr(r.relpartbound, r.oid)),
    ('definition', CASE WHEN r.relkind IN ('v', 'm') THEN pg_get_viewdef(r.oid) END)) f(property, value)
  UNION ALL
  SELECT r.object, concat('option ', quote_ident(o.option_name)), coalesce(o.option_value, '')
  FROM rel r, LATERAL pg_options_to_table(r.reloptions) o WHERE r.reloptions IS NOT NULL
  UNION ALL
  SELECT r.object, concat('parent ', quote_ident(n.nspname), '.', quote_ident(p.relname)), i.inhseqno::text
  FROM rel r JOIN pg_inherits i ON i.inhrelid = r.oid JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace n ON n.oid = p.relnamespace
  UNION ALL
  SELECT r.object, f.property, f.value FROM rel r JOIN pg_sequence q ON q.seqrelid = r.oid
  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.objsubid = 0
    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid,
  LATERAL (VALUES
    ('type', format_type(q.seqtypid, NULL)), ('start', q.seqstart::text), ('increment', q.seqincrement::text),
    ('minimum', q.seqmin::text), ('maximum', q.seqmax::text), ('cache', q.seqcache::text),
    ('cycle', CASE WHEN q.seqcycle THEN 'yes' ELSE 'no' END),
    ('owned by', concat(d.refobjid::regclass, '.' || quote_ident(a.attname)))) f(property, value)
  WHERE f.value <> ''";

pub(super) fn query(_: ServerVersion) -> String {
    sql::query(WITH, FACTS)
}
