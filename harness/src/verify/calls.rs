//! Which functions a statement runs, asked of the server after PREPARE and before EXECUTE: a READ ONLY transaction keeps
//! rows as they are, and lets a function do everything else (PostgreSQL docs, "SET TRANSACTION": "does not prevent all
//! writes to disk"): end sessions, read files, take locks that outlive it, write through a connection of its own.
//!
//! Allowed are built-in functions that are not volatile, volatile ones of a short list, and immutable functions of
//! extensions in C. A function that somebody wrote in SQL or PL/pgSQL is not, whatever its volatility says: that is a
//! promise which nobody checks. The suite may accept one by name (`may_call`). Looked at are names that are called, fields
//! that may be functions, operators, casts, domains, and the rules of every view that the statement reaches: PREPARE has
//! locked those (`pg_locks`). Policies are not among them, since `row_security = off` makes them an error.

use super::statement::Statement;
use crate::sql::quote::literal;
use crate::suite::resolved::Name;

/// The query that lists what `statement` may not run, as a JSON array of texts.
pub(super) fn query(statement: &Statement, may_call: &[Name]) -> String {
    let calls: Vec<_> = statement.calls.iter().map(|(schema, name)| serde_json::json!([schema, name])).collect();
    let accepted: Vec<_> = may_call.iter().map(|name| serde_json::json!([name.schema, name.name])).collect();
    let asked = serde_json::json!({
        "calls": calls,
        "fields": statement.fields,
        "operators": statement.operators,
        "names": statement.names,
        "casts": statement.casts,
        "accepted": accepted,
    });
    QUERY.replace("/*asked*/", &literal(&asked.to_string()))
}

// Objects of the server's own have oids below 16384 (FirstNormalObjectId).
const QUERY: &str = r"
WITH asked AS MATERIALIZED (SELECT /*asked*/::jsonb AS q),
names AS MATERIALIZED (SELECT pg_catalog.jsonb_array_elements_text(q -> 'names')::name AS name FROM asked),
path AS MATERIALIZED (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY (pg_catalog.current_schemas(true))),
barred AS MATERIALIZED (
  SELECT p.oid, p.proname, p.pronamespace, p.pronargs, p.pronargs - p.pronargdefaults AS needs, p.proargtypes[0] AS first,
    pg_catalog.format('%s(%s), %s', pg_catalog.format(CASE n.nspname WHEN 'pg_catalog' THEN '%2$I' ELSE '%1$I.%2$I' END, n.nspname, p.proname),
      pg_catalog.pg_get_function_identity_arguments(p.oid),
      CASE WHEN p.oid >= 16384 AND p.provolatile <> 'v' THEN 'code of the database'
        WHEN p.provolatile = 'v' THEN 'volatile' ELSE 'not without effect' END) AS shown
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE NOT CASE
    WHEN p.oid < 16384 THEN CASE p.provolatile
      WHEN 'v' THEN p.proname IN ('clock_timestamp', 'timeofday', 'random', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'pg_relation_size',
        'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size', 'pg_database_size', 'pg_tablespace_size', 'pg_lock_status',
        'pg_blocking_pids', 'pg_sequence_last_value', 'pg_is_in_recovery', 'pg_last_wal_receive_lsn', 'pg_last_wal_replay_lsn',
        'pg_last_xact_replay_timestamp', 'pg_current_wal_lsn', 'pg_prepared_xact')
      ELSE p.proname !~ '_to_xml(_and_xmlschema)?$' AND p.proname NOT IN ('txid_current', 'pg_current_xact_id') END
    ELSE p.provolatile = 'i' AND l.lanname IN ('c', 'internal') AND EXISTS (SELECT FROM pg_catalog.pg_depend d
          WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
      OR EXISTS (SELECT FROM asked, LATERAL pg_catalog.jsonb_array_elements(q -> 'accepted') a
          WHERE a ->> 1 = p.proname AND coalesce(a ->> 0 = n.nspname, p.pronamespace IN (SELECT oid FROM path)))
  END),
domains AS MATERIALIZED (
  SELECT DISTINCT t.oid, t.typname, b.shown FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_type t ON t.oid = c.contypid,
    LATERAL pg_catalog.regexp_matches(c.conbin::text, ':(?:funcid|opfuncid) (\d+)', 'g') m, barred b
  WHERE c.contypid <> 0 AND b.oid = m[1]::oid),
reached AS MATERIALIZED (
  WITH RECURSIVE below(oid) AS (
    SELECT l.relation FROM pg_catalog.pg_locks l WHERE l.locktype = 'relation' AND l.pid = pg_catalog.pg_backend_pid()
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
    UNION SELECT i.inhrelid FROM below b JOIN pg_catalog.pg_inherits i ON i.inhparent = b.oid)
  SELECT c.oid, c.relkind, c.oid::regclass::text AS shown FROM below b JOIN pg_catalog.pg_class c ON c.oid = b.oid),
trees AS MATERIALIZED (
  SELECT r.shown, w.ev_action::text AS tree FROM reached r JOIN pg_catalog.pg_rewrite w ON w.ev_class = r.oid
    WHERE r.relkind = 'v' AND w.ev_type = '1'
  UNION ALL SELECT r.shown, d.adbin::text FROM reached r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attgenerated = 'v'
    JOIN pg_catalog.pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum)
SELECT coalesce(pg_catalog.json_agg(DISTINCT f.what), '[]')::text FROM (
  SELECT b.shown AS what FROM asked, LATERAL pg_catalog.jsonb_array_elements(q -> 'calls') c JOIN barred b ON b.proname = (c ->> 1)::name
    WHERE CASE WHEN c ->> 0 IS NULL THEN b.pronamespace IN (SELECT oid FROM path)
      ELSE b.pronamespace = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = (c ->> 0)::name) END
  UNION ALL SELECT b.shown FROM asked, LATERAL pg_catalog.jsonb_array_elements_text(q -> 'fields') c JOIN barred b ON b.proname = c::name
    JOIN pg_catalog.pg_type t ON t.oid = b.first
    WHERE b.pronargs > 0 AND b.needs <= 1 AND t.typtype IN ('c', 'p', 'd') AND b.pronamespace IN (SELECT oid FROM path)
  UNION ALL SELECT b.shown || ', behind operator ' || o.oprname FROM asked, pg_catalog.pg_operator o JOIN barred b ON b.oid = o.oprcode
    WHERE q -> 'operators' ? o.oprname::text
      AND (o.oprnamespace IN (SELECT oid FROM path) OR EXISTS (SELECT FROM names WHERE name = 'operator'))
  UNION ALL SELECT b.shown || ', behind a cast to ' || pg_catalog.format_type(k.casttarget, NULL)
    FROM asked, pg_catalog.pg_cast k JOIN barred b ON b.oid = k.castfunc JOIN pg_catalog.pg_type t ON t.oid = k.casttarget
    WHERE k.castcontext = 'i' OR t.typname IN (SELECT name FROM names) OR (q ->> 'casts')::bool AND (t.oid < 16384
      OR EXISTS (SELECT FROM pg_catalog.pg_type d WHERE d.typbasetype = t.oid AND d.typname IN (SELECT name FROM names)))
  UNION ALL SELECT d.shown || ', behind domain ' || d.typname FROM asked, domains d
    WHERE d.typname IN (SELECT name FROM names) OR EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      WHERE a.atttypid = d.oid AND c.relname IN (SELECT name FROM names)
        AND ((q ->> 'casts')::bool OR EXISTS (SELECT FROM names WHERE name::text ~ 'record')))
  UNION ALL SELECT b.shown || ', in view ' || t.shown FROM trees t,
    LATERAL pg_catalog.regexp_matches(t.tree, ':(?:funcid|opfuncid|aggfnoid|winfnoid|tsmhandler) (\d+)', 'g') m JOIN barred b ON b.oid = m[1]::oid
  UNION ALL SELECT b.shown || ', in view ' || t.shown FROM trees t,
    LATERAL pg_catalog.regexp_matches(t.tree, ':(?:opno|eqop|sortop) (\d+)', 'g') m
    JOIN pg_catalog.pg_operator o ON o.oid = m[1]::oid JOIN barred b ON b.oid = o.oprcode
  UNION ALL SELECT d.shown || ', in view ' || t.shown FROM trees t,
    LATERAL pg_catalog.regexp_matches(t.tree, ':resulttype (\d+)', 'g') m JOIN domains d ON d.oid = m[1]::oid
  UNION ALL SELECT 'foreign table ' || r.shown || ', which is read outside of this transaction' FROM reached r WHERE r.relkind = 'f') f";
