//! A server with one empty database, for a chain to be walked on: no suite, no clone, no cached state.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::Connection as _;

use crate::Error;
use crate::chain::connect::{open, open_superuser};
use crate::chain::{Chain, Runner, Script};
use crate::instance::{self, Instance, Request};
use crate::provision::role_guard::RoleGuard;
use crate::provision::{RoleNames, failure, roles, sequences};
use crate::sql::quote::ident;

/// A server of its own, since what a chain does to roles is seen by every database of one.
#[derive(Debug)]
pub struct EmptyDatabase {
    instance: Instance,
    database: String,
    names: RoleNames,
    /// Whether the harness's own roles are there.
    crewed: AtomicBool,
    /// Last, so that others are let on only when everything is gone.
    guest: Option<RoleGuard>,
}

impl EmptyDatabase {
    /// Starts a server and makes a database for `chain`.
    ///
    /// # Errors
    /// [`Error::Environment`] where there is no server, or the chain needs roles that may not be made.
    pub async fn open(request: &Request, chain: &Chain) -> Result<Self, Error> {
        let instance = instance::start(request, None).await?;
        let (database, names) = (format!("{}walk", instance.database_prefix()), RoleNames::of(&instance));
        let mut bare = Self { instance, database, names, crewed: AtomicBool::new(false), guest: None };
        match bare.prepare(chain).await {
            Ok(()) => Ok(bare),
            Err(error) => Err(bare.stop_after(error).await),
        }
    }

    async fn prepare(&mut self, chain: &Chain) -> Result<(), Error> {
        let Self { instance, database, guest, .. } = self;
        if !instance.facts().disposable {
            *guest = Some(RoleGuard::enter(instance).await?);
        }
        let mut session = open_superuser(instance, instance.maintenance_database()).await?;
        instance.track_database(database);
        roles::run(&mut session, &format!("CREATE DATABASE {} TEMPLATE template0", ident(database))).await?;
        drop(session.close().await);
        match guest {
            None => Ok(()),
            Some(guest) => guest.before_chain(instance, database, chain).await,
        }
    }

    /// The server.
    #[must_use]
    pub const fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Where the server came from, for the record.
    #[must_use]
    pub fn server(&self) -> BTreeMap<String, String> {
        let facts = self.instance.facts();
        let provider = ("provider".to_owned(), facts.provider.to_owned());
        BTreeMap::from([provider, ("version".to_owned(), facts.version.clone())])
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Runs `seed` as the witness role, which sees to the rows of every tenant.
    ///
    /// # Errors
    /// [`Error::Environment`] where it does not apply, with the statement and the server's message.
    pub async fn seed(&self, seed: &Script, chain: &Chain) -> Result<(), Error> {
        let mut session = open_superuser(&self.instance, &self.database).await?;
        if !self.crewed.swap(true, Ordering::Relaxed) {
            roles::create(&mut session, &self.instance, &self.names).await?;
        }
        roles::grant_witness(&mut session, &self.names, &self.database).await?;
        drop(session.close().await);
        let mut session = open(&self.instance, &self.names.witness, &self.database, &chain.search_path()).await?;
        let runner = Runner { timeout: chain.manifest.timeout.0, one_by_one: false, exempt: None };
        let ran = runner.run(&mut session, seed).await;
        ran.map_err(|failure| failure.into_error(&format!("seed {} does not apply", seed.path.display())))?;
        drop(session.close().await);
        tracing::debug!(file = %seed.path.display(), "loaded a seed");
        // What the seed did to its session is none of ours.
        let mut session = open(&self.instance, &self.names.witness, &self.database, &chain.search_path()).await?;
        sequences::advance(&mut session).await?;
        drop(session.close().await);
        Ok(())
    }

    /// Removes everything that was made, and what roles `chain` made.
    ///
    /// # Errors
    /// [`Error::Environment`] naming what is left, or what the chain did to roles of a server that is not the run's own.
    pub async fn stop(self, chain: &Chain) -> Result<(), Error> {
        let Self { instance, mut guest, .. } = self;
        let seen = match &mut guest {
            None => Ok(()),
            Some(guest) => guest.after_chain(&instance, chain).await,
        };
        let stopped = instance.stop().await;
        drop(guest);
        seen.and(stopped)
    }

    /// Removes everything after `error`; what to tell instead of it, where the server failed underneath.
    pub async fn stop_after(self, error: Error) -> Error {
        failure::instead(self.instance, error).await
    }
}
