//! Sequences after the seed: rows with explicit numbers leave them behind, and the next default would clash.

use sqlx::postgres::PgConnection;
use sqlx::{Executor, Row};

use crate::Error;
use crate::catalog::QName;
use crate::provision::roles::{refused, run};
use crate::sql::quote::{ident, literal};

/// Sequences that a column owns, with the column (`pg_depend`: `a` serial, `i` identity).
const OWNED: &str = "SELECT sn.nspname::text, s.relname::text, tn.nspname::text, t.relname::text, a.attname::text \
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S' \
    JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace \
    JOIN pg_catalog.pg_class t ON t.oid = d.refobjid AND t.relkind IN ('r', 'p') \
    JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace \
    JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid \
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass \
    AND d.deptype IN ('a', 'i')";

/// Takes each owned sequence past the highest number in its column. `session` is the witness role's.
pub(crate) async fn advance(session: &mut PgConnection) -> Result<(), Error> {
    let rows = session.fetch_all(sqlx::raw_sql(OWNED)).await.map_err(|error| refused(&error))?;
    for row in rows {
        let name = |n: usize| row.try_get::<String, _>(n).map_err(|error| refused(&error));
        let (sequence, table) = (QName::new(name(0)?, name(1)?), QName::new(name(2)?, name(3)?));
        let sql = format!(
            "SELECT pg_catalog.setval({}, highest) FROM (SELECT pg_catalog.max({}) AS highest FROM {}) seed \
             WHERE highest > (SELECT last_value FROM {})",
            literal(&sequence.sql()),
            ident(&name(4)?),
            table.sql(),
            sequence.sql()
        );
        run(session, &sql).await?;
    }
    Ok(())
}
