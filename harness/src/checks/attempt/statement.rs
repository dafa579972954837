//! The statements that are tried, from the catalogs and the rows of the seed. Identifiers are quoted, values are
//! literals of unknown type.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, Column, ConstraintKind, PrivilegeSet, Relation};
use crate::judge::effect::{Baseline, RowKey, key_of};
use crate::sql::Sql;
use crate::sql::quote::{ident, literal};

/// A predicate that holds for exactly these keys.
#[must_use]
pub(crate) fn where_keys<'a>(relation: &Relation, keys: impl IntoIterator<Item = &'a RowKey>) -> String {
    let (_, exprs) = key_of(relation);
    let rows: Vec<String> = keys
        .into_iter()
        .map(|key| format!("({})", key.iter().map(|part| literal(part)).collect::<Vec<_>>().join(", ")))
        .collect();
    if rows.is_empty() { "false".to_owned() } else { format!("({}) IN ({})", exprs.join(", "), rows.join(", ")) }
}

/// What an UPDATE assigns: a column that the actor may write, and a value that stands there already, so that no
/// constraint is in the way. None where there is no such column.
#[must_use]
pub(crate) fn assignment(
    relation: &Relation,
    baseline: &Baseline,
    held: Option<&PrivilegeSet>,
    only: Option<&BTreeSet<String>>,
    from: Option<&RowKey>,
) -> Option<(String, Option<String>)> {
    let writable = |column: &&Column| {
        !column.generated
            && column.identity != "a"
            && only.is_none_or(|only| only.contains(&column.name))
            && held.is_none_or(|held| !held.holds("update") || held.holds_column("update", &column.name))
    };
    let best = relation.columns.iter().filter(writable).min_by_key(|column| weight(relation, baseline, column))?;
    let key = from.or_else(|| baseline.rows.keys().next())?;
    Some((best.name.clone(), baseline.value(key, &best.name)?.clone()))
}

/// How much depends on a column: keys and foreign keys most, one with the same value everywhere least.
fn weight(relation: &Relation, baseline: &Baseline, column: &Column) -> (bool, bool, bool, usize) {
    let constrained = relation.constraints.iter().any(|constraint| {
        constraint.columns.contains(&column.name)
            && !matches!(constraint.kind, ConstraintKind::Check | ConstraintKind::NotNull)
    });
    let unique = relation.unique.iter().any(|key| key.columns.contains(&column.name));
    let in_policy = relation
        .policies
        .iter()
        .any(|policy| [&policy.using, &policy.check].into_iter().flatten().any(|sql| sql.contains(&column.name)));
    let distinct: BTreeSet<&Option<String>> =
        baseline.rows.keys().filter_map(|key| baseline.value(key, &column.name)).collect();
    (unique, constrained, in_policy, distinct.len())
}

/// `UPDATE r SET c = v [WHERE …]`.
#[must_use]
pub(crate) fn update(relation: &Relation, column: &str, to: Sql, filter: Option<&str>) -> Sql {
    let filter = filter.map(|filter| format!(" WHERE {filter}")).unwrap_or_default();
    Sql::text(format!("UPDATE {} SET {} = ", relation.name.sql(), ident(column))).then(to).then(filter)
}

/// `DELETE FROM r [WHERE …]`.
#[must_use]
pub(crate) fn delete(relation: &Relation, filter: Option<&str>) -> Sql {
    let filter = filter.map(|filter| format!(" WHERE {filter}")).unwrap_or_default();
    Sql::text(format!("DELETE FROM {}{filter}", relation.name.sql()))
}

/// How a row is copied.
#[derive(Debug, Clone, Default)]
pub(crate) struct Copy<'a> {
    /// Column = SQL expression, instead of what the row has.
    pub with: BTreeMap<&'a str, Sql>,
    /// Columns that are left out, for their default.
    pub without: BTreeSet<&'a str>,
    /// Whether keys keep their value.
    pub verbatim: bool,
    /// Columns whose values reports may hold.
    pub shown: BTreeSet<&'a str>,
}

/// An INSERT of a copy of the row of `key`. Keys with a default are left out unless the copy is verbatim; generated
/// columns always are; columns that the actor may not insert are, where it holds any.
#[must_use]
pub(crate) fn insert(
    relation: &Relation,
    baseline: &Baseline,
    key: &RowKey,
    held: Option<&PrivilegeSet>,
    copy: &Copy<'_>,
) -> Option<Sql> {
    let row = baseline.rows.get(key)?;
    let limited = held.is_some_and(|held| held.holds("insert") && !held.table.contains("insert"));
    let in_key = |name: &str| relation.unique.iter().any(|unique| unique.columns.iter().any(|column| column == name));
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for (column, stored) in relation.columns.iter().zip(&row.values) {
        let name = column.name.as_str();
        let defaulted = !copy.verbatim && in_key(name) && (column.default.is_some() || !column.identity.is_empty());
        let forbidden = limited && !held.is_some_and(|held| held.holds_column("insert", name));
        let given = copy.with.get(name);
        if column.generated || forbidden || copy.without.contains(name) || (defaulted && given.is_none()) {
            continue;
        }
        names.push(ident(name));
        values.push(given.cloned().unwrap_or_else(|| Sql::value(stored.as_deref(), copy.shown.contains(name))));
    }
    if names.is_empty() {
        return Some(Sql::text(format!("INSERT INTO {} DEFAULT VALUES", relation.name.sql())));
    }
    // Views take no OVERRIDING; a table without identity column ignores it.
    let overriding = if relation.kind.is_table() { " OVERRIDING SYSTEM VALUE" } else { "" };
    let head = format!("INSERT INTO {} ({}){overriding} VALUES (", relation.name.sql(), names.join(", "));
    Some(Sql::text(head).then(Sql::join(values, ", ")).then(")"))
}

/// Statements that take away the foreign keys that point at `relation`.
#[must_use]
pub(crate) fn drop_references(catalog: &Catalog, relation: &Relation) -> Vec<String> {
    let mut out = Vec::new();
    for child in catalog.relations.values().filter(|child| child.kind.is_table()) {
        // A partition's constraint goes with its parent's.
        if child.parent.is_some() {
            continue;
        }
        for constraint in child.constraints.iter().filter(|c| c.references == Some(relation.oid)) {
            out.push(format!("ALTER TABLE {} DROP CONSTRAINT {}", child.name.sql(), ident(&constraint.name)));
        }
    }
    out
}
