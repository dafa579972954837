//! Views whose rows depend on the context: `WHERE tenant = current_setting(…)`. The witness role, which has none, sees
//! nothing there, so it reads them once for each context of the suite. What any of them shows is there.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::actor::Identity;
use crate::catalog::{Relation, RelationKind};
use crate::judge::effect::{RowKey, SnapshotRow, merge, read_snapshot, snapshot_sql};
use crate::pg::error::ServerError;
use crate::pg::session::{ConnectionLost, Reply, ResultSet, Session};
use crate::sql::quote::literal;

/// What a view shows, and the contexts that it depends on: none where it shows everybody the same.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub rows: BTreeMap<RowKey, SnapshotRow>,
    pub contexts: Vec<String>,
}

/// A statement for each context of the suite, which sets it for the transaction. Each sets every name that any of them
/// sets, since a setting cannot be taken back within the transaction: those of others read empty.
pub(crate) fn all(identities: &BTreeMap<String, Identity>) -> Vec<String> {
    let statements: BTreeSet<String> =
        identities.values().filter(|one| !one.expected.is_empty()).map(|one| setting(identities, one)).collect();
    statements.into_iter().collect()
}

/// The statement that sets the context of one actor.
pub(crate) fn setting(identities: &BTreeMap<String, Identity>, identity: &Identity) -> String {
    let names: BTreeSet<&str> =
        identities.values().flat_map(|one| &one.expected).map(|(name, _)| name.as_str()).collect();
    let value = |name: &str| {
        let own = identity.expected.iter().find(|(own, _)| own == name);
        own.map_or("", |(_, value)| value.as_str())
    };
    let set = |name: &str| format!("pg_catalog.set_config({}, {}, true)", literal(name), literal(value(name)));
    format!("SELECT {}", names.into_iter().map(set).collect::<Vec<_>>().join(", "))
}

/// Reads a relation without a context, and a view with each of `contexts`. One in which the view raises an error shows
/// nothing; the error counts where all of them do.
pub(crate) async fn read(
    session: &mut Session,
    relation: &Relation,
    predicates: &[&str],
    contexts: &[String],
) -> Result<Result<View, ServerError>, Error> {
    let sql = snapshot_sql(relation, predicates, true);
    let bare = tried(session, None, &sql).await?;
    let bare = bare.map(|result| read_snapshot(relation, predicates.len(), &result));
    if relation.kind != RelationKind::View {
        return Ok(bare.map(|rows| View { rows, contexts: Vec::new() }));
    }
    let mut view = View::default();
    let mut depends = false;
    for context in contexts {
        let Ok(result) = tried(session, Some(context), &sql).await? else {
            depends = true;
            continue;
        };
        let seen = read_snapshot(relation, predicates.len(), &result);
        depends |= bare.as_ref().ok() != Some(&seen);
        merge(&mut view.rows, seen);
        view.contexts.push(context.clone());
    }
    Ok(match bare {
        _ if depends && !view.contexts.is_empty() => Ok(view),
        Ok(rows) => Ok(View { rows, contexts: Vec::new() }),
        Err(error) => Err(error),
    })
}

/// What a query gives in a transaction of its own, with `context` set.
pub(crate) async fn tried(
    session: &mut Session,
    context: Option<&str>,
    sql: &str,
) -> Result<Result<ResultSet, ServerError>, Error> {
    let Some(context) = context else { return Ok(last_of(message(session, 1, sql).await?)) };
    let reply = message(session, 1, &format!("BEGIN;\n{context};\n{sql}")).await?;
    message(session, 1, "ROLLBACK").await?;
    Ok(last_of(reply))
}

/// What a message of the planning is answered, of so many queries.
pub(crate) async fn message(session: &mut Session, queries: u32, sql: &str) -> Result<Reply, Error> {
    session.batch_of(queries, sql).await.map_err(|ConnectionLost(why)| {
        Error::environment(format!("the seed could not be read: {why}"), "look at the server's log")
    })
}

/// What the last statement of a message gave, or the error that ended it.
#[expect(clippy::result_large_err, reason = "an error is an answer here, no more seldom than rows")]
fn last_of(reply: Reply) -> Result<ResultSet, ServerError> {
    match reply.error {
        Some(error) => Err(error),
        None => Ok(reply.results.into_iter().next_back().unwrap_or_default()),
    }
}
