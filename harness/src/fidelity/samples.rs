//! Statements that tell a few rows of each class, where the comparison has counted some.

use super::statement::{SAMPLES, StatementParts, inner, key};
use crate::sql::quote::{ident, literal};

/// At most so many characters of a value are told.
const WIDTH: u32 = 80;

impl StatementParts<'_> {
    /// The key of a row of `side` as text.
    fn keys(&self, side: &str) -> String {
        let parts = (0..self.mapping.key.len()).map(|n| format!("{side}.k{n}::text"));
        format!("ARRAY[{}]", parts.collect::<Vec<_>>().join(", "))
    }

    /// Keys of the rows of the join for which `when` holds, as text, in order: a few.
    pub(super) fn sample(&self, when: &str) -> String {
        format!(
            "SELECT coalesce(pg_catalog.jsonb_agg(key), '[]')::text FROM (SELECT CASE WHEN s.here THEN {} ELSE {} END AS key\n  FROM {} WHERE {when} ORDER BY 1 LIMIT {SAMPLES}) few",
            self.keys("s"),
            self.keys("t"),
            self.joined(),
        )
    }

    /// Keys that stand more than once on one side: how many, how many rows beyond the first, and a few of them.
    pub(super) fn doubled(&self, source: bool) -> String {
        let keys = (0..self.mapping.key.len()).map(|n| format!("k{n}")).collect::<Vec<_>>().join(", ");
        format!(
            "WITH twice AS (SELECT {} AS key, pg_catalog.count(*) AS n FROM ({}) x GROUP BY {keys} HAVING pg_catalog.count(*) > 1)\n\
             SELECT pg_catalog.jsonb_build_object('keys', pg_catalog.count(*), 'rows', coalesce(pg_catalog.sum(n - 1), 0),\n  \
             'told', coalesce((SELECT pg_catalog.jsonb_agg(key) FROM (SELECT key FROM twice ORDER BY key LIMIT {SAMPLES}) few), '[]'))::text FROM twice",
            self.keys("x"),
            self.side(source),
        )
    }

    /// Rows that are missing under one tenant and extra under another, everything else in their key being equal.
    /// `None` where the tenant is no part of the key, or all of it.
    pub(super) fn moved(&self) -> Option<String> {
        let tenant = self.tenant?;
        let rest: Vec<String> = (0..self.mapping.key.len())
            .filter(|n| self.mapping.key.get(*n).is_none_or(|key| key != tenant))
            .map(|n| format!("a.k{n} = b.k{n}"))
            .collect();
        if rest.is_empty() || rest.len() == self.mapping.key.len() {
            return None;
        }
        let alone = |when: &str, side: &str| format!("(SELECT {side}.* FROM {} WHERE {when})", self.joined());
        Some(format!(
            "WITH moved AS (SELECT {} AS key FROM {} a WHERE EXISTS (SELECT FROM {} b WHERE {} AND a.tenant IS DISTINCT FROM b.tenant))\n\
             SELECT pg_catalog.jsonb_build_object('rows', pg_catalog.count(*), \
             'keys', coalesce((SELECT pg_catalog.jsonb_agg(key) FROM (SELECT key FROM moved ORDER BY key LIMIT {SAMPLES}) few), '[]'))::text FROM moved",
            self.keys("a"),
            alone("t.here IS NULL", "s"),
            alone("s.here IS NULL", "t"),
            rest.join(" AND "),
        ))
    }

    /// A few rows with NULL in their key.
    pub(super) fn null_keys(&self, source: bool) -> String {
        let any = (0..self.mapping.key.len()).map(|n| format!("x.k{n} IS NULL")).collect::<Vec<_>>().join(" OR ");
        format!(
            "SELECT coalesce(pg_catalog.jsonb_agg(key), '[]')::text FROM (SELECT {} AS key FROM ({}) x WHERE {any} ORDER BY 1 LIMIT {SAMPLES}) few",
            self.keys("x"),
            self.side(source)
        )
    }

    /// Of each column, a few rows that differ in it, with both values.
    pub(super) fn modified_rows(&self) -> String {
        let columns: Vec<_> = self.values.iter().enumerate().map(|(n, name)| (*name, format!("v{n}"))).collect();
        self.by_column(&columns, &self.differ(), |a, b| format!("{a} IS DISTINCT FROM {b}"))
    }

    /// Of each column, keys among them, a few rows whose values are equal and written otherwise. A collation may take two texts
    /// for equal; C does not.
    pub(super) fn rewritten_rows(&self) -> String {
        let keys = self.mapping.key.iter().enumerate().map(|(n, name)| (name.as_str(), format!("k{n}")));
        let values = self.values.iter().enumerate().map(|(n, name)| (*name, format!("v{n}")));
        let columns: Vec<_> = keys.chain(values).collect();
        let rewritten = |a: &str, b: &str| {
            format!("{a} IS NOT DISTINCT FROM {b} AND {a}::text COLLATE \"C\" IS DISTINCT FROM {b}::text COLLATE \"C\"")
        };
        let any = columns.iter().map(|(_, c)| format!("({})", rewritten(&format!("s.{c}"), &format!("t.{c}"))));
        let any = any.collect::<Vec<_>>().join(" OR ");
        self.by_column(&columns, &format!("s.here AND t.here AND ({any})"), rewritten)
    }

    /// An object with an entry for each column that `wrong` holds for in a row of the join: how many, and a few.
    fn by_column(&self, columns: &[(&str, String)], when: &str, wrong: impl Fn(&str, &str) -> String) -> String {
        let both =
            columns.iter().map(|(_, c)| format!("s.{c} AS s_{c}, t.{c} AS t_{c}")).collect::<Vec<_>>().join(", ");
        let each = columns.iter().map(|(name, c)| {
            let wrong = wrong(&format!("s_{c}"), &format!("t_{c}"));
            format!(
                "SELECT {} AS name, (SELECT pg_catalog.count(*) FROM found WHERE {wrong}) AS rows, (SELECT pg_catalog.jsonb_agg(told) FROM (SELECT pg_catalog.jsonb_build_object('key', key, \
                 'values', ARRAY[pg_catalog.left(s_{c}::text, {WIDTH}), pg_catalog.left(t_{c}::text, {WIDTH})]) AS told \
                 FROM found WHERE {wrong} ORDER BY key LIMIT {SAMPLES}) few) AS told",
                literal(name)
            )
        });
        format!(
            "WITH found AS MATERIALIZED (SELECT {} AS key, {both} FROM {} WHERE {when})\n\
             SELECT coalesce(pg_catalog.jsonb_object_agg(name, pg_catalog.jsonb_build_object('rows', rows, 'told', told)), '{{}}')::text \
             FROM ({}) each WHERE rows > 0",
            self.keys("s"),
            self.joined(),
            each.collect::<Vec<_>>().join("\n  UNION ALL ")
        )
    }

    /// A few rows of the source whose value the map number `n` does not name, with it.
    pub(super) fn unmapped_rows(&self, n: usize) -> String {
        let Some((name, pairs)) = self.mapping.map.iter().nth(n) else { return "SELECT '[]'".to_owned() };
        let named = pairs.keys().map(|old| literal(old)).collect::<Vec<_>>().join(", ");
        let value = format!("q.{}::text", ident(name));
        format!(
            "SELECT coalesce(pg_catalog.jsonb_agg(told), '[]')::text FROM (SELECT pg_catalog.jsonb_build_object('key', {0}, \
             'values', ARRAY[pg_catalog.left({value}, {WIDTH})]) AS told FROM {1} q \
             WHERE {value} <> ALL (ARRAY[{named}]::text[]) ORDER BY {0} LIMIT {SAMPLES}) few",
            key(self.mapping, true),
            inner(&self.mapping.source)
        )
    }
}
