//! What a statement would run, asked of the server twice: by its words before it is PREPAREd, since the parser runs code
//! already (a literal of a row, array or range goes through the input functions of its parts); and by the relations that
//! PREPARE has locked (`pg_locks`) before it is EXECUTEd, since only the server knows what a name stood for.
//!
//! By words are found: names that are called, fields that may be functions, operators, casts, and types. What a type is
//! made of counts where a value of it may be made: where it is named; where it is the type of a column that holds parts,
//! since a literal beside that column becomes one of them; and where a function or operator takes it. To read a column of a
//! domain makes none.

use serde_json::Value;

use super::barred::BARRED;
use super::reach::{PARTS, REACHED};
use super::statement::Statement;
use crate::sql::quote::literal;

/// The query that lists what `statement` may not run by its words, as a JSON array of texts.
pub(super) fn of_words(statement: &Statement, mut asked: Value) -> String {
    let calls: Vec<_> = statement.calls.iter().map(|(schema, name)| serde_json::json!([schema, name])).collect();
    asked["calls"] = calls.into();
    asked["fields"] = statement.fields.iter().cloned().collect();
    asked["operators"] = statement.operators.iter().cloned().collect();
    asked["names"] = statement.names.iter().cloned().collect();
    asked["types"] = statement.types.iter().cloned().collect();
    asked["parts"] = statement.parts.into();
    question(&format!("{PARTS},{WORDS},{REACHED}{BY_WORDS}"), &asked)
}

/// The query that lists what the statement that was prepared may not run by what it reads, as a JSON array of texts.
pub(super) fn of_relations(asked: &Value) -> String {
    question(&format!("{PARTS},{LOCKED},{REACHED}{BY_RELATIONS}"), asked)
}

fn question(rest: &str, asked: &Value) -> String {
    let list = "\nSELECT coalesce(pg_catalog.json_agg(DISTINCT f.what), '[]')::text FROM (";
    let rest = rest.replace("/*list*/", list);
    format!("{},{rest}", BARRED.replace("/*asked*/", &literal(&asked.to_string())))
}

const WORDS: &str = r"
names AS MATERIALIZED (SELECT pg_catalog.jsonb_array_elements_text(q -> 'names')::name AS name FROM asked),
types AS MATERIALIZED (SELECT pg_catalog.jsonb_array_elements_text(q -> 'types')::name AS name FROM asked),
called AS MATERIALIZED (
  SELECT p.oid, p.proname, p.pronargs, p.proargtypes::oid[] AS takes, p.prorettype || coalesce(p.proallargtypes, '{}') AS gives
  FROM asked, LATERAL pg_catalog.jsonb_array_elements(q -> 'calls') c JOIN pg_catalog.pg_proc p ON p.proname = (c ->> 1)::name
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE CASE c ->> 0 WHEN 'pg_temp' THEN n.nspname ~ '^pg_temp_' ELSE coalesce(n.nspname = c ->> 0, n.oid IN (SELECT oid FROM path)) END),
typed AS MATERIALIZED (
  SELECT takes, gives FROM called
  UNION ALL SELECT p.proargtypes::oid[], p.prorettype || coalesce(p.proallargtypes, '{}') FROM asked, pg_catalog.pg_proc p
    WHERE p.pronargs > 0 AND q -> 'fields' ? p.proname::text AND p.pronamespace IN (SELECT oid FROM path)),
operators AS MATERIALIZED (
  SELECT o.* FROM asked, pg_catalog.pg_operator o WHERE q -> 'operators' ? o.oprname::text
    AND (o.oprnamespace IN (SELECT oid FROM path) OR EXISTS (SELECT FROM names WHERE name = 'operator'))),
relations AS MATERIALIZED (
  SELECT c.oid, c.relname, c.reltype FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relname IN (SELECT name FROM names) AND c.reltype <> 0
    AND (n.oid IN (SELECT oid FROM path) OR n.nspname IN (SELECT name FROM names) OR n.nspname ~ '^pg_temp_')),
columns(type) AS (
  SELECT a.atttypid FROM relations r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  UNION SELECT t.typbasetype FROM columns c JOIN pg_catalog.pg_type t ON t.oid = c.type WHERE t.typtype = 'd'),
-- Every type that a value in the statement can be of.
present(type) AS (
  SELECT type FROM (SELECT t.oid FROM pg_catalog.pg_type t WHERE t.typname IN (SELECT name FROM names)
    UNION SELECT type FROM columns UNION SELECT reltype FROM relations
    UNION SELECT pg_catalog.unnest(takes || gives) FROM typed UNION SELECT oprresult FROM operators) t(type)
  UNION SELECT d.part FROM present p JOIN down d ON d.type = p.type),
-- Every type of which one may be made. Of a polymorphic function with two arguments one is made to fit the other; so is
-- the text of an array beside an array of a column.
seeds AS (
  SELECT 'pg_catalog.pg_type'::regclass AS class, m.type AS oid, NULL::text AS via FROM (
    SELECT t.oid FROM asked, pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
      WHERE t.typname IN (SELECT name FROM names) AND (coalesce(c.relkind, 'c') = 'c' OR t.typname IN (SELECT name FROM types))
    UNION SELECT r.reltype FROM asked, relations r WHERE (q ->> 'parts')::bool
      OR EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(q -> 'calls') c WHERE c ->> 1 ~ 'record|table$')
    UNION SELECT c.type FROM asked, columns c JOIN pg_catalog.pg_type t ON t.oid = c.type WHERE t.typtype <> 'd' OR (q ->> 'parts')::bool
      OR EXISTS (SELECT FROM called c JOIN pg_catalog.pg_type p ON p.oid = ANY (c.takes) WHERE c.pronargs > 1 AND p.typname ~ '^any.')
    UNION SELECT pg_catalog.unnest(takes) FROM typed
    UNION SELECT v.type FROM operators o, LATERAL (VALUES (o.oprleft), (o.oprright)) v(type)
      WHERE v.type >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_operator e WHERE e.oprname = o.oprname AND e.oid < 16384)
  ) m(type))";

const BY_WORDS: &str = r"/*list*/
  SELECT b.shown AS what FROM called c JOIN barred b ON b.oid = c.oid
  UNION ALL SELECT b.shown FROM asked, LATERAL pg_catalog.jsonb_array_elements_text(q -> 'fields') c JOIN barred b ON b.proname = c::name
    JOIN pg_catalog.pg_type t ON t.oid = b.first
    WHERE b.pronargs > 0 AND b.needs <= 1 AND t.typtype IN ('c', 'p', 'd') AND b.pronamespace IN (SELECT oid FROM path)
  UNION ALL SELECT b.shown || ', behind operator ' || o.oprname FROM operators o JOIN barred b ON b.oid = o.oprcode
    WHERE (o.oprleft < 16384 OR o.oprleft IN (SELECT type FROM present)) AND (o.oprright < 16384 OR o.oprright IN (SELECT type FROM present))
  UNION ALL SELECT b.shown || ', behind a cast to ' || pg_catalog.format_type(k.casttarget, NULL)
    FROM pg_catalog.pg_cast k JOIN barred b ON b.oid = k.castfunc JOIN pg_catalog.pg_type t ON t.oid = k.casttarget
    WHERE CASE WHEN k.castsource < 16384 AND k.casttarget < 16384 THEN k.castcontext = 'i' OR t.typname IN (SELECT name FROM names)
      ELSE (k.castsource < 16384 OR k.castsource IN (SELECT type FROM present))
        AND (k.casttarget IN (SELECT type FROM present) OR k.castcontext = 'i' AND k.casttarget < 16384) END
  UNION ALL SELECT b.shown || ', ' || s.via FROM sends s JOIN barred b ON b.oid = s.oid
    WHERE s.type IN (SELECT type FROM present) AND EXISTS (SELECT FROM asked, LATERAL pg_catalog.jsonb_array_elements(q -> 'calls') c WHERE c ->> 1 ~ 'json')
  UNION ALL SELECT what FROM found) f";

// The server's own tables have nothing of the database in them; its views are looked at as all others.
const LOCKED: &str = r"
seeds AS (
  SELECT 'pg_catalog.pg_class'::regclass AS class, c.oid, 'in table ' || c.oid::regclass::text AS via
  FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
  WHERE l.locktype = 'relation' AND l.pid = pg_catalog.pg_backend_pid() AND (c.oid >= 16384 OR c.relkind = 'v')
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()))";

const BY_RELATIONS: &str = "/*list*/SELECT what FROM found) f";
