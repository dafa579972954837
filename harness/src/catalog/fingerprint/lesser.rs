//! What stands beside tables and functions: collations, conversions, text search, extended statistics, operator classes and
//! families, large objects, and who may set which parameter of the server.

use super::sql::{self, ServerVersion};

// Which number a large object gets depends on what the server made before it: they are counted, by owner and by grantee.
const WITH: &str = "acls(object, prefix, kind, owner, acl) AS ({parameters}),
large AS (SELECT quote_ident(pg_get_userbyid(m.lomowner)) AS owner, m.lomowner, m.lomacl FROM pg_largeobject_metadata m)";

/// The bootstrap superuser owns every parameter (PostgreSQL sources, "aclchk.c").
const PARAMETERS: &str = "SELECT concat('parameter ', p.parname), '', 'p', 10::oid, p.paracl FROM pg_parameter_acl p";
const NO_PARAMETERS: &str = "SELECT ''::text, ''::text, 'p', 10::oid, NULL::aclitem[] WHERE false";

const FACTS: &str = "
  SELECT concat('collation ', quote_ident(n.nspname), '.', quote_ident(c.collname)), f.property, f.value
  FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace, LATERAL (VALUES
    ('owner', quote_ident(pg_get_userbyid(c.collowner))), ('provider', c.collprovider::text),
    ('deterministic', CASE WHEN c.collisdeterministic THEN 'yes' ELSE 'no' END)) f(property, value)
  WHERE {chain:n} AND {free:pg_collation:c}
  UNION ALL
  SELECT concat('conversion ', quote_ident(n.nspname), '.', quote_ident(c.conname)), f.property, f.value
  FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace, LATERAL (VALUES
    ('owner', quote_ident(pg_get_userbyid(c.conowner))), ('function', c.conproc::text), ('default', CASE WHEN c.condefault THEN 'yes' END),
    ('from', pg_encoding_to_char(c.conforencoding)::text), ('to', pg_encoding_to_char(c.contoencoding)::text)) f(property, value)
  WHERE {chain:n} AND {free:pg_conversion:c}
  UNION ALL
  SELECT concat('text search configuration ', quote_ident(n.nspname), '.', quote_ident(c.cfgname)), f.property, f.value
  FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace JOIN pg_ts_parser p ON p.oid = c.cfgparser, LATERAL (
    SELECT 'owner', quote_ident(pg_get_userbyid(c.cfgowner)) UNION ALL SELECT 'parser', quote_ident(p.prsname)
    UNION ALL SELECT concat('mapping of token type ', m.maptokentype), string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno)
    FROM pg_ts_config_map m WHERE m.mapcfg = c.oid GROUP BY m.maptokentype) f(property, value)
  WHERE {chain:n} AND {free:pg_ts_config:c}
  UNION ALL
  SELECT concat('text search dictionary ', quote_ident(n.nspname), '.', quote_ident(d.dictname)), f.property, f.value
  FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace JOIN pg_ts_template t ON t.oid = d.dicttemplate, LATERAL (VALUES
    ('owner', quote_ident(pg_get_userbyid(d.dictowner))), ('template', quote_ident(t.tmplname)), ('options', d.dictinitoption)) f(property, value)
  WHERE {chain:n} AND {free:pg_ts_dict:d}
  UNION ALL
  SELECT concat('text search parser ', quote_ident(n.nspname), '.', quote_ident(p.prsname)), 'token function', p.prstoken::text
  FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace WHERE {chain:n} AND {free:pg_ts_parser:p}
  UNION ALL
  SELECT concat('text search template ', quote_ident(n.nspname), '.', quote_ident(t.tmplname)), 'lexize function', t.tmpllexize::text
  FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace WHERE {chain:n} AND {free:pg_ts_template:t}
  UNION ALL
  SELECT concat('statistics ', quote_ident(n.nspname), '.', quote_ident(s.stxname)), f.property, f.value
  FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace, LATERAL (VALUES
    ('owner', quote_ident(pg_get_userbyid(s.stxowner))), ('definition', pg_get_statisticsobjdef(s.oid))) f(property, value)
  WHERE {chain:n} AND {free:pg_statistic_ext:s}
  UNION ALL
  SELECT concat('operator class ', quote_ident(n.nspname), '.', quote_ident(o.opcname), ' using ', quote_ident(a.amname)), f.property, f.value
  FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace JOIN pg_am a ON a.oid = o.opcmethod, LATERAL (VALUES
    ('owner', quote_ident(pg_get_userbyid(o.opcowner))), ('type', format_type(o.opcintype, NULL)),
    ('default', CASE WHEN o.opcdefault THEN 'yes' END)) f(property, value)
  WHERE {chain:n} AND {free:pg_opclass:o}
  UNION ALL
  SELECT concat('operator family ', quote_ident(n.nspname), '.', quote_ident(o.opfname), ' using ', quote_ident(a.amname)), 'owner',
    quote_ident(pg_get_userbyid(o.opfowner))
  FROM pg_opfamily o JOIN pg_namespace n ON n.oid = o.opfnamespace JOIN pg_am a ON a.oid = o.opfmethod
  WHERE {chain:n} AND {free:pg_opfamily:o}
  UNION ALL
  SELECT 'large objects', concat('of ', l.owner), count(*)::text FROM large l GROUP BY l.owner
  UNION ALL
  SELECT 'large objects', concat('of ', l.owner, '/grant ', CASE a.grantee WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
    '/', lower(a.privilege_type)), count(*)::text
  FROM large l, LATERAL aclexplode(l.lomacl) a
  WHERE a.grantee <> l.lomowner AND (a.grantee = 0 OR pg_get_userbyid(a.grantee) !~ {own}) GROUP BY l.owner, a.grantee, a.privilege_type";

/// Privileges on parameters come with PostgreSQL 15.
pub(super) fn query(server: ServerVersion) -> String {
    let parameters = if server.major >= 15 { PARAMETERS } else { NO_PARAMETERS };
    sql::query(&WITH.replace("{parameters}", parameters), FACTS)
}
