//! The statement that compares: one FULL JOIN on the key, counted where the rows are.

use super::columns::Columns;
use super::mapping::Mapping;
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
pub(super) struct StatementParts<'a> {
    pub(super) mapping: &'a Mapping,
    columns: &'a Columns,
    /// Compared columns, without those that cannot be.
    pub values: Vec<&'a str>,
    /// The tenant, where it can be compared.
    pub tenant: Option<&'a str>,
}

impl<'a> StatementParts<'a> {
    pub(super) fn new(mapping: &'a Mapping, columns: &'a Columns) -> Self {
        let comparable = |name: &&str| columns.why(name).is_none();
        let values = columns.values.iter().map(String::as_str).filter(comparable).collect();
        Self { mapping, columns, values, tenant: mapping.tenant.as_deref().filter(comparable) }
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
        let sums = counted.iter().map(|(name, _)| format!("coalesce(pg_catalog.sum({name}), 0) AS {name}"));
        let total = |query: &str| format!("(SELECT pg_catalog.count(*) FROM {} q)", inner(query));
        format!(
            "WITH cells AS MATERIALIZED (SELECT {} FROM {} {group_by})\nSELECT (pg_catalog.jsonb_build_object('source', {}, 'target', {})\n  || (SELECT pg_catalog.to_jsonb(sums) FROM (SELECT {} FROM cells) sums)\n  || {})::text",
            select.collect::<Vec<_>>().join(",\n  "),
            self.joined(),
            total(&self.mapping.source),
            total(&self.mapping.target),
            sums.collect::<Vec<_>>().join(", "),
            self.distribution(),
        )
    }

    /// What of [`StatementParts::counts`] is of rows on both sides, by rows of the source: where a key is doubled, a row stands in the
    /// join more than once.
    pub(super) fn counts_of_rows(&self) -> String {
        let sides = ["missing", "extra", "source_nulls", "target_nulls"];
        let both = self.counted().into_iter().filter(|(name, _)| !sides.contains(&name.as_str()));
        let select = both.map(|(name, when)| format!("pg_catalog.count(DISTINCT s.n) FILTER (WHERE {when}) AS {name}"));
        format!(
            "SELECT pg_catalog.to_jsonb(counted)::text FROM (SELECT {} FROM (SELECT pg_catalog.row_number() OVER () AS n, x.* FROM ({}) x) s \
             FULL JOIN ({}) t ON {}) counted",
            select.collect::<Vec<_>>().join(", "),
            self.side(true),
            self.side(false),
            self.on()
        )
    }

    /// Each count by its name in the answer, and the rows of the join that it counts.
    fn counted(&self) -> Vec<(String, String)> {
        let both = "s.here AND t.here";
        let differs = |n: usize| format!("s.v{n} IS DISTINCT FROM t.v{n}");
        let mut counted = vec![
            ("pairs".to_owned(), both.to_owned()),
            ("missing".to_owned(), "t.here IS NULL".to_owned()),
            ("extra".to_owned(), "s.here IS NULL".to_owned()),
            ("modified".to_owned(), self.differ()),
            ("source_nulls".to_owned(), self.null_key("s")),
            ("target_nulls".to_owned(), self.null_key("t")),
        ];
        counted.extend((0..self.values.len()).map(|n| (format!("c{n}"), format!("{both} AND {}", differs(n)))));
        counted.extend((0..self.mapping.map.len()).map(|n| (format!("u{n}"), format!("s.u{n}"))));
        if self.tenant.is_some() {
            counted.push(("crossed".to_owned(), format!("{both} AND s.tenant IS DISTINCT FROM t.tenant")));
        }
        counted
    }

    fn null_key(&self, side: &str) -> String {
        let any = (0..self.mapping.key.len()).map(|n| format!("{side}.k{n} IS NULL")).collect::<Vec<_>>();
        format!("{side}.here AND ({})", any.join(" OR "))
    }

    /// Of the join, the rows of both sides that differ in a compared column.
    pub(super) fn differ(&self) -> String {
        let differs = (0..self.values.len()).map(|n| format!("s.v{n} IS DISTINCT FROM t.v{n}"));
        let any = differs.chain(self.values.is_empty().then(|| "false".to_owned())).collect::<Vec<_>>().join(" OR ");
        format!("s.here AND t.here AND ({any})")
    }

    /// Both sides, joined by the key.
    pub(super) fn joined(&self) -> String {
        format!("({}) s FULL JOIN ({}) t ON {}", self.side(true), self.side(false), self.on())
    }

    fn on(&self) -> String {
        (0..self.mapping.key.len()).map(|n| format!("s.k{n} = t.k{n}")).collect::<Vec<_>>().join(" AND ")
    }

    /// One side under names of ours, the source as the map has it.
    pub(super) fn side(&self, source: bool) -> String {
        let mapping = self.mapping;
        let mapped = |name: &str| {
            let mapped = mapped(mapping, name, source);
            if self.columns.texts.contains(name) { format!("{mapped}::text") } else { mapped }
        };
        let mut select = vec!["true AS here".to_owned()];
        select.extend(mapping.key.iter().enumerate().map(|(n, name)| format!("{} AS k{n}", mapped(name))));
        select.extend(self.values.iter().enumerate().map(|(n, name)| format!("{} AS v{n}", mapped(name))));
        select.extend(mapping.group_by.iter().enumerate().map(|(n, name)| format!("{}::text AS g{n}", mapped(name))));
        select.extend(self.tenant.iter().map(|name| format!("{} AS tenant", mapped(name))));
        if source {
            // A value that the map does not name; NULL stays NULL and needs no entry.
            select.extend(mapping.map.iter().enumerate().map(|(n, (name, pairs))| {
                let named = pairs.keys().map(|old| literal(old)).collect::<Vec<_>>().join(", ");
                format!("q.{}::text <> ALL (ARRAY[{named}]::text[]) AS u{n}", ident(name))
            }));
        }
        let query = if source { &mapping.source } else { &mapping.target };
        format!("SELECT {} FROM {} q", select.join(", "), inner(query))
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
}
