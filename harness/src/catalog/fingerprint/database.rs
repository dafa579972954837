//! The database itself, whatever its name; schemas, extensions and event triggers.

use super::sql::{self, ServerVersion};

const WITH: &str = "acls(object, prefix, kind, owner, acl) AS (
  SELECT 'database', '', 'd', d.datdba, d.datacl FROM pg_database d WHERE d.datname = current_database()
  UNION ALL
  SELECT concat('schema ', quote_ident(n.nspname)), '', 'n', n.nspowner, n.nspacl FROM pg_namespace n WHERE {chain:n} AND {free:pg_namespace:n})";

const FACTS: &str = "
  SELECT object, 'owner', quote_ident(pg_get_userbyid(owner)) FROM acls
  UNION ALL
  SELECT 'database', 'connection limit', d.datconnlimit::text FROM pg_database d WHERE d.datname = current_database() AND d.datconnlimit >= 0
  UNION ALL
  SELECT concat('extension ', quote_ident(e.extname)), f.property, f.value FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace,
  LATERAL (VALUES ('owner', quote_ident(pg_get_userbyid(e.extowner))), ('version', e.extversion), ('schema', quote_ident(n.nspname))) f(property, value)
  UNION ALL
  SELECT concat('event trigger ', quote_ident(g.evtname)), f.property, f.value FROM pg_event_trigger g,
  LATERAL (VALUES ('owner', quote_ident(pg_get_userbyid(g.evtowner))), ('event', g.evtevent::text), ('function', g.evtfoid::regprocedure::text),
    ('tags', array_to_string(g.evttags, ', ')),
    ('enabled', CASE g.evtenabled WHEN 'O' THEN 'yes' WHEN 'D' THEN 'no' WHEN 'R' THEN 'on a replica' ELSE 'always' END)) f(property, value)
  WHERE {free:pg_event_trigger:g}";

pub(super) fn query(_: ServerVersion) -> String {
    sql::query(WITH, FACTS)
}
