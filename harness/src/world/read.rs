//! Reading what every check stands on, from a database in the state of the suite.

use std::collections::{BTreeMap, BTreeSet};

use super::{World, actors, names, read_moves, seed};
use crate::actor::Identity;
use crate::pg::session::{ConnectionLost, Session};
use crate::provision::RoleNames;
use crate::suite::Suite;
use crate::{Error, catalog};

/// Reads what the suite stands on. `session` is the witness role's, on a database in the state of the suite.
pub(crate) async fn read(
    source: &mut impl catalog::CatalogSource,
    session: &mut Session,
    suite: Suite,
    schemas: Vec<String>,
    chain_owner: &str,
    roles: RoleNames,
    major: u32,
) -> Result<World, Error> {
    // A session takes its time to come.
    let (opened, catalog) = tokio::join!(session.open(), catalog::read(source, &schemas));
    opened.map_err(|ConnectionLost(why)| {
        Error::environment(format!("no session to read the seed: {why}"), "look at the server's log")
    })?;
    let catalog = catalog?;
    let actors = actors::all(&suite, &catalog, &schemas, chain_owner, &roles.public)?;
    let identities: BTreeMap<String, Identity> =
        actors.values().map(|actor| (actor.name.clone(), Identity::of(actor, &suite.actors))).collect();
    let acting: BTreeSet<String> = identities.values().map(|i| i.effective_role().to_owned()).collect();
    let oids: Vec<u32> = catalog.relations.values().map(|relation| relation.oid).collect();
    let held = catalog::privileges(source, &acting, &oids).await?;
    let executable = catalog::executables(source, &acting).await?;
    let reach = catalog::reach(source, &acting, &schemas).await?;
    let leaves_traces = catalog::leaves_traces(source).await?;
    let of_catalog = World::of_catalog(suite, catalog, schemas, major);
    let mut world = World { held, executable, reach, leaves_traces, roles, actors, identities, ..of_catalog };
    names::check(&world)?;
    seed::read(session, &mut world).await?;
    world.moves = read_moves::read(session, &world).await?;
    Ok(world)
}
