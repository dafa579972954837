//! What is run without being named: from a type, a relation or an operator to every function that reading it, planning
//! for it or making a value of it may call.
//!
//! The ways are those of the server. A value of a type is made of values of its parts, and the CHECK of a domain among them
//! is run by the parser already, for a literal of an array or row. The planner folds the expressions of indexes, extended
//! statistics and partition keys, of children too. Sorting and grouping use the default operator classes of a type, from
//! whatever schema. JSON is made by casts that nobody writes. Stored generated columns and defaults are not among them, since
//! reading runs none, nor CHECK constraints of tables, since `constraint_exclusion` is off; nor policies, since
//! `row_security = off` makes them an error.
//!
//! What an expression is made of is in `pg_depend`, but for the server's own functions, which stand in its tree.

/// Common table expressions behind [`super::barred::BARRED`]: `down`, the types that a type is made of, `families`, the
/// functions of the database in an operator family, and `sends`, the barred casts that making JSON runs.
pub(super) const PARTS: &str = r"
down AS MATERIALIZED (
  SELECT t.oid AS type, part FROM pg_catalog.pg_type t, LATERAL (VALUES (t.typbasetype), (t.typelem)) v(part) WHERE part <> 0
  UNION ALL SELECT t.oid, a.atttypid FROM pg_catalog.pg_type t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.typrelid
    WHERE t.typtype = 'c' AND t.oid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
  -- PostgreSQL 13 has no multiranges.
  UNION ALL SELECT v.type, g.rngsubtype FROM pg_catalog.pg_range g,
    LATERAL (VALUES (g.rngtypid), ((pg_catalog.to_jsonb(g) ->> 'rngmultitypid')::oid)) v(type)),
families AS MATERIALIZED (
  SELECT a.amprocfamily AS family, b.oid FROM barred b JOIN pg_catalog.pg_amproc a ON a.amproc::oid = b.oid WHERE b.coded
  UNION SELECT a.amopfamily, b.oid FROM barred b JOIN pg_catalog.pg_operator o ON o.oprcode::oid = b.oid
    JOIN pg_catalog.pg_amop a ON a.amopopr = o.oid WHERE b.coded),
sends AS MATERIALIZED (
  SELECT k.castfunc AS oid, k.castsource AS type, 'behind a cast to ' || pg_catalog.format_type(k.casttarget, NULL) AS via
  FROM pg_catalog.pg_cast k JOIN barred b ON b.oid = k.castfunc WHERE k.casttarget IN ('json'::regtype, 'jsonb'::regtype))";

/// Common table expressions behind `seeds (class, oid, via)`: `trees` of an object, and `reached`, everything that is
/// reached from the seeds.
pub(super) const REACHED: &str = r#"
reached(class, oid, via) AS (
  SELECT s.class::oid, s.oid, s.via FROM seeds s
  UNION
  SELECT e.class::oid, e.oid, coalesce(e.via, r.via) COLLATE pg_catalog."default" FROM reached r, LATERAL (
    -- A relation: its children, and whatever holds an expression of it.
    SELECT 'pg_catalog.pg_class'::regclass, i.inhrelid, 'in table ' || i.inhrelid::regclass::text
      FROM pg_catalog.pg_inherits i WHERE r.class = 'pg_catalog.pg_class'::regclass AND i.inhparent = r.oid
    UNION ALL SELECT 'pg_catalog.pg_class'::regclass, i.indexrelid, 'in index ' || i.indexrelid::regclass::text
      FROM pg_catalog.pg_index i WHERE r.class = 'pg_catalog.pg_class'::regclass AND i.indrelid = r.oid
    UNION ALL SELECT 'pg_catalog.pg_statistic_ext'::regclass, s.oid, 'in statistics ' || s.stxname
      FROM pg_catalog.pg_statistic_ext s WHERE r.class = 'pg_catalog.pg_class'::regclass AND s.stxrelid = r.oid
    UNION ALL SELECT 'pg_catalog.pg_rewrite'::regclass, w.oid, 'in view ' || r.oid::regclass::text
      FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class c ON c.oid = w.ev_class
      WHERE r.class = 'pg_catalog.pg_class'::regclass AND w.ev_class = r.oid AND w.ev_type = '1' AND c.relkind = 'v'
    UNION ALL SELECT 'pg_catalog.pg_attrdef'::regclass, d.oid, NULL
      FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
      WHERE r.class = 'pg_catalog.pg_class'::regclass AND d.adrelid = r.oid AND a.attgenerated = 'v'
    UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, f.oid, NULL
      FROM (SELECT i.indclass AS classes FROM pg_catalog.pg_index i WHERE i.indexrelid = r.oid
        UNION ALL SELECT p.partclass FROM pg_catalog.pg_partitioned_table p WHERE p.partrelid = r.oid) k
      JOIN pg_catalog.pg_opclass o ON o.oid = ANY (k.classes) JOIN families f ON f.family = o.opcfamily
      WHERE r.class = 'pg_catalog.pg_class'::regclass
    -- An expression: what it depends on, and what it names of the server's own.
    UNION ALL SELECT d.refclassid, d.refobjid, NULL FROM pg_catalog.pg_depend d
      WHERE r.class IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_attrdef'::regclass,
          'pg_catalog.pg_statistic_ext'::regclass, 'pg_catalog.pg_constraint'::regclass)
        AND d.classid = r.class AND d.objid = r.oid AND d.objsubid = 0
        AND d.refclassid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass, 'pg_catalog.pg_type'::regclass)
    UNION ALL SELECT n.class, n.oid, n.via FROM (
        SELECT w.ev_action::text AS tree FROM pg_catalog.pg_rewrite w WHERE r.class = 'pg_catalog.pg_rewrite'::regclass AND w.oid = r.oid
        UNION ALL SELECT pg_catalog.concat(i.indexprs::text, i.indpred::text) FROM pg_catalog.pg_index i
          WHERE r.class = 'pg_catalog.pg_class'::regclass AND i.indexrelid = r.oid
        UNION ALL SELECT p.partexprs::text FROM pg_catalog.pg_partitioned_table p
          WHERE r.class = 'pg_catalog.pg_class'::regclass AND p.partrelid = r.oid
        UNION ALL SELECT d.adbin::text FROM pg_catalog.pg_attrdef d WHERE r.class = 'pg_catalog.pg_attrdef'::regclass AND d.oid = r.oid
        -- PostgreSQL 13 has no statistics of expressions.
        UNION ALL SELECT pg_catalog.to_jsonb(s) ->> 'stxexprs' FROM pg_catalog.pg_statistic_ext s
          WHERE r.class = 'pg_catalog.pg_statistic_ext'::regclass AND s.oid = r.oid
        UNION ALL SELECT c.conbin::text FROM pg_catalog.pg_constraint c WHERE r.class = 'pg_catalog.pg_constraint'::regclass AND c.oid = r.oid
      ) t, LATERAL (
        SELECT 'pg_catalog.pg_proc'::regclass AS class, b.oid, NULL AS via
          FROM pg_catalog.regexp_matches(t.tree, ':(?:funcid|opfuncid|aggfnoid|winfnoid|tsmhandler) (\d+)', 'g') m
          JOIN barred b ON b.oid = m[1]::oid
        UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, s.oid, s.via || coalesce(', ' || r.via, '') FROM sends s
          WHERE t.tree ~ 'JSON' OR EXISTS (SELECT FROM pg_catalog.regexp_matches(t.tree, ':(?:funcid|aggfnoid|winfnoid) (\d+)', 'g') m
            JOIN pg_catalog.pg_proc p ON p.oid = m[1]::oid WHERE p.proname ~ 'json')
        -- A whole row is a value of its type: json_populate_record() makes another one after it. Rows of columns are compared
        -- by what compares these. A column of a domain is only read.
        UNION ALL SELECT 'pg_catalog.pg_type'::regclass, y.oid, NULL FROM pg_catalog.regexp_matches(t.tree, ':vartype (\d+)', 'g') m
          JOIN pg_catalog.pg_type y ON y.oid = m[1]::oid WHERE y.typtype <> 'd') n
    -- A type: its parts, the checks of a domain, and what compares its values.
    UNION ALL SELECT 'pg_catalog.pg_type'::regclass, d.part, NULL FROM down d WHERE r.class = 'pg_catalog.pg_type'::regclass AND d.type = r.oid
    UNION ALL SELECT 'pg_catalog.pg_constraint'::regclass, c.oid,
        'behind domain ' || pg_catalog.format_type(r.oid, NULL) || coalesce(', ' || pg_catalog.substring(r.via, 'in view .*'), '')
      FROM pg_catalog.pg_constraint c WHERE r.class = 'pg_catalog.pg_type'::regclass AND c.contypid = r.oid
    UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, b.oid, 'behind type ' || pg_catalog.format_type(r.oid, NULL)
      FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_range g ON t.oid = g.rngtypid
      JOIN barred b ON b.oid IN (t.typinput, t.typoutput, t.typmodin, t.typmodout, g.rngcanonical, g.rngsubdiff)
      WHERE r.class = 'pg_catalog.pg_type'::regclass AND t.oid = r.oid AND b.coded
    UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, f.oid, 'behind the order of ' || pg_catalog.format_type(r.oid, NULL)
      FROM pg_catalog.pg_opclass o JOIN families f ON f.family = o.opcfamily
      WHERE r.class = 'pg_catalog.pg_type'::regclass AND (o.opcdefault AND o.opcintype = r.oid
        OR o.oid IN (SELECT g.rngsubopc FROM pg_catalog.pg_range g WHERE g.rngtypid = r.oid))
    -- An operator: its function, what estimates it, and what else is in its families.
    UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, b.oid, 'behind operator ' || o.oprname || coalesce(', ' || r.via, '')
      FROM pg_catalog.pg_operator o JOIN barred b ON b.oid = o.oprcode OR b.coded AND b.oid IN (o.oprrest, o.oprjoin)
      WHERE r.class = 'pg_catalog.pg_operator'::regclass AND o.oid = r.oid
    UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, f.oid, NULL FROM pg_catalog.pg_amop a JOIN families f ON f.family = a.amopfamily
      WHERE r.class = 'pg_catalog.pg_operator'::regclass AND a.amopopr = r.oid
  ) e(class, oid, via)),
found AS (
  SELECT b.shown || coalesce(', ' || r.via, '') AS what FROM reached r JOIN barred b ON b.oid = r.oid
    WHERE r.class = 'pg_catalog.pg_proc'::regclass
  UNION SELECT 'foreign table ' || c.oid::regclass::text || ', which is read outside of this transaction' FROM reached r
    JOIN pg_catalog.pg_class c ON c.oid = r.oid WHERE r.class = 'pg_catalog.pg_class'::regclass AND c.relkind = 'f')"#;
