//! What the queries have in common. Each query answers with one JSON array of `[object, property, text]`.

/// What of the server decides which query can be sent to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ServerVersion {
    /// Its major version.
    pub(super) major: u32,
    /// Whether the session may read the catalogs that only a superuser may.
    pub(super) superuser: bool,
}

/// Roles of the harness: see `catalog::OWN_ROLES`.
const OWN: &str = "'^rlsgate_([0-9a-z]+_)*(probe|witness|public)$'";

/// Names that speak of a secret: of what they hold, only that it is there is told.
const SECRET: &str = "'(secret|passw|token|credential|(^|[._])key|key$)'";

/// Rows `(object, property, value)`, privilege lists `acls(object, prefix, kind, owner, acl)`: an answer of both. A
/// value of NULL is no fact.
const ANSWER: &str = "SELECT coalesce(json_agg(json_build_array(f.object, f.property, f.value)), '[]')::text \
    FROM (SELECT object, property, value FROM facts UNION ALL SELECT object, property, value FROM grants) \
    AS f(object, property, value) WHERE f.value IS NOT NULL";

/// What each privilege list grants. An owner holds everything by default: only what it has lost is a fact, and what its
/// list says of single columns adds nothing. `bool_or`: two grantors may have granted the same thing.
const GRANTS: &str = "grants(object, property, value) AS (
  SELECT s.object, concat(s.prefix, 'grant ', CASE a.grantee WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
      '/', lower(a.privilege_type)), CASE WHEN bool_or(a.is_grantable) THEN 'with grant option' ELSE 'granted' END
  FROM acls s, LATERAL aclexplode(coalesce(s.acl, acldefault(s.kind::\"char\", s.owner))) a
  WHERE a.grantee <> s.owner AND (a.grantee = 0 OR pg_get_userbyid(a.grantee) !~ {own}) GROUP BY 1, 2
  UNION ALL
  SELECT s.object, concat(s.prefix, 'grant ', quote_ident(pg_get_userbyid(s.owner)), '/', lower(d.privilege_type)), 'revoked'
  FROM acls s, LATERAL aclexplode(acldefault(s.kind::\"char\", s.owner)) d
  WHERE s.acl IS NOT NULL AND d.grantee = s.owner AND NOT EXISTS (
    SELECT FROM aclexplode(s.acl) a WHERE a.grantee = s.owner AND a.privilege_type = d.privilege_type))";

const NO_ACLS: &str = "grants(object, property, value) AS (SELECT ''::text, ''::text, NULL::text)";

/// Relations, with the name of the object that they are.
const RELATIONS: &str = "rel AS MATERIALIZED (
  SELECT c.oid, c.relkind, c.relowner, c.relacl, c.reloptions, c.relrowsecurity, c.relforcerowsecurity, c.relpersistence,
    c.relreplident, c.relpartbound, concat(CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
      WHEN 'f' THEN 'foreign table' WHEN 'S' THEN 'sequence' ELSE 'table' END,
      ' ', quote_ident(n.nspname), '.', quote_ident(c.relname)) AS object
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't' AND {chain:n} AND {free:pg_class:c}{some})";

/// In a query that [`query`] made: where its relations can be told to be some alone.
const SOME: &str = "/*some*/";

/// The same query of the relations alone whose oids its one parameter lists, as `{1,2}`.
pub(super) fn of_some(query: &str) -> String {
    query.replace(SOME, " AND c.oid = ANY ($1::text::oid[])")
}

/// A query from the parts `(WITH list)` and the rows of its facts; `{own}`, `{chain:n}` (a schema that is not the
/// system's), `{free:CATALOG:ALIAS}` (not of an extension), `{rel}` and `{secret}` are filled in.
pub(super) fn query(with: &str, facts: &str) -> String {
    let grants = if with.contains("acls(") { GRANTS } else { NO_ACLS };
    let with = if with.is_empty() { String::new() } else { format!("{with}, ") };
    filled(&format!("WITH {with}facts(object, property, value) AS ({facts}), {grants} {ANSWER}"))
}

/// A text with what [`query`] fills in.
pub(super) fn filled(sql: &str) -> String {
    let mut sql =
        sql.replace("{rel}", RELATIONS).replace("{some}", SOME).replace("{own}", OWN).replace("{secret}", SECRET);
    while let Some((head, rest)) = sql.split_once("{chain:") {
        let Some((alias, rest)) = rest.split_once('}') else { break };
        sql = format!("{head}{alias}.nspname <> 'information_schema' AND {alias}.nspname !~ '^pg_'{rest}");
    }
    while let Some((head, rest)) = sql.split_once("{free:") {
        let Some((words, rest)) = rest.split_once('}') else { break };
        let (catalog, alias) = words.split_once(':').unwrap_or((words, words));
        sql = format!(
            "{head}NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{catalog}'::regclass AND e.objid = {alias}.oid AND e.deptype = 'e'){rest}"
        );
    }
    sql
}
