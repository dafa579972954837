//! Functions, procedures and aggregates by name and argument types; operators, casts and languages as far as they are
//! there, and whose.

use super::sql::{self, ServerVersion};

const WITH: &str = "fn AS MATERIALIZED (
  SELECT p.*, l.lanname, concat(CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, ' ',
    quote_ident(n.nspname), '.', quote_ident(p.proname), '(', a.types, ')') AS object
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang,
  LATERAL (SELECT string_agg(format_type(t.type, NULL), ', ' ORDER BY t.n) AS types
    FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY t(type, n)) a
  WHERE {chain:n} AND {free:pg_proc:p}),
acls(object, prefix, kind, owner, acl) AS (
  SELECT object, '', 'f', proowner, proacl FROM fn
  UNION ALL
  SELECT concat('language ', quote_ident(lanname)), '', 'l', lanowner, lanacl FROM pg_language)";

const FACTS: &str = "
  SELECT p.object, f.property, f.value FROM fn p LEFT JOIN pg_aggregate g ON g.aggfnoid = p.oid, LATERAL (VALUES
    ('owner', quote_ident(pg_get_userbyid(p.proowner))),
    ('security', CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END),
    ('volatility', CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END),
    ('leakproof', CASE WHEN p.proleakproof THEN 'yes' END),
    ('parallel', CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END),
    ('strict', CASE WHEN p.proisstrict THEN 'yes' END),
    ('window', CASE p.prokind WHEN 'w' THEN 'yes' END),
    ('language', quote_ident(p.lanname)),
    ('arguments', pg_get_function_arguments(p.oid)),
    ('returns', pg_get_function_result(p.oid)),
    ('cost', p.procost::text), ('rows', CASE WHEN p.proretset THEN p.prorows::text END),
    ('support', CASE WHEN p.prosupport <> 0 THEN p.prosupport::text END),
    ('transition', g.aggtransfn::regprocedure::text), ('transition type', format_type(g.aggtranstype, NULL)),
    ('initial value', g.agginitval), ('final', nullif(g.aggfinalfn, 0)::regprocedure::text), ('final modifies', g.aggfinalmodify::text),
    ('combine', nullif(g.aggcombinefn, 0)::regprocedure::text), ('serialize', nullif(g.aggserialfn, 0)::regprocedure::text),
    ('deserialize', nullif(g.aggdeserialfn, 0)::regprocedure::text), ('sort operator', nullif(g.aggsortop, 0)::regoperator::text),
    ('moving transition', nullif(g.aggmtransfn, 0)::regprocedure::text), ('moving inverse', nullif(g.aggminvtransfn, 0)::regprocedure::text),
    ('moving final', nullif(g.aggmfinalfn, 0)::regprocedure::text), ('moving initial value', g.aggminitval),
    ('body', CASE WHEN p.prokind <> 'a' THEN {body} END),
    ('library', p.probin)) f(property, value)
  UNION ALL
  SELECT p.object, concat('setting ', split_part(s.item, '=', 1)), substr(s.item, strpos(s.item, '=') + 1)
  FROM fn p, LATERAL unnest(p.proconfig) s(item)
  UNION ALL
  SELECT concat('operator ', quote_ident(n.nspname), '.', o.oprname, '(', coalesce(format_type(nullif(o.oprleft, 0), NULL), 'none'),
      ', ', coalesce(format_type(nullif(o.oprright, 0), NULL), 'none'), ')'), f.property, f.value
  FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace,
  LATERAL (VALUES ('owner', quote_ident(pg_get_userbyid(o.oprowner))), ('function', o.oprcode::text),
    ('restrict', nullif(o.oprrest, 0)::regprocedure::text), ('join', nullif(o.oprjoin, 0)::regprocedure::text),
    ('commutator', nullif(o.oprcom, 0)::regoperator::text), ('negator', nullif(o.oprnegate, 0)::regoperator::text),
    ('hashes', CASE WHEN o.oprcanhash THEN 'yes' END), ('merges', CASE WHEN o.oprcanmerge THEN 'yes' END)) f(property, value)
  WHERE {chain:n} AND {free:pg_operator:o}
  UNION ALL
  SELECT concat('cast (', format_type(c.castsource, NULL), ' as ', format_type(c.casttarget, NULL), ')'), f.property, f.value
  FROM pg_cast c, LATERAL (VALUES ('function', CASE WHEN c.castfunc = 0 THEN 'none' ELSE c.castfunc::regprocedure::text END),
    ('context', CASE c.castcontext WHEN 'e' THEN 'explicit' WHEN 'a' THEN 'assignment' ELSE 'implicit' END)) f(property, value)
  WHERE c.oid >= 16384 AND {free:pg_cast:c}
  UNION ALL
  SELECT concat('language ', quote_ident(l.lanname)), f.property, f.value FROM pg_language l,
  LATERAL (VALUES ('owner', quote_ident(pg_get_userbyid(l.lanowner))), ('trusted', CASE WHEN l.lanpltrusted THEN 'yes' ELSE 'no' END)) f(property, value)";

/// Bodies as SQL-standard expressions come with PostgreSQL 14. Casts of the system have oids below 16384
/// (`FirstNormalObjectId`, PostgreSQL sources, "transam.h"); they have no schema that would tell.
pub(super) fn query(server: ServerVersion) -> String {
    let body = if server.major >= 14 { "coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)" } else { "p.prosrc" };
    sql::query(WITH, &FACTS.replace("{body}", body))
}
