//! Rows that a session has written to each table, as the server counts them.

use crate::world::Basis;

/// Rows that the session has written to each table, as one value, `OID COUNT,…`: of earlier transactions too, so that only
/// the difference of two looks counts.
pub(crate) fn counters(basis: &Basis) -> String {
    let tables = basis.catalog.relations.values().filter(|relation| relation.kind.is_table());
    let oids: Vec<String> = tables.map(|relation| relation.oid.to_string()).collect();
    format!(
        "(SELECT pg_catalog.string_agg(o::text || ' ' || n, ',') FROM (SELECT o, pg_catalog.pg_stat_get_xact_tuples_inserted(o) \
         + pg_catalog.pg_stat_get_xact_tuples_updated(o) + pg_catalog.pg_stat_get_xact_tuples_deleted(o) AS n \
         FROM pg_catalog.unnest('{{{}}}'::pg_catalog.oid[]) AS u(o)) s WHERE n <> 0)",
        oids.join(",")
    )
}
