//! Publications, with what of a table they publish, and subscriptions without their connection.

use super::sql::{self, ServerVersion};

const FACTS: &str = "
  SELECT concat('publication ', quote_ident(p.pubname)), f.property, f.value FROM pg_publication p, LATERAL (VALUES
    ('owner', quote_ident(pg_get_userbyid(p.pubowner))), ('all tables', CASE WHEN p.puballtables THEN 'yes' END),
    ('operations', concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
      CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END)),
    ('via partition root', CASE WHEN p.pubviaroot THEN 'yes' END)) f(property, value)
  UNION ALL
  SELECT concat('publication ', quote_ident(p.pubname)), concat('table ', quote_ident(n.nspname), '.', quote_ident(c.relname), f.property), f.value
  FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace,
  LATERAL (VALUES ('', 'yes') {details}) f(property, value)
  {schemas}
  UNION ALL
  SELECT concat('subscription ', quote_ident(s.subname)), f.property, f.value FROM pg_subscription s, LATERAL (VALUES
    ('owner', quote_ident(pg_get_userbyid(s.subowner))), ('enabled', CASE WHEN s.subenabled THEN 'yes' ELSE 'no' END),
    ('publications', (SELECT string_agg(quote_ident(u.name), ', ' ORDER BY u.name COLLATE \"C\") FROM unnest(s.subpublications) u(name)))) f(property, value)
  WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())";

const DETAILS: &str = ", ('/where', pg_get_expr(r.prqual, r.prrelid)),
    ('/columns', (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)))";

const SCHEMAS: &str = "UNION ALL
  SELECT concat('publication ', quote_ident(p.pubname)), concat('schema ', quote_ident(n.nspname)), 'yes'
  FROM pg_publication p JOIN pg_publication_namespace s ON s.pnpubid = p.oid JOIN pg_namespace n ON n.oid = s.pnnspid";

/// Row filters, column lists and schemas come with PostgreSQL 15.
pub(super) fn query(server: ServerVersion) -> String {
    let (details, schemas) = if server.major >= 15 { (DETAILS, SCHEMAS) } else { ("", "") };
    sql::query("", &FACTS.replace("{details}", details).replace("{schemas}", schemas))
}
