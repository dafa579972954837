//! Reading the catalogs in a handful of queries, each answering with one JSON document.
//!
//! Every name in the queries is qualified and `search_path` starts with `pg_catalog`, so that nothing a chain
//! defines is called. The session is the witness role's, which is no superuser.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, Row};

use super::model::{Catalog, Function, PrivilegeSet, Relation, Role};
use crate::Error;
use crate::sql::quote;

/// Names of roles that the harness makes for itself begin so; they are left out of everything that is read.
pub const OWN_ROLES: &str = "rlsgate";

/// Who answers the queries: each says by itself all that its answer depends on, but for the state of the database.
pub trait CatalogSource: Send {
    /// The JSON document that the one row of the last statement of `sql` holds.
    fn answer(&mut self, sql: &str) -> impl Future<Output = Result<String, Error>> + Send;
}

impl CatalogSource for PgConnection {
    async fn answer(&mut self, sql: &str) -> Result<String, Error> {
        let row = self.fetch_one(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.map_err(|e| unreadable(&e))?;
        row.try_get(0).map_err(|e| unreadable(&e))
    }
}

/// Reads everything outside the system schemas. `schemas` are the chain's: names within them are written
/// unqualified in definitions, as `pg_get_constraintdef` does for what `search_path` reaches.
pub async fn read(source: &mut impl CatalogSource, schemas: &[String]) -> Result<Catalog, Error> {
    let path = schemas.iter().map(|s| quote::ident(s)).collect::<Vec<_>>().join(", ");
    let within = |sql: &str| format!("SET search_path = pg_catalog, {path};{sql}");
    let relations: Vec<Relation> = json(source, &within(RELATIONS)).await?;
    let functions: Vec<Function> = json(source, &within(FUNCTIONS)).await?;
    let roles: BTreeMap<String, Role> = json(source, ROLES).await?;
    let extensions: BTreeMap<String, String> = json(source, EXTENSIONS).await?;
    let default_grantees: BTreeSet<(Option<String>, String)> = json(source, DEFAULTS).await?;
    Ok(Catalog {
        names: relations.iter().map(|relation| (relation.oid, relation.name.clone())).collect(),
        relations: relations.into_iter().map(|relation| (relation.name.clone(), relation)).collect(),
        functions,
        roles,
        extensions,
        default_grantees,
    })
}

/// What each of `roles` holds on each of `relations`, by role and oid, by `has_*_privilege`
/// (PostgreSQL docs, "Access Privilege Inquiry Functions").
pub async fn privileges(
    source: &mut impl CatalogSource,
    roles: &BTreeSet<String>,
    relations: &[u32],
) -> Result<BTreeMap<String, BTreeMap<u32, PrivilegeSet>>, Error> {
    #[derive(Deserialize)]
    struct CatalogRow {
        role: String,
        oid: u32,
        held: PrivilegeSet,
    }
    let roles = roles.iter().map(|role| quote::literal(role)).collect::<Vec<_>>().join(", ");
    let oids = relations.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if roles.is_empty() || oids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = PRIVILEGES.replace("/*roles*/", &roles).replace("/*oids*/", &oids);
    let entries: Vec<CatalogRow> = json(source, &sql).await?;
    let mut held: BTreeMap<String, BTreeMap<u32, PrivilegeSet>> = BTreeMap::new();
    for entry in entries {
        held.entry(entry.role).or_default().insert(entry.oid, entry.held);
    }
    Ok(held)
}

/// The functions that each of `roles` may call by name: EXECUTE on the function and USAGE on its schema.
pub async fn executables(
    source: &mut impl CatalogSource,
    roles: &BTreeSet<String>,
) -> Result<BTreeMap<String, BTreeSet<u32>>, Error> {
    let roles = roles.iter().map(|role| quote::literal(role)).collect::<Vec<_>>().join(", ");
    if roles.is_empty() {
        return Ok(BTreeMap::new());
    }
    json(source, &EXECUTABLES.replace("/*roles*/", &roles)).await
}

pub(super) async fn json<T: DeserializeOwned>(source: &mut impl CatalogSource, sql: &str) -> Result<T, Error> {
    let text = source.answer(sql).await?;
    serde_json::from_str(&text)
        .map_err(|e| Error::defect(format!("the catalogs answered with something unexpected: {e}")))
}

fn unreadable(error: &sqlx::Error) -> Error {
    // Without the driver's own words: `at line 1` is of its message, and of no file.
    let said = error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
    Error::environment(format!("the catalogs could not be read: {said}"), "look at the server's log")
}

/// Whether code of the schema may leave something on a session that DISCARD ALL does not take away: a setting that was set
/// once and reads empty ever after, rows by the process of the session, or what a language keeps for itself.
pub async fn leaves_traces(source: &mut impl CatalogSource) -> Result<bool, Error> {
    json(source, TRACES).await
}

/// 2078 is `set_config`, 2026 `pg_backend_pid` (PostgreSQL source, `pg_proc.dat`). The settings that are not the server's own
/// have a dot in their names (PostgreSQL docs, "Customized Options"), which a column that is set has not; `%` and `||` put
/// a name together.
const TRACES: &str = r#"
SELECT pg_catalog.to_json(
  EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND (l.lanname NOT IN ('sql', 'plpgsql', 'internal', 'c')
      OR p.prosrc ~* '\m(set_config\w*|pg_backend_pid|dblink\w*)\M'
      OR p.prosrc ~* '\mset\s+((local|session)\s+)?("?\w+"?\s*\.|%|''\s*\|\|)'
      OR EXISTS (SELECT FROM pg_catalog.unnest(p.proconfig) c WHERE pg_catalog.split_part(c, '=', 1) ~ '\.')
      OR (pg_catalog.to_jsonb(p) ->> 'prosqlbody') ~ ':funcid (2078|2026) '))
  OR EXISTS (SELECT FROM pg_catalog.pg_rewrite w WHERE w.oid >= 16384 AND w.ev_action::text ~ ':funcid (2078|2026) ')
  OR EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE pg_catalog.concat(p.polqual, p.polwithcheck) ~ ':funcid (2078|2026) ')
  OR EXISTS (SELECT FROM pg_catalog.pg_attrdef d WHERE d.adbin::text ~ ':funcid (2078|2026) ')
  OR EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conbin::text ~ ':funcid (2078|2026) ')
  OR EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgqual::text ~ ':funcid (2078|2026) ')
  OR EXISTS (SELECT FROM pg_catalog.pg_index i WHERE pg_catalog.concat(i.indexprs, i.indpred) ~ ':funcid (2078|2026) '))::text"#;

const RELATIONS: &str = r"
SELECT coalesce(json_agg(r ORDER BY r.oid), '[]')::text FROM (
  SELECT c.oid::int8 AS oid,
    json_build_object('schema', n.nspname, 'name', c.relname) AS name,
    c.relkind AS kind, pg_catalog.pg_get_userbyid(c.relowner) AS owner,
    c.relrowsecurity AS rls, c.relforcerowsecurity AS forced,
    (SELECT i.inhparent::int8 FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno LIMIT 1) AS parent,
    (SELECT d.refobjid::int8 FROM pg_catalog.pg_depend d WHERE c.relkind = 'S' AND d.classid = 'pg_catalog.pg_class'::regclass
       AND d.objid = c.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i') LIMIT 1) AS owned_by,
    pg_catalog.pg_relation_is_updatable(c.oid, true) AS updatable,
    EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') AS of_extension,
    ARRAY(SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(a.grantee) END
      FROM (SELECT c.relacl AS acl UNION ALL SELECT t.attacl FROM pg_catalog.pg_attribute t WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL) s,
      LATERAL pg_catalog.aclexplode(s.acl) a
      WHERE a.grantee = 0 OR pg_catalog.pg_get_userbyid(a.grantee) !~ '^rlsgate_([0-9a-z]+_)*(probe|witness|public)$') AS grantees,
    (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
        'category', t.typcategory, 'nullable', NOT (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)),
        'default', CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
        'generated', a.attgenerated <> '', 'identity', a.attidentity) ORDER BY a.attnum), '[]')
      FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'S') AS columns,
    (SELECT coalesce(json_agg(json_build_object('name', ic.relname, 'immediate', i.indimmediate,
        'columns', (SELECT json_agg(a.attname ORDER BY k.n) FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY k(num, n)
           JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.num WHERE k.n <= i.indnkeyatts))
        ORDER BY i.indisprimary DESC, ic.relname), '[]')
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
      WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL) AS unique,
    (SELECT coalesce(json_agg(json_build_object('name', ic.relname, 'immediate', i.indimmediate,
        'columns', (SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_catalog.pg_attribute a
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND (a.attnum = ANY (i.indkey::int2[]) OR EXISTS (SELECT FROM pg_catalog.pg_depend d
             WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
               AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum))))
        ORDER BY ic.relname), '[]')
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
      WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND (i.indpred IS NOT NULL OR i.indexprs IS NOT NULL)) AS partial_unique,
    ARRAY(SELECT DISTINCT d.refobjid::int8 FROM pg_catalog.pg_rewrite w
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
      WHERE w.ev_class = c.oid AND w.ev_type = '1' AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> c.oid) AS selects_from,
    EXISTS (SELECT FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid AND w.ev_type IN ('2', '3')) AS ruled,
    (SELECT coalesce(json_agg(json_build_object('name', o.conname, 'kind', o.contype,
        'definition', pg_catalog.pg_get_constraintdef(o.oid), 'validated', o.convalidated,
        'columns', (SELECT coalesce(json_agg(a.attname ORDER BY k.n), '[]') FROM pg_catalog.unnest(o.conkey) WITH ORDINALITY k(num, n)
           JOIN pg_catalog.pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.num),
        'references', nullif(o.confrelid::int8, 0),
        'referenced_columns', (SELECT coalesce(json_agg(a.attname ORDER BY k.n), '[]') FROM pg_catalog.unnest(o.confkey) WITH ORDINALITY k(num, n)
           JOIN pg_catalog.pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = k.num)) ORDER BY o.conname), '[]')
      FROM pg_catalog.pg_constraint o WHERE o.conrelid = c.oid) AS constraints,
    ARRAY(SELECT ic.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
      WHERE i.indrelid = c.oid ORDER BY ic.relname) AS indexes,
    (SELECT coalesce(json_agg(json_build_object('name', g.tgname,
        'enabled', g.tgenabled <> 'D', 'before_insert', (g.tgtype & 7) = 7) ORDER BY g.tgname), '[]')
      FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal) AS triggers,
    (SELECT coalesce(json_agg(json_build_object('name', p.polname,
        'command', CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END,
        'permissive', p.polpermissive,
        'roles', ARRAY(SELECT CASE u.r WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(u.r) END
           FROM pg_catalog.unnest(p.polroles) AS u(r) ORDER BY 1),
        'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
        'check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)) ORDER BY p.polname), '[]')
      FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid) AS policies
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
) r";

const FUNCTIONS: &str = r"
SELECT coalesce(json_agg(f ORDER BY f.oid), '[]')::text FROM (
  SELECT p.oid::int8 AS oid, json_build_object('schema', n.nspname, 'name', p.proname) AS name,
    ARRAY(SELECT pg_catalog.format_type(t.o, NULL) FROM pg_catalog.unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t(o, n) ORDER BY t.n) AS types,
    coalesce((SELECT pg_catalog.array_agg(coalesce(a.name, '') ORDER BY a.n)
       FROM pg_catalog.unnest(p.proargnames) WITH ORDINALITY AS a(name, n)
       WHERE coalesce(p.proargmodes[a.n], 'i') IN ('i', 'b', 'v')), '{}') AS arguments,
    p.prokind AS kind, pg_catalog.pg_get_userbyid(p.proowner) AS owner, p.prosecdef AS security_definer,
    p.provolatile AS volatility, coalesce(p.proconfig, '{}') AS settings,
    p.prorettype IN ('pg_catalog.trigger'::regtype, 'pg_catalog.event_trigger'::regtype) AS is_trigger,
    EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e') AS of_extension,
    ARRAY(SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(a.grantee) END
      FROM pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
      WHERE a.grantee = 0 OR pg_catalog.pg_get_userbyid(a.grantee) !~ '^rlsgate_([0-9a-z]+_)*(probe|witness|public)$') AS grantees,
    p.proretset OR (SELECT t.typtype = 'c' FROM pg_catalog.pg_type t WHERE t.oid = p.prorettype) AS returns_rows,
    (SELECT nullif(t.typrelid, 0)::int8 FROM pg_catalog.pg_type t WHERE t.oid = p.prorettype) AS returns
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_%'
) f";

// Before 16 a membership is inherited when the member has INHERIT; from 16 on each membership says so.
const ROLES: &str = r"
SELECT coalesce(json_object_agg(r.rolname, json_build_object('superuser', r.rolsuper, 'bypass_rls', r.rolbypassrls, 'login', r.rolcanlogin,
  'member_of', (SELECT coalesce(json_agg(json_build_object('role', pg_catalog.pg_get_userbyid(m.roleid),
      'inherit', coalesce((to_jsonb(m) ->> 'inherit_option')::bool, r.rolinherit)) ORDER BY m.roleid), '[]')
    FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid))), '{}')::text
FROM pg_catalog.pg_roles r WHERE r.rolname !~ '^rlsgate_([0-9a-z]+_)*(probe|witness|public)$'";

const EXTENSIONS: &str =
    "SELECT coalesce(json_object_agg(e.extname, e.extversion), '{}')::text FROM pg_catalog.pg_extension e";

const DEFAULTS: &str = r"
SELECT coalesce(json_agg(DISTINCT pg_catalog.jsonb_build_array(n.nspname, CASE a.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(a.grantee) END)), '[]')::text
FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace,
  LATERAL pg_catalog.aclexplode(d.defaclacl) a
WHERE d.defaclobjtype IN ('r', 'S') AND (a.grantee = 0 OR pg_catalog.pg_get_userbyid(a.grantee) !~ '^rlsgate_([0-9a-z]+_)*(probe|witness|public)$')";

const PRIVILEGES: &str = r"
SELECT coalesce(json_agg(json_build_object('role', r.rolname, 'oid', c.oid::int8, 'held', json_build_object(
    'schema_usage', pg_catalog.has_schema_privilege(r.oid, c.relnamespace, 'USAGE'),
    'table', CASE WHEN c.relkind = 'S'
      THEN ARRAY(SELECT p FROM pg_catalog.unnest(ARRAY['usage','select','update']) p WHERE pg_catalog.has_sequence_privilege(r.oid, c.oid, p))
      ELSE ARRAY(SELECT p FROM pg_catalog.unnest(ARRAY['select','insert','update','delete','truncate','references','trigger']) p
        WHERE pg_catalog.has_table_privilege(r.oid, c.oid, p)) END,
    'columns', (SELECT coalesce(json_object_agg(p, ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attacl IS NOT NULL
          AND pg_catalog.has_column_privilege(r.oid, c.oid, a.attnum, p))), '{}')
      FROM pg_catalog.unnest(ARRAY['select','insert','update','references']) p WHERE c.relkind <> 'S')))), '[]')::text
FROM pg_catalog.pg_roles r, pg_catalog.pg_class c WHERE r.rolname IN (/*roles*/) AND c.oid IN (/*oids*/)";

const EXECUTABLES: &str = r"
SELECT coalesce(json_object_agg(r.rolname, ARRAY(SELECT p.oid::int8 FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND pg_catalog.has_function_privilege(r.oid, p.oid, 'EXECUTE')
    AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE'))), '{}')::text
FROM pg_catalog.pg_roles r WHERE r.rolname IN (/*roles*/)";
