//! The rows of the seed, read once with every set of rows that planning and judging ask about: whose each row is.

use std::collections::BTreeSet;

use crate::Error;
use crate::catalog::{Relation, RelationKind};
use crate::judge::effect::{Baseline, SeedRow, key_of};
use crate::pg::error::ServerError;
use crate::pg::session::{ResultSet, Session};
use crate::suite::resolved::{Actor, Command, RelationContract as Contract, Rows};
use crate::world::row_sets::RowSets;
use crate::world::{Mine, World, by_context, own_or};

pub(crate) async fn read(session: &mut Session, world: &mut World) -> Result<(), Error> {
    let entries: Vec<(Relation, Contract)> =
        world.entries().iter().map(|entry| (entry.relation.clone(), entry.contract.clone())).collect();
    let contexts = by_context::all(&world.identities);
    for (relation, contract) in &entries {
        if relation.kind == RelationKind::Sequence {
            continue;
        }
        let sets = member_sets(world, contract)?;
        for actor in world.actors.values() {
            let mine = mine(&world.row_sets(), contract, actor)?;
            world.mine.insert((relation.oid, actor.name.clone()), mine);
        }
        let predicates: BTreeSet<&str> = sets.iter().map(|set| set.predicate.as_str()).collect();
        let predicates: Vec<&str> = predicates.into_iter().collect();
        let read = by_context::read(session, relation, &predicates, &contexts).await?;
        let view = read.map_err(|error| unread(contract, &error))?;
        let seen = view.rows;
        world.contexts.insert(relation.oid, view.contexts);
        for set in &sets {
            let Ok(n) = predicates.binary_search(&set.predicate.as_str()) else { continue };
            let holding = seen.iter().filter(|(_, seen)| seen.holds.get(n) == Some(&true));
            let keys = holding.map(|(key, _)| key.clone()).collect();
            let actors = world.members.entry(relation.oid).or_default();
            actors.entry(set.actor.clone()).or_default().insert(set.name.clone(), keys);
        }
        let rows =
            seen.into_iter().map(|(key, seen)| (key, SeedRow { version: seen.version, values: seen.values })).collect();
        let columns = relation.columns.iter().map(|column| column.name.clone()).collect();
        world.seed.insert(
            relation.oid,
            Baseline { key: key_of(relation).0, unkeyed: relation.key().is_none(), columns, rows },
        );
    }
    Ok(())
}

/// A set of rows as one actor means it.
struct MemberSet {
    actor: String,
    name: String,
    predicate: String,
}

/// Every set that a cell of the contract uses, and the actor's own rows, for each actor.
fn member_sets(world: &World, contract: &Contract) -> Result<Vec<MemberSet>, Error> {
    let sets = world.row_sets();
    let mut all = Vec::new();
    for actor in world.actors.values() {
        let set = |name: String, predicate| MemberSet { actor: actor.name.clone(), name, predicate };
        for name in used_sets(contract, actor) {
            let predicate = sets.set(contract, &name, &actor.ids)?;
            all.push(set(name, predicate));
        }
        for command in [Command::Update, Command::Delete] {
            let rows = contract.grant(actor, command).map(|cell| cell.rows);
            if let Some(predicate) = own_and(&sets, contract, actor, rows.iter())? {
                all.push(set(own_or(command).to_owned(), predicate));
            }
        }
    }
    Ok(all)
}

fn mine(sets: &RowSets<'_>, contract: &Contract, actor: &Actor) -> Result<Mine, Error> {
    let cell = |command| contract.grant(actor, command);
    let granted: Vec<Rows> = Command::OF_RELATIONS.into_iter().filter_map(cell).map(|cell| cell.rows).collect();
    let taken = cell(Command::Update).map(|cell| cell.to.unwrap_or(cell.rows));
    Ok(Mine {
        new: own_and(sets, contract, actor, granted.iter())?,
        changed: own_and(sets, contract, actor, taken.iter())?,
    })
}

/// The actor's own rows and these: a predicate; none where there are no such rows.
fn own_and<'a>(
    sets: &RowSets<'_>,
    contract: &Contract,
    actor: &Actor,
    granted: impl Iterator<Item = &'a Rows>,
) -> Result<Option<String>, Error> {
    let mut parts: Vec<String> = sets.own(contract, &actor.ids, 0)?.into_iter().collect();
    for rows in granted {
        parts.push(sets.predicate(contract, rows, &actor.ids)?);
    }
    Ok((!parts.is_empty())
        .then(|| parts.iter().map(|part| format!("({part}) IS TRUE")).collect::<Vec<_>>().join(" OR ")))
}

/// The named sets that any cell of the actor uses.
fn used_sets(contract: &Contract, actor: &Actor) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for command in Command::OF_RELATIONS {
        let Some(cell) = contract.grant(actor, command) else { continue };
        for rows in [Some(&cell.rows), cell.to.as_ref()].into_iter().flatten() {
            if let Rows::Sets(names) = rows {
                used.extend(names.iter().cloned());
            }
        }
    }
    let ids = |rows: &Rows| match rows {
        Rows::Sets(names) => names.clone(),
        Rows::All => BTreeSet::new(),
    };
    if !actor.ids.is_empty() {
        used.extend(contract.pass_through.values().flat_map(|pass| pass.commands.values()).flat_map(ids));
    }
    used
}

/// Queries in one message.
const AT_ONCE: usize = 16;

/// A query of the planning.
#[derive(Debug)]
pub(crate) struct SeedQuery<'a> {
    /// What is set before.
    pub(crate) context: Option<&'a str>,
    /// Nothing is asked where it is empty.
    pub(crate) sql: &'a str,
    /// What it is about.
    pub(crate) of: &'a Contract,
}

/// What queries give as the witness role, in their order: a few in one message, but for those with a context of their own.
pub(crate) async fn queries_at_once(
    session: &mut Session,
    queries: Vec<SeedQuery<'_>>,
) -> Result<Vec<ResultSet>, Error> {
    let plain = |query: &&SeedQuery<'_>| query.context.is_none() && !query.sql.is_empty();
    let together: Vec<&SeedQuery<'_>> = queries.iter().filter(plain).collect();
    let mut answers = Vec::new();
    for some in together.chunks(AT_ONCE) {
        let sql = some.iter().map(|query| query.sql).collect::<Vec<_>>().join("\n;\n");
        let reply = by_context::message(session, u32::try_from(some.len()).unwrap_or(u32::MAX), &sql).await?;
        match (reply.error, some.get(reply.results.len())) {
            (Some(error), Some(stopped)) if !reply.results.is_empty() => return Err(unread(stopped.of, &error)),
            (None, None) => answers.extend(reply.results),
            // One that does not parse is told from the others by itself; and no answer may be another's.
            _ => {
                for query in some {
                    answers.push(one(session, query).await?);
                }
            }
        }
    }
    let mut answers = answers.into_iter();
    let mut all = Vec::with_capacity(queries.len());
    for query in &queries {
        all.push(match query {
            SeedQuery { sql: "", .. } => ResultSet::default(),
            SeedQuery { context: None, .. } => answers.next().unwrap_or_default(),
            SeedQuery { .. } => one(session, query).await?,
        });
    }
    Ok(all)
}

async fn one(session: &mut Session, query: &SeedQuery<'_>) -> Result<ResultSet, Error> {
    by_context::tried(session, query.context, query.sql).await?.map_err(|error| unread(query.of, &error))
}

fn unread(contract: &Contract, error: &ServerError) -> Error {
    let name = &contract.name.name;
    // query_canceled comes of the time limit: on a server with less to do it might have come to its end.
    if crate::judge::classify::is_infrastructure(&error.code) && error.code != "57014" {
        // The server's trouble is not the file's.
        Error::environment(
            format!("{}: the row sets of `{name}` could not be evaluated: {}", contract.at, error.line()),
            "look at the server's log",
        )
    } else if error.code == "57014" {
        Error::environment(
            format!("{}: the row sets of `{name}` take too long: {}", contract.at, error.line()),
            "raise the suite's `timeout`, or simplify the row set",
        )
    } else {
        contract.at.error(
            format!("the row sets of `{name}` cannot be evaluated: {}", error.line()),
            "mend the row set or the ids",
        )
    }
}
