//! Functions that a live database is not asked to run: a READ ONLY transaction keeps rows as they are, and lets a function
//! do everything else (PostgreSQL docs, "SET TRANSACTION": "does not prevent all writes to disk"): end sessions, read files,
//! take locks that outlive it, write through a connection of its own.
//!
//! Allowed are built-in functions that are not volatile, volatile ones of a short list, and immutable functions of
//! extensions in C. A function that somebody wrote in SQL or PL/pgSQL is not, whatever its volatility says: that is a
//! promise which nobody checks. The suite may accept one by name (`may_call`).

use serde_json::{Map, Value, json};

use crate::suite::resolved::Name;

/// What every question about a statement names: where its names are looked for, and what the suite accepts.
pub(super) fn asked(schemas: &[String], may_call: &[Name]) -> Map<String, Value> {
    let accepted: Vec<_> = may_call.iter().map(|name| json!([name.schema, name.name])).collect();
    [("schemas", json!(schemas)), ("accepted", json!(accepted))]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

/// The first common table expressions of each question: `asked`, `path` (schemas whose names need no schema) and `barred`.
/// `coded` are those of `barred` that are not C code of an extension: what stands behind types, operator classes and
/// estimates is such code by rule, and not volatile by mistake of its declaration alone.
// Objects of the server's own have oids below 16384 (FirstNormalObjectId).
pub(super) const BARRED: &str = r"
WITH RECURSIVE asked AS MATERIALIZED (SELECT /*asked*/::jsonb AS q),
path AS MATERIALIZED (SELECT n.oid FROM asked, pg_catalog.pg_namespace n WHERE n.nspname = 'pg_catalog' OR q -> 'schemas' ? n.nspname::text),
functions AS MATERIALIZED (
  SELECT p.*, n.nspname, l.lanname IN ('c', 'internal') AND EXISTS (SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e') AS shipped,
    EXISTS (SELECT FROM asked, LATERAL pg_catalog.jsonb_array_elements(q -> 'accepted') a
      WHERE a ->> 1 = p.proname AND coalesce(a ->> 0 = n.nspname, p.pronamespace IN (SELECT oid FROM path))) AS accepted
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE p.oid >= 16384),
barred AS MATERIALIZED (
  SELECT p.oid, NOT p.shipped AS coded,
    pg_catalog.format('%I.%I(%s), %s', p.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid),
      CASE p.provolatile WHEN 'v' THEN 'volatile' ELSE 'code of the database' END) AS shown
  FROM functions p WHERE NOT p.accepted AND NOT (p.shipped AND p.provolatile = 'i')
  UNION ALL
  SELECT p.oid, false,
    pg_catalog.format('%I(%s), %s', p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid),
      CASE p.provolatile WHEN 'v' THEN 'volatile' ELSE 'not without effect' END)
  FROM pg_catalog.pg_proc p
  WHERE p.oid < 16384 AND CASE p.provolatile
    WHEN 'v' THEN p.proname NOT IN ('clock_timestamp', 'timeofday', 'random', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'pg_relation_size',
      'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size', 'pg_database_size', 'pg_tablespace_size', 'pg_lock_status',
      'pg_blocking_pids', 'pg_sequence_last_value', 'pg_is_in_recovery', 'pg_last_wal_receive_lsn', 'pg_last_wal_replay_lsn',
      'pg_last_xact_replay_timestamp', 'pg_current_wal_lsn', 'pg_prepared_xact')
    -- These send or parse queries, take a transaction id, read a text as a value of a type that an argument names, or load
    -- the key of a partitioned table that an argument names.
    ELSE p.proname ~ '_to_xml(schema|_and_xmlschema)?$|_validator$' OR 'cstring'::regtype = p.proargtypes[0] AND p.pronargs > 2
      OR p.proname IN ('txid_current', 'pg_current_xact_id', 'pg_input_is_valid', 'pg_input_error_info', 'satisfies_hash_partition',
        'pg_get_partition_constraintdef') END)";
