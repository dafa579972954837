//! From nothing to the state of a suite: server, prelude, chain, the harness's roles, seed; or all of it from the cache.

use std::time::Duration;

use sqlx::Connection;

use super::Stage;
use super::guest::Guest;
use super::roles::{self, RoleNames};
use super::sequences;
use crate::Error;
use crate::chain::connect::{open, open_superuser};
use crate::chain::{self, Chain, Runner, Script};
use crate::exit::Exit;
use crate::instance::{self, Instance, Request, StateKey};
use crate::sql::quote::ident;
use crate::suite::Suite;
use crate::suite::resolved::State;

/// Where the state came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From the cache.
    Restored,
    /// Built for this run.
    Built,
}

/// Changed whenever what this module builds from the same inputs changes.
const RECIPE: &str = "rlsgate stage 2";
/// The longest a seed may take.
pub(super) const SEED_TIMEOUT: Duration = Duration::from_secs(60);

/// Brings a server to the state of `suite` on `chain`.
///
/// # Errors
/// [`Error::Untested`] where there is no server, or prelude, chain or seed do not apply.
pub async fn prepare(suite: &Suite, chain: &Chain, request: &Request) -> Result<(Stage, Origin), Error> {
    let to = match &suite.state {
        State::Head => None,
        State::At(revision) => Some(revision.as_str()),
        State::DownTo(_) => {
            return Err(Error::untested(
                format!("{}: the state after a rollback cannot be reached yet", suite.path.display()),
                "hold the suite against `head` or `{ at = REV }`",
            ));
        }
    };
    if !suite.seed_at.is_empty() {
        return Err(Error::untested(
            format!("{}: seeds between revisions cannot be run yet", suite.path.display()),
            "use `seed`",
        ));
    }
    let seed = suite.seed.as_deref().map(Script::read).transpose()?;
    let key = StateKey::new([
        RECIPE.as_bytes(),
        env!("CARGO_PKG_VERSION").as_bytes(),
        chain.digest().as_bytes(),
        to.unwrap_or_default().as_bytes(),
        seed.as_ref().map(|script| script.source.as_bytes()).unwrap_or_default(),
    ]);
    let instance = instance::start(request, Some(&key)).await?;
    let template = format!("{}template", instance.database_prefix());
    let origin = if instance.facts().restored { Origin::Restored } else { Origin::Built };
    let (instance, guest) = match origin {
        Origin::Restored => (instance, None),
        Origin::Built => {
            // Kept until everything is dropped, whatever goes wrong.
            let mut guest = None;
            let built = build(&instance, &template, suite, chain, to, seed.as_ref(), &mut guest).await;
            if let Err(error) = built {
                return Err(instead(instance, error).await);
            }
            if instance.facts().disposable {
                drop_templates(&instance).await?;
            }
            // A run that made no role of its own need not keep others waiting.
            (instance.save_state(&key).await?, guest.filter(|guest| !guest.made().is_empty()))
        }
    };
    let roles = RoleNames::of(&instance);
    let (search_path, owner) = (chain.search_path(), chain.owner().to_owned());
    Ok((Stage { instance, roles, template, search_path, owner, guest }, origin))
}

/// A server that failed underneath says more than what failed on it.
pub(super) async fn instead(instance: Instance, error: Error) -> Error {
    // What a file says wrong is wrong on any server.
    let trouble = if error.exit() == Exit::Input { None } else { instance.trouble().await };
    let stopped = instance.stop().await;
    match (trouble, stopped) {
        (Some(trouble), _) => trouble,
        (None, Err(left)) => Error::untested(format!("{error}; besides, {left}"), error.help().to_owned()),
        (None, Ok(())) => error,
    }
}

async fn build(
    instance: &Instance,
    template: &str,
    suite: &Suite,
    chain: &Chain,
    to: Option<&str>,
    seed: Option<&Script>,
    guest: &mut Option<Guest>,
) -> Result<(), Error> {
    if !instance.facts().disposable {
        *guest = Some(Guest::enter(instance).await?);
    }
    let mut session = open_superuser(instance, instance.maintenance_database()).await?;
    instance.track_database(template);
    roles::run(&mut session, &format!("CREATE DATABASE {} TEMPLATE template0", ident(template))).await?;
    drop(session.close().await);
    match guest {
        None => drop(chain::apply(chain, instance, template, to).await?),
        Some(guest) => {
            guest.before_chain(instance, template, chain).await?;
            let applied = chain::apply(chain, instance, template, to).await;
            // A chain that failed may have created roles as well.
            guest.after_chain(instance, chain).await.and(applied.map(drop))?;
        }
    }
    let names = RoleNames::of(instance);
    let mut session = open_superuser(instance, template).await?;
    roles::create(&mut session, instance, &names, suite).await?;
    let grants = format!(
        "GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}, {}",
        ident(template),
        ident(&names.probe),
        ident(&names.witness)
    );
    roles::run(&mut session, &grants).await?;
    drop(session.close().await);
    let mut session = open(instance, &names.witness, template, &chain.search_path()).await?;
    if let Some(seed) = seed {
        let runner = Runner { timeout: SEED_TIMEOUT, one_by_one: false, exempt: None };
        let ran = runner.run(&mut session, seed).await;
        ran.map_err(|failure| failure.into_error(&format!("seed {} does not apply", seed.path.display())))?;
    }
    sequences::advance(&mut session).await?;
    drop(session.close().await);
    Ok(())
}

/// Drops the databases that the server came with as templates: every restored state would be copied with them.
async fn drop_templates(instance: &Instance) -> Result<(), Error> {
    let mut session = open_superuser(instance, instance.maintenance_database()).await?;
    for name in ["template0", "template1"] {
        roles::run(&mut session, &format!("ALTER DATABASE {name} IS_TEMPLATE false")).await?;
        roles::run(&mut session, &format!("DROP DATABASE {name}")).await?;
    }
    drop(session.close().await);
    Ok(())
}
