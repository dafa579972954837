//! What roles may pass on to others, and where they may make objects of their own: not access, but the way to more of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::read::{CatalogSource, json};
use crate::Error;
use crate::sql::quote;

/// What one role may pass on or make. What it owns, or inherits the owner of, is left out: that is whose it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Reach {
    /// Relations on which, or on a column of which, it holds a grant option, by oid.
    pub relations: BTreeSet<u32>,
    /// Functions likewise.
    pub functions: BTreeSet<u32>,
    /// Schemas in which it may create.
    pub schemas: BTreeSet<String>,
}

/// What each of `roles` may pass on, and in which of `schemas` it may create
/// (PostgreSQL docs, "Access Privilege Inquiry Functions": WITH GRANT OPTION).
pub async fn reach(
    source: &mut impl CatalogSource,
    roles: &BTreeSet<String>,
    schemas: &[String],
) -> Result<BTreeMap<String, Reach>, Error> {
    let list = |names: Vec<String>| if names.is_empty() { "NULL".to_owned() } else { names.join(", ") };
    let roles = list(roles.iter().map(|role| quote::literal(role)).collect());
    let schemas = list(schemas.iter().map(|schema| quote::literal(schema)).collect());
    json(source, &REACH.replace("/*roles*/", &roles).replace("/*schemas*/", &schemas)).await
}

const REACH: &str = r"
SELECT coalesce(json_object_agg(r.rolname, json_build_object(
  'relations', ARRAY(SELECT c.oid::int8 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      AND NOT pg_catalog.pg_has_role(r.oid, c.relowner, 'USAGE')
      AND CASE WHEN c.relkind = 'S'
        THEN EXISTS (SELECT FROM pg_catalog.unnest(ARRAY['usage','select','update']) p
          WHERE pg_catalog.has_sequence_privilege(r.oid, c.oid, p || ' with grant option'))
        ELSE EXISTS (SELECT FROM pg_catalog.unnest(ARRAY['select','insert','update','delete','truncate','references','trigger']) p
            WHERE pg_catalog.has_table_privilege(r.oid, c.oid, p || ' with grant option'))
          OR EXISTS (SELECT FROM pg_catalog.unnest(ARRAY['select','insert','update','references']) p
            WHERE pg_catalog.has_any_column_privilege(r.oid, c.oid, p || ' with grant option')) END),
  'functions', ARRAY(SELECT p.oid::int8 FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND NOT pg_catalog.pg_has_role(r.oid, p.proowner, 'USAGE')
      AND pg_catalog.has_function_privilege(r.oid, p.oid, 'execute with grant option')),
  'schemas', ARRAY(SELECT n.nspname FROM pg_catalog.pg_namespace n
    WHERE n.nspname IN (/*schemas*/) AND NOT pg_catalog.pg_has_role(r.oid, n.nspowner, 'USAGE')
      AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE'))
)), '{}')::text
FROM pg_catalog.pg_roles r WHERE r.rolname IN (/*roles*/)";
