//! Readings of one database, one after the other: what cannot have changed since the last is not read again, and all that
//! is the same is held once.
//!
//! The version of a row of a catalog is the transaction that wrote it (`xmin`): what was written or deleted since shows in a
//! sum over the rows that an object has in all catalogs. The facts of a relation are read again where its own rows are
//! others. They also hold names, of roles, schemas, types, functions, and of other relations and their columns: where anything
//! but relations has changed, or a relation that was there before is called otherwise, or has other columns, everything is
//! read anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::Deserialize;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use super::read::{BEGIN, OF_RELATIONS, SETTINGS, add, defect, read_within, unreadable};
use super::sql::{self, ServerVersion};
use super::{Facts, Fingerprint};
use crate::Error;

/// Reads one database again and again, each time by the same superuser's session.
#[derive(Debug, Default)]
pub struct Follower {
    last: Option<(CatalogReading, Arc<Fingerprint>)>,
}

/// The versions of everything that facts are read from.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct CatalogReading {
    /// Of all that is no relation.
    rest: String,
    /// By oid.
    relations: BTreeMap<u32, RelationReading>,
}

/// Its object in a fingerprint, where it has facts; a digest of its name and those of its columns, constraints and indexes; one of its versions; whether
/// it is a foreign table, of which other facts are read together.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct RelationReading(Option<String>, String, String, bool);

/// Rows of relations that their facts are read from, by the relation.
const OF_A_RELATION: &[(&str, &str)] = &[
    ("oid", "pg_class x WHERE true"),
    ("attrelid", "pg_attribute x WHERE attnum > 0"),
    ("adrelid", "pg_attrdef x WHERE true"),
    ("conrelid", "pg_constraint x WHERE true"),
    ("indrelid", "pg_index x WHERE true"),
    ("i.indrelid", "pg_class x JOIN pg_index i ON i.indexrelid = x.oid WHERE true"),
    ("tgrelid", "pg_trigger x WHERE true"),
    ("ev_class", "pg_rewrite x WHERE true"),
    ("polrelid", "pg_policy x WHERE true"),
    ("inhrelid", "pg_inherits x WHERE true"),
    ("seqrelid", "pg_sequence x WHERE true"),
    ("ftrelid", "pg_foreign_table x WHERE true"),
    ("objid", "pg_depend x WHERE classid = 'pg_class'::regclass AND objsubid = 0 AND deptype IN ('a', 'i', 'e')"),
];

/// Everything else. Of the catalogs that initdb fills with what has no facts, what came after it (`FirstNormalObjectId`,
/// PostgreSQL sources, "transam.h"); row types and arrays belong to what they are of.
const REST: &[&str] = &[
    "pg_namespace x",
    "pg_authid x",
    "pg_auth_members x",
    "pg_db_role_setting x",
    "pg_default_acl x",
    "pg_database x WHERE datname = current_database()",
    "pg_language x",
    "pg_am x",
    "pg_tablespace x",
    "pg_extension x",
    "pg_event_trigger x",
    "pg_foreign_data_wrapper x",
    "pg_foreign_server x",
    "pg_user_mapping x",
    "pg_publication x",
    "pg_publication_rel x",
    "pg_subscription x",
    "pg_largeobject_metadata x",
    "pg_range x",
    "pg_enum x",
    "pg_statistic_ext x",
    "pg_conversion x WHERE oid >= 16384",
    "pg_ts_config x",
    "pg_ts_config_map x",
    "pg_ts_dict x",
    "pg_ts_parser x",
    "pg_ts_template x",
    "pg_aggregate x WHERE aggfnoid >= 16384",
    "pg_proc x WHERE oid >= 16384",
    "pg_operator x WHERE oid >= 16384",
    "pg_cast x WHERE oid >= 16384",
    "pg_collation x WHERE oid >= 16384",
    "pg_opclass x WHERE oid >= 16384",
    "pg_opfamily x WHERE oid >= 16384",
    "pg_constraint x WHERE contypid <> 0 AND oid >= 16384",
    "pg_type x LEFT JOIN pg_class c ON c.oid = x.typrelid LEFT JOIN pg_type e ON e.oid = x.typelem \
     WHERE x.oid >= 16384 AND (e.oid IS NULL OR e.typarray <> x.oid) AND (c.oid IS NULL OR c.relkind = 'c')",
    "pg_attribute x JOIN pg_class c ON c.oid = x.attrelid AND c.relkind = 'c' WHERE x.attrelid >= 16384",
    "pg_depend x WHERE deptype = 'e'",
];

/// Those that come with PostgreSQL 15.
const SINCE_15: &[&str] = &["pg_publication_namespace x", "pg_parameter_acl x"];

/// The query for [`CatalogReading`].
fn state_sql(major: u32) -> String {
    let mut versions = String::new();
    for (n, (relation, rows)) in OF_A_RELATION.iter().enumerate() {
        let union = if n == 0 { "" } else { " UNION ALL " };
        let _infallible = write!(
            versions,
            "{union}SELECT {relation} AS relation, hashtextextended(concat({n}, ' ', x.xmin), 0) AS version FROM {rows} AND {relation} >= 16384"
        );
    }
    let late = if major >= 15 { SINCE_15 } else { &[] };
    let rest = REST
        .iter()
        .chain(late)
        .map(|rows| format!("(SELECT concat(count(*), ' ', sum(hashtextextended(x.xmin::text, 0))) FROM {rows})"));
    let rest: Vec<String> = rest.collect();
    let sql = format!(
        "WITH {{rel}}, versions AS (SELECT relation, sum(version) AS version FROM ({versions}) v GROUP BY relation), \
         columns AS (SELECT attrelid, string_agg(concat(quote_ident(attname), ' ', attisdropped), ',' ORDER BY attnum) AS names \
           FROM pg_attribute WHERE attnum > 0 AND attrelid >= 16384 GROUP BY attrelid), \
         parts AS (SELECT relation, string_agg(quote_ident(name), ',' ORDER BY name) AS names FROM ( \
           SELECT conrelid AS relation, conname AS name FROM pg_constraint WHERE conrelid >= 16384 \
           UNION ALL SELECT i.indrelid, x.relname FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid >= 16384) p \
           GROUP BY relation) \
         SELECT json_build_object('rest', concat_ws(',', {}), 'relations', (SELECT coalesce(json_object_agg(c.oid::text, \
           json_build_array(r.object, md5(concat(c.relnamespace, ' ', c.relname, ' ', c.relkind, ' ', n.names, ' ', p.names)), v.version::text, c.relkind = 'f')), '{{}}') \
         FROM pg_class c LEFT JOIN rel r ON r.oid = c.oid LEFT JOIN versions v ON v.relation = c.oid LEFT JOIN columns n ON n.attrelid = c.oid LEFT JOIN parts p ON p.relation = c.oid \
         WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')))::text",
        rest.join(", ")
    );
    sql::filled(&sql)
}

impl Follower {
    /// What [`super::read`] reads of the database.
    ///
    /// # Errors
    /// [`Error::Environment`] where the catalogs cannot be read, or `conn` is in a transaction.
    pub async fn read(&mut self, conn: &mut PgConnection) -> Result<Arc<Fingerprint>, Error> {
        let mut transaction = conn.begin_with(BEGIN).await.map_err(|error| unreadable(&error))?;
        transaction.execute(sqlx::raw_sql(SETTINGS)).await.map_err(|error| unreadable(&error))?;
        let major = transaction.server_version_num().unwrap_or_default() / 10_000;
        let json = prepared(&mut transaction, state_sql(major), None).await?;
        let state: CatalogReading = serde_json::from_str(&json).map_err(|error| defect(&error.to_string()))?;
        let reading = match self.last.take() {
            Some((last, reading)) if last == state => reading,
            Some((last, reading)) => {
                let server = ServerVersion { major: reading.major, superuser: true };
                Arc::new(match since(&last, &state) {
                    Some(changed) => some(&mut transaction, server, &reading, changed).await?,
                    None => shared(read_within(&mut transaction).await?, &reading),
                })
            }
            None => Arc::new(read_within(&mut transaction).await?),
        };
        transaction.rollback().await.map_err(|error| unreadable(&error))?;
        self.last = Some((state, Arc::clone(&reading)));
        Ok(reading)
    }
}

/// What to read again.
struct Changed<'a> {
    /// Objects that are gone, or are read again.
    left: Vec<&'a str>,
    /// Relations to be read.
    read: Vec<u32>,
}

/// What has changed from one state to another, where that is the relations themselves alone.
fn since<'a>(last: &'a CatalogReading, now: &'a CatalogReading) -> Option<Changed<'a>> {
    if last.rest != now.rest {
        return None;
    }
    let mut changed = Changed { left: Vec::new(), read: Vec::new() };
    for (oid, RelationReading(object, names, versions, foreign)) in &now.relations {
        let before = last.relations.get(oid);
        match before {
            Some(RelationReading(was, called, ..)) if was != object || called != names => return None,
            Some(RelationReading(_, _, unchanged, _)) if unchanged == versions => continue,
            _ if *foreign => return None,
            _ => {}
        }
        if object.is_some() {
            changed.read.push(*oid);
            changed.left.extend(before.and_then(|before| before.0.as_deref()));
        }
    }
    for (_, RelationReading(object, _, _, foreign)) in
        last.relations.iter().filter(|(oid, _)| !now.relations.contains_key(oid))
    {
        if *foreign {
            return None;
        }
        changed.left.extend(object.as_deref());
    }
    Some(changed)
}

/// `last` with the facts of some relations read again.
async fn some(
    conn: &mut PgConnection,
    server: ServerVersion,
    last: &Fingerprint,
    changed: Changed<'_>,
) -> Result<Fingerprint, Error> {
    let mut now = last.clone();
    for object in changed.left {
        now.facts.remove(object);
    }
    if changed.read.is_empty() {
        return Ok(now);
    }
    let oids: Vec<String> = changed.read.iter().map(u32::to_string).collect();
    let oids = format!("{{{}}}", oids.join(","));
    let mut facts = Facts::new();
    for group in OF_RELATIONS {
        add(&mut facts, &prepared(conn, sql::of_some(&group(server)), Some(&oids)).await?)?;
    }
    now.facts.extend(facts.into_iter().map(|(object, properties)| (object.into(), properties.into())));
    Ok(now)
}

/// `now`, with what is as it was in `last` held once.
fn shared(mut now: Fingerprint, last: &Fingerprint) -> Fingerprint {
    let pairs = std::mem::take(&mut now.facts).into_iter().map(|(object, properties)| {
        match last.facts.get_key_value(&object) {
            Some((known, same)) if *same == properties => (Arc::clone(known), Arc::clone(same)),
            Some((known, _)) => (Arc::clone(known), properties),
            None => (object, properties),
        }
    });
    now.facts = pairs.collect();
    now
}

/// The one text that a query answers, planned once for the session.
async fn prepared(conn: &mut PgConnection, sql: String, parameter: Option<&str>) -> Result<String, Error> {
    let mut query = sqlx::query(AssertSqlSafe(sql));
    if let Some(parameter) = parameter {
        query = query.bind(parameter.to_owned());
    }
    let row = query.fetch_one(conn).await.map_err(|error| unreadable(&error))?;
    row.try_get(0).map_err(|error| unreadable(&error))
}
