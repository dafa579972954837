//! Types: enums with their labels in order, composites, domains with their checks, ranges.

use super::sql::{self, ServerVersion};

// The row type of a table, arrays and multiranges come and go with what they belong to.
const WITH: &str = "ty AS MATERIALIZED (
  SELECT t.*, concat(CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, ' ', quote_ident(n.nspname), '.', quote_ident(t.typname)) AS object
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
  LEFT JOIN pg_type e ON e.oid = t.typelem
  WHERE {chain:n} AND {free:pg_type:t} AND t.typtype <> 'm' AND (c.oid IS NULL OR c.relkind = 'c')
    AND (e.oid IS NULL OR e.typarray <> t.oid)),
acls(object, prefix, kind, owner, acl) AS (SELECT object, '', 'T', typowner, typacl FROM ty)";

const FACTS: &str = "
  SELECT t.object, f.property, f.value FROM ty t LEFT JOIN pg_range r ON r.rngtypid = t.oid
  LEFT JOIN pg_type b ON b.oid = t.typbasetype
  LEFT JOIN pg_collation l ON l.oid = t.typcollation AND t.typtype = 'd' AND t.typcollation <> b.typcollation
  LEFT JOIN pg_namespace n ON n.oid = l.collnamespace, LATERAL (VALUES
    ('owner', quote_ident(pg_get_userbyid(t.typowner))),
    ('sort', CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'c' THEN 'composite' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range'
      WHEN 'p' THEN 'shell' ELSE 'base' END),
    ('base type', format_type(nullif(t.typbasetype, 0), t.typtypmod)),
    ('not null', CASE WHEN t.typnotnull THEN 'yes' END),
    ('default', CASE t.typtype WHEN 'd' THEN coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) END),
    ('collation', quote_ident(n.nspname) || '.' || quote_ident(l.collname)),
    ('subtype', format_type(r.rngsubtype, NULL))) f(property, value)
  UNION ALL
  SELECT t.object, 'labels', string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
  FROM ty t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.object
  UNION ALL
  SELECT t.object, 'attributes', string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
    'collate ' || quote_ident(n.nspname) || '.' || quote_ident(l.collname)), ', ' ORDER BY a.attnum)
  FROM ty t JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_type b ON b.oid = a.atttypid
  LEFT JOIN pg_collation l ON l.oid = a.attcollation AND a.attcollation <> b.typcollation LEFT JOIN pg_namespace n ON n.oid = l.collnamespace
  WHERE t.typtype = 'c' GROUP BY t.object
  UNION ALL
  SELECT t.object, concat('constraint ', quote_ident(o.conname)), pg_get_constraintdef(o.oid)
  FROM ty t JOIN pg_constraint o ON o.contypid = t.oid";

pub(super) fn query(_: ServerVersion) -> String {
    sql::query(WITH, FACTS)
}
