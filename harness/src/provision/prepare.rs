//! From nothing to the state of a suite: server, prelude, chain, the harness's roles, seed; or all of it from the cache.

use std::time::Instant;

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::Error;
use crate::chain::connect::{open, open_superuser};
use crate::chain::{Chain, Ladder, Runner, Script};
use crate::instance::{self, Instance, Request, StateKey};
use crate::provision::role_guard::RoleGuard;
use crate::provision::route::Route;
use crate::provision::{FIRST, Provision, RoleNames, roles, sequences};
use crate::sql::quote::ident;
use crate::suite::Suite;

/// Where the state came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From the cache.
    Restored,
    /// Built for this run.
    Built,
}

/// Changed whenever what this module builds from the same inputs changes.
const RECIPE: &str = "rlsgate stage 4";

/// What the state of `suite` on `chain` is called in the cache: a digest of all that it comes from.
///
/// # Errors
/// As [`prepare`], for what is wrong with the files.
pub fn state_key(suite: &Suite, chain: &Chain) -> Result<StateKey, Error> {
    Ok(key(chain, &Route::of(suite, chain)?))
}

fn key(chain: &Chain, route: &Route) -> StateKey {
    let fixed = [RECIPE.as_bytes().to_vec(), env!("CARGO_PKG_VERSION").into(), chain.digest().into_bytes()];
    StateKey::new(fixed.into_iter().chain(route.parts(chain)))
}

/// Brings a server to the state of `suite` on `chain`.
///
/// # Errors
/// [`Error::Environment`] where there is no server, or prelude, chain or seed do not apply.
pub async fn prepare(suite: &Suite, chain: &Chain, request: &Request) -> Result<(Provision, Origin), Error> {
    chain.one_head()?;
    let route = Route::of(suite, chain)?;
    let key = request.keep_state.then(|| key(chain, &route));
    let instance = instance::start(request, key.as_ref()).await?;
    let template = format!("{}template", instance.database_prefix());
    let origin = if instance.facts().restored { Origin::Restored } else { Origin::Built };
    let started = Instant::now();
    let mut stage = Provision {
        roles: RoleNames::of(&instance),
        instance,
        template,
        search_path: chain.search_path(),
        owner: chain.owner().to_owned(),
        administrator: tokio::sync::Mutex::default(),
        discarded: tokio::sync::Mutex::default(),
        guest: None,
    };
    if origin == Origin::Built {
        if let Err(error) = stage.fill(suite, chain, &route).await {
            return Err(stage.stop_after(error).await);
        }
        if let Some(key) = &key {
            stage.instance = stage.instance.save_state(key).await?;
        }
        tracing::info!(suite = suite.name, took = ?started.elapsed(), "built the state of a suite");
    }
    Ok((stage, origin))
}

impl Provision {
    /// Builds the state on an empty server, and the clone of it that every run of a suite needs.
    async fn fill(&mut self, suite: &Suite, chain: &Chain, route: &Route) -> Result<(), Error> {
        // Kept until everything is dropped, whatever goes wrong.
        build(&self.instance, &self.template, suite, chain, route, &mut self.guest).await?;
        self.clone_database(FIRST).await?;
        self.end_administration().await;
        if self.instance.facts().disposable {
            drop_templates(&self.instance).await?;
        }
        // A run that made no role of its own need not keep others waiting.
        self.guest = self.guest.take().filter(|guest| !guest.made().is_empty());
        Ok(())
    }
}

async fn build(
    instance: &Instance,
    template: &str,
    suite: &Suite,
    chain: &Chain,
    route: &Route,
    guest: &mut Option<RoleGuard>,
) -> Result<(), Error> {
    if !instance.facts().disposable {
        *guest = Some(RoleGuard::enter(instance).await?);
    }
    let mut session = open_superuser(instance, instance.maintenance_database()).await?;
    instance.track_database(template);
    roles::run(&mut session, &format!("CREATE DATABASE {} TEMPLATE template0", ident(template))).await?;
    drop(session.close().await);
    let mut crew = Crew { instance, template, suite, chain, names: RoleNames::of(instance), there: false };
    match guest {
        None => crew.walk(route).await?,
        Some(guest) => {
            guest.before_chain(instance, template, chain).await?;
            let walked = crew.walk(route).await;
            // A chain that failed may have created roles as well.
            guest.after_chain(instance, chain).await.and(walked)?;
        }
    }
    crew.come().await?;
    let mut session = crew.witness().await?;
    sequences::advance(&mut session).await?;
    drop(session.close().await);
    Ok(())
}

/// The harness's own roles on the way: they come with the first seed, and hold at each what the chain has made by then.
struct Crew<'a> {
    instance: &'a Instance,
    template: &'a str,
    suite: &'a Suite,
    chain: &'a Chain,
    names: RoleNames,
    there: bool,
}

impl Crew<'_> {
    /// Takes the database up the chain, and down again, with the seeds.
    async fn walk(&mut self, route: &Route) -> Result<(), Error> {
        let started = Instant::now();
        let mut ladder = Ladder::stand(self.chain, self.instance, self.template).await?.towards(route.up);
        while ladder.at() < route.up {
            let applied = ladder.up(None).await?;
            if let Some(seed) = route.seeds.get(&ladder.at()) {
                ladder.check().await?;
                self.seed(seed, &format!(" after revision {}", applied.id)).await?;
            }
        }
        let (suite, revisions) = (&self.suite.name, route.up);
        tracing::info!(suite, revisions, took = ?started.elapsed(), "applied the chain");
        if let Some(seed) = &route.seed {
            ladder.check().await?;
            self.seed(seed, "").await?;
        }
        while ladder.at() > route.end {
            ladder.down().await?;
        }
        ladder.finish().await
    }

    async fn come(&mut self) -> Result<(), Error> {
        let mut session = open_superuser(self.instance, self.template).await?;
        if !self.there {
            roles::create(&mut session, self.instance, &self.names).await?;
            self.there = true;
        }
        roles::grant(&mut session, self.instance, &self.names, self.suite, self.template).await?;
        drop(session.close().await);
        Ok(())
    }

    /// A session of the witness role's.
    async fn witness(&self) -> Result<PgConnection, Error> {
        open(self.instance, &self.names.witness, self.template, &self.chain.search_path()).await
    }

    /// Runs a seed as the witness role. Rows of explicit numbers leave sequences behind for what the chain inserts next.
    async fn seed(&mut self, seed: &Script, place: &str) -> Result<(), Error> {
        let started = Instant::now();
        self.come().await?;
        let mut session = self.witness().await?;
        let runner = Runner { timeout: self.chain.manifest.timeout.0, one_by_one: false, exempt: None };
        let ran = runner.run(&mut session, seed).await;
        ran.map_err(|failure| failure.into_error(&format!("seed {} does not apply{place}", seed.path.display())))?;
        drop(session.close().await);
        let mut session = self.witness().await?;
        sequences::advance(&mut session).await?;
        drop(session.close().await);
        let (suite, file) = (&self.suite.name, seed.path.display());
        tracing::info!(suite, %file, took = ?started.elapsed(), "loaded a seed");
        Ok(())
    }
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
