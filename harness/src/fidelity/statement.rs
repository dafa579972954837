//! The statement that compares: one FULL JOIN on the key, counted where the rows are.

use super::columns::Columns;
use super::compare::Mapping;
use crate::sql::quote::{ident, literal};

/// At most so many groups that differ are told, and so many sample keys of each class.
pub(super) const SAMPLES: usize = 10;

/// A query as a part of another: a comment that ends it ends before the parenthesis.
pub(super) fn inner(query: &str) -> String {
    format!("(\n{query}\n)")
}

/// A column of `q`, as the map has it where `q` is the source.
fn mapped(mapping: &Mapping, name: &str, source: bool) -> String {
    let column = format!("q.{}", ident(name));
    match mapping.map.get(name) {
        Some(pairs) if source => {
            let when = pairs.iter().map(|(old, new)| format!("WHEN {} THEN {}", literal(old), literal(new)));
            format!("CASE {column}::text {} END", when.collect::<Vec<_>>().join(" "))
        }
        Some(_) => format!("{column}::text"),
        None => column,
    }
}

/// The key of a row of `q`, as the map has it where `q` is the source, as text.
pub(super) fn key(mapping: &Mapping, source: bool) -> String {
    let parts = mapping.key.iter().map(|name| format!("{}::text", mapped(mapping, name, source)));
    format!("ARRAY[{}]", parts.collect::<Vec<_>>().join(", "))
}

/// Parts of SQL that more than one statement of a comparison is made of.
pub(super) struct Parts<'a> {
    mapping: &'a Mapping,
    /// Compared columns, without those that cannot be.
    pub values: Vec<&'a str>,
}

impl<'a> Parts<'a> {
    pub(super) fn new(mapping: &'a Mapping, columns: &'a Columns) -> Self {
        let comparable = |name: &&String| !columns.mistyped.iter().any(|(column, ..)| column == *name);
        Self { mapping, values: columns.values.iter().filter(comparable).map(String::as_str).collect() }
    }

    /// Counts of everything that one pass can tell, as one JSON document; see [`super::compare::Compared`].
    pub(super) fn counts(&self) -> String {
        let groups = self.mapping.group_by.len();
        let sides = |side: &str| (0..groups).map(|n| format!("{side}.g{n} AS {side}g{n}")).collect::<Vec<_>>();
        let by: Vec<String> = sides("s").into_iter().chain(sides("t")).collect();
        let by_names = ["s", "t"].iter().flat_map(|side| (0..groups).map(move |n| format!("{side}.g{n}")));
        let group_by =
            if groups == 0 { String::new() } else { format!("GROUP BY {}", by_names.collect::<Vec<_>>().join(", ")) };
        let counted = self.counted();
        let select = by
            .into_iter()
            .chain(counted.iter().map(|(name, when)| format!("pg_catalog.count(*) FILTER (WHERE {when}) AS {name}")));
        let sums = counted
            .iter()
            .map(|(name, _)| format!("{}, coalesce((SELECT pg_catalog.sum({name}) FROM cells), 0)", literal(name)));
        format!(
            "WITH cells AS MATERIALIZED (SELECT {} FROM {} {group_by})\nSELECT (pg_catalog.jsonb_build_object('source', (SELECT pg_catalog.count(*) FROM ({}) q), 'target', (SELECT pg_catalog.count(*) FROM ({}) q))\n  || pg_catalog.jsonb_build_object({})\n  || {})::text",
            select.collect::<Vec<_>>().join(",\n  "),
            self.joined(),
            self.mapping.source,
            self.mapping.target,
            sums.collect::<Vec<_>>().join(", "),
            self.distribution(),
        )
    }

    /// Each count by its name in the answer, and the rows of the join that it counts.
    fn counted(&self) -> Vec<(String, String)> {
        let both = "s.here AND t.here";
        let differs = |n: usize| format!("s.v{n} IS DISTINCT FROM t.v{n}");
        let any = (0..self.values.len()).map(differs).collect::<Vec<_>>().join(" OR ");
        let mut counted = vec![
            ("pairs".to_owned(), both.to_owned()),
            ("missing".to_owned(), "t.here IS NULL".to_owned()),
            ("extra".to_owned(), "s.here IS NULL".to_owned()),
            ("modified".to_owned(), if any.is_empty() { "false".to_owned() } else { format!("{both} AND ({any})") }),
            ("source_nulls".to_owned(), self.null_key("s")),
            ("target_nulls".to_owned(), self.null_key("t")),
        ];
        counted.extend((0..self.values.len()).map(|n| (format!("c{n}"), format!("{both} AND {}", differs(n)))));
        counted.extend((0..self.mapping.map.len()).map(|n| (format!("u{n}"), format!("s.u{n}"))));
        if self.mapping.tenant.is_some() {
            counted.push(("crossed".to_owned(), format!("{both} AND s.tenant IS DISTINCT FROM t.tenant")));
        }
        counted
    }

    fn null_key(&self, side: &str) -> String {
        let any = (0..self.mapping.key.len()).map(|n| format!("{side}.k{n} IS NULL")).collect::<Vec<_>>();
        format!("{side}.here AND ({})", any.join(" OR "))
    }

    /// Both sides, joined by the key.
    pub(super) fn joined(&self) -> String {
        let on = (0..self.mapping.key.len()).map(|n| format!("s.k{n} = t.k{n}")).collect::<Vec<_>>().join(" AND ");
        format!("({}) s FULL JOIN ({}) t ON {on}", self.side(true), self.side(false))
    }

    /// One side under names of ours, the source as the map has it.
    pub(super) fn side(&self, source: bool) -> String {
        let mapping = self.mapping;
        let mapped = |name: &str| mapped(mapping, name, source);
        let mut select = vec!["true AS here".to_owned()];
        select.extend(mapping.key.iter().enumerate().map(|(n, name)| format!("{} AS k{n}", mapped(name))));
        select.extend(self.values.iter().enumerate().map(|(n, name)| format!("{} AS v{n}", mapped(name))));
        select.extend(mapping.group_by.iter().enumerate().map(|(n, name)| format!("{}::text AS g{n}", mapped(name))));
        select.extend(mapping.tenant.iter().map(|name| format!("{} AS tenant", mapped(name))));
        if source {
            // A value that the map does not name; NULL stays NULL and needs no entry.
            select.extend(mapping.map.iter().enumerate().map(|(n, (name, pairs))| {
                let named = pairs.keys().map(|old| literal(old)).collect::<Vec<_>>().join(", ");
                format!("{}::text <> ALL (ARRAY[{named}]::text[]) AS u{n}", format!("q.{}", ident(name)))
            }));
        }
        let query = if source { &mapping.source } else { &mapping.target };
        format!("SELECT {} FROM ({query}) q", select.join(", "))
    }

    /// One side with its key and the compared columns alone.
    pub(super) fn bare(&self, source: bool) -> String {
        let keys = (0..self.mapping.key.len()).map(|n| format!("k{n}"));
        let values = (0..self.values.len()).map(|n| format!("v{n}"));
        format!("SELECT {} FROM ({}) x", keys.chain(values).collect::<Vec<_>>().join(", "), self.side(source))
    }

    /// The distribution by the rows of each side alone: in the join, rows of a key that is not unique stand more than once.
    pub(super) fn groups(&self) -> String {
        let plain = self.group_names().join(", ");
        let side = |source: bool, counts: &str| {
            format!("SELECT {plain}, {counts} FROM ({}) x GROUP BY {plain}", self.side(source))
        };
        let (source, target) = (side(true, "pg_catalog.count(*) AS s, 0 AS t"), side(false, "0, pg_catalog.count(*)"));
        format!("SELECT {}::text", self.uneven(&format!("{source} UNION ALL {target}")))
    }

    fn group_names(&self) -> Vec<String> {
        (0..self.mapping.group_by.len()).map(|n| format!("g{n}")).collect()
    }

    /// Groups whose counts differ, and how many groups there are.
    fn distribution(&self) -> String {
        if self.mapping.group_by.is_empty() {
            return "'{\"groups\": 0, \"uneven\": 0, \"told\": []}'::jsonb".to_owned();
        }
        let names = |side: &str| {
            self.group_names().into_iter().map(|name| format!("{side}{name} AS {name}")).collect::<Vec<_>>().join(", ")
        };
        self.uneven(&format!(
            "SELECT {}, pairs + missing AS s, 0 AS t FROM cells UNION ALL SELECT {}, 0, pairs + extra FROM cells",
            names("s"),
            names("t")
        ))
    }

    /// What differs between the counts `s` and `t` of groups, as `sides` has them.
    fn uneven(&self, sides: &str) -> String {
        let plain = self.group_names().join(", ");
        format!(
            "(WITH sides AS ({sides}),\n  \
             each AS (SELECT ARRAY[{plain}] AS names, pg_catalog.sum(s) AS s, pg_catalog.sum(t) AS t FROM sides GROUP BY {plain} HAVING pg_catalog.sum(s) + pg_catalog.sum(t) > 0),\n  \
             uneven AS (SELECT * FROM each WHERE s <> t)\n  \
             SELECT pg_catalog.jsonb_build_object('groups', (SELECT pg_catalog.count(*) FROM each), 'uneven', (SELECT pg_catalog.count(*) FROM uneven),\n    \
             'told', coalesce((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('names', names, 'source', s, 'target', t))\n      \
             FROM (SELECT * FROM uneven ORDER BY names LIMIT {SAMPLES}) few), '[]')))"
        )
    }

    /// Keys of the rows of the join for which `when` holds, as text, in order: a few.
    pub(super) fn sample(&self, when: &str) -> String {
        let keys = |side: &str| {
            (0..self.mapping.key.len()).map(|n| format!("{side}.k{n}::text")).collect::<Vec<_>>().join(", ")
        };
        format!(
            "SELECT coalesce(pg_catalog.jsonb_agg(key), '[]')::text FROM (SELECT CASE WHEN s.here THEN ARRAY[{}] ELSE ARRAY[{}] END AS key\n  FROM {} WHERE {when} ORDER BY 1 LIMIT {SAMPLES}) few",
            keys("s"),
            keys("t"),
            self.joined(),
        )
    }

    /// Keys that stand more than once on one side: how many, how many rows beyond the first, and a few of them.
    pub(super) fn doubled(&self, source: bool) -> String {
        let keys = (0..self.mapping.key.len()).map(|n| format!("k{n}")).collect::<Vec<_>>().join(", ");
        let texts = (0..self.mapping.key.len()).map(|n| format!("k{n}::text")).collect::<Vec<_>>().join(", ");
        format!(
            "WITH twice AS (SELECT ARRAY[{texts}] AS key, pg_catalog.count(*) AS n FROM ({}) x GROUP BY {keys} HAVING pg_catalog.count(*) > 1)\n\
             SELECT pg_catalog.jsonb_build_object('keys', pg_catalog.count(*), 'rows', coalesce(pg_catalog.sum(n - 1), 0),\n  \
             'told', coalesce((SELECT pg_catalog.jsonb_agg(key) FROM (SELECT key FROM twice ORDER BY key LIMIT {SAMPLES}) few), '[]'))::text FROM twice",
            self.side(source),
        )
    }

    /// Rows that are missing under one tenant and extra under another, everything else in their key being equal: how many.
    /// `None` where the tenant is no part of the key, or all of it.
    pub(super) fn moved(&self) -> Option<String> {
        let tenant = self.mapping.tenant.as_ref()?;
        let rest: Vec<String> = (0..self.mapping.key.len())
            .filter(|n| self.mapping.key.get(*n) != Some(tenant))
            .map(|n| format!("a.k{n} = b.k{n}"))
            .collect();
        if rest.is_empty() || rest.len() == self.mapping.key.len() {
            return None;
        }
        let alone = |when: &str, side: &str| format!("(SELECT {side}.* FROM {} WHERE {when})", self.joined());
        Some(format!(
            "SELECT pg_catalog.count(*)::text FROM {} a WHERE EXISTS (SELECT FROM {} b WHERE {} AND a.tenant IS DISTINCT FROM b.tenant)",
            alone("t.here IS NULL", "s"),
            alone("s.here IS NULL", "t"),
            rest.join(" AND "),
        ))
    }
}
