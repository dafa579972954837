//! What a statement would run, asked of the server twice: by its words before it is PREPAREd, since the parser runs code
//! already (a literal of a row, array or range goes through the input functions of its parts); and by the relations that
//! PREPARE has locked (`pg_locks`) before it is EXECUTEd, since only the server knows what a name stood for.
//!
//! By words are found: names that are called, fields that may be functions, operators, casts, and types. What a type is
//! made of counts where a value of it may be made: where it is named; where it is the type of a column that holds parts,
//! since a literal beside that column becomes one of them; and where a function or operator takes it. To read a column of a
//! domain makes none.

use serde_json::{Map, Value, json};

use super::barred::BARRED;
use super::reach::{PARTS, REACHED};
use super::statement::LiveStatement;
use crate::sql::quote::literal;

/// The query that lists what `statement` may not run by its words, as a JSON array of texts.
pub(super) fn of_words(statement: &LiveStatement, mut asked: Map<String, Value>) -> String {
    let words = [
        ("calls", json!(statement.calls)),
        ("fields", json!(statement.fields)),
        ("operators", json!(statement.operators)),
        ("names", json!(statement.names)),
        ("types", json!(statement.types)),
        ("parts", json!(statement.parts)),
    ];
    asked.extend(words.map(|(name, value)| (name.to_owned(), value)));
    question(&format!("{PARTS},{WORDS},{REACHED}{BY_WORDS}"), &asked)
}

/// The query that lists what the statement that was prepared may not run by what it reads, as a JSON array of texts.
pub(super) fn of_relations(asked: &Map<String, Value>) -> String {
    question(&format!("{PARTS},{LOCKED},{REACHED}{BY_RELATIONS}"), asked)
}

fn question(rest: &str, asked: &Map<String, Value>) -> String {
    let list = "\nSELECT coalesce(pg_catalog.json_agg(DISTINCT f.what), '[]')::text FROM (";
    let rest = rest.replace("/*list*/", list);
    format!("{},{rest}", BARRED.replace("/*asked*/", &literal(&json!(asked).to_string())))
}

const WORDS: &str = r"
names AS MATERIALIZED (SELECT pg_catalog.jsonb_array_elements_text(q -> 'names')::name AS name FROM asked),
types AS MATERIALIZED (SELECT pg_catalog.jsonb_array_elements_text(q -> 'types')::name AS name FROM asked),
called AS MATERIALIZED (
  SELECT p.oid, p.pronargs, p.proargtypes::oid[] AS takes, p.prorettype || coalesce(p.proallargtypes, '{}') AS gives
  FROM asked, LATERAL pg_catalog.jsonb_array_elements(q -> 'calls') c JOIN pg_catalog.pg_proc p ON p.proname = (c ->> 1)::name
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE CASE c ->> 0 WHEN 'pg_temp' THEN n.nspname ~ '^pg_temp_' ELSE coalesce(n.nspname = (c ->> 0)::name, n.oid IN (SELECT oid FROM path)) END
  UNION ALL
  SELECT p.oid, p.pronargs, p.proargtypes::oid[], p.prorettype || coalesce(p.proallargtypes, '{}')
  FROM asked, LATERAL pg_catalog.jsonb_array_elements_text(q -> 'fields') c JOIN pg_catalog.pg_proc p ON p.proname = c::name
    JOIN pg_catalog.pg_type t ON t.oid = p.proargtypes[0]
  WHERE p.pronargs - p.pronargdefaults <= 1 AND t.typtype IN ('c', 'p', 'd') AND p.pronamespace IN (SELECT oid FROM path)),
-- Types that the text names. A relation is one too, and is meant as one where a type stands.
named(type) AS (
  SELECT t.oid FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
    WHERE t.typname IN (SELECT name FROM names) AND (coalesce(c.relkind, 'c') = 'c' OR t.typname IN (SELECT name FROM types))
  UNION SELECT d.part FROM named n JOIN down d ON d.type = n.type),
-- Every type that a value in the statement can be of.
present(type) AS (
  SELECT type FROM (SELECT type FROM named UNION SELECT pg_catalog.unnest(takes || gives) FROM called
    UNION SELECT c.reltype FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relname IN (SELECT name FROM names) AND c.reltype <> 0
        AND (n.oid IN (SELECT oid FROM path) OR n.nspname IN (SELECT name FROM names) OR n.nspname ~ '^pg_temp_')) t
  UNION SELECT d.part FROM present p JOIN down d ON d.type = p.type),
-- A literal is taken for an operand where the other one is there, or where it is an operator of the database alone.
operators AS MATERIALIZED (
  SELECT o.* FROM asked, pg_catalog.pg_operator o WHERE q -> 'operators' ? o.oprname::text
    AND (o.oprnamespace IN (SELECT oid FROM path) OR EXISTS (SELECT FROM names WHERE name = 'operator'))
    AND (o.oprleft BETWEEN 1 AND 16383 OR o.oprright BETWEEN 1 AND 16383
      OR o.oprleft IN (SELECT type FROM present) OR o.oprright IN (SELECT type FROM present)
      OR NOT EXISTS (SELECT FROM pg_catalog.pg_operator e WHERE e.oprname = o.oprname AND e.oid < 16384))),
makes AS MATERIALIZED (
  SELECT (q ->> 'parts')::bool AS of_text,
    EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(q -> 'calls') c WHERE c ->> 1 ~ 'record|table$')
      OR EXISTS (SELECT FROM operators o JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode WHERE p.proname ~ 'populate') AS rows,
    -- One argument of a polymorphic function is made to fit the other.
    EXISTS (SELECT FROM called c JOIN pg_catalog.pg_type p ON p.oid = ANY (c.takes) WHERE c.pronargs > 1 AND p.typname ~ '^any.') AS fits
  FROM asked),
-- Every type of which a value may be made.
seeds AS (
  SELECT 'pg_catalog.pg_type'::regclass AS class, m.type AS oid, NULL::text AS via FROM (
    SELECT type FROM named UNION SELECT pg_catalog.unnest(takes) FROM called
    UNION SELECT v.type FROM operators o, LATERAL (VALUES (o.oprleft), (o.oprright), (o.oprresult)) v(type) WHERE v.type >= 16384
    UNION SELECT p.type FROM makes m, present p JOIN pg_catalog.pg_type t ON t.oid = p.type LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
      WHERE m.of_text OR CASE WHEN t.typtype = 'd' THEN m.fits WHEN c.relkind <> 'c' THEN m.rows ELSE true END
  ) m(type))";

const BY_WORDS: &str = r"/*list*/
  SELECT b.shown AS what FROM called c JOIN barred b ON b.oid = c.oid
  UNION ALL SELECT b.shown || ', behind operator ' || o.oprname FROM operators o JOIN barred b ON b.oid = o.oprcode
  UNION ALL SELECT b.shown || ', behind a cast to ' || pg_catalog.format_type(k.casttarget, NULL)
    FROM pg_catalog.pg_cast k JOIN barred b ON b.oid = k.castfunc
    WHERE (k.castsource < 16384 OR k.castsource IN (SELECT type FROM present))
      AND (k.castcontext = 'i' OR k.casttarget IN (SELECT type FROM named))
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
