//! A server brought to the state that a suite is about, and the clones that checks work on.

mod attributes;
mod cached_catalog;
mod clone;
mod clone_pool;
mod empty_database;
mod failure;
mod prepare;
mod role_guard;
mod roles;
mod route;
mod sequences;

pub use cached_catalog::CachedCatalog;
pub use clone_pool::ClonePool;
pub use empty_database::EmptyDatabase;
pub use prepare::{Origin, prepare, state_key};
pub use roles::RoleNames;

use std::collections::VecDeque;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use crate::Error;
use crate::chain::Connect;
use crate::instance::Instance;
use crate::sql::quote;

use role_guard::RoleGuard;

/// The first clone's name, after the prefix of the run: the worker's that is always there.
const FIRST: &str = "worker_1";

/// A server with a template database in the state of one suite.
#[derive(Debug)]
pub struct Provision {
    instance: Instance,
    roles: RoleNames,
    template: String,
    search_path: Vec<String>,
    /// The role that ran the chain.
    pub owner: String,
    /// The superuser's session, for databases to be made and dropped.
    administrator: tokio::sync::Mutex<Option<PgConnection>>,
    /// Clones that nobody needs any more.
    discarded: tokio::sync::Mutex<VecDeque<String>>,
    /// Last, so that others are let on only when everything is gone.
    guest: Option<RoleGuard>,
}

impl Provision {
    /// The server.
    #[must_use]
    pub const fn instance(&self) -> &Instance {
        &self.instance
    }

    /// The harness's own roles.
    #[must_use]
    pub const fn roles(&self) -> &RoleNames {
        &self.roles
    }

    /// The roles that were created on a server that is not the run's own, beside the harness's.
    #[must_use]
    pub fn roles_made(&self) -> &[String] {
        self.guest.as_ref().map_or(&[], RoleGuard::made)
    }

    /// A connection as the probe, which becomes the actors.
    #[must_use]
    pub fn probe_options(&self, database: &str) -> PgConnectOptions {
        self.instance.connect_options(&self.roles.probe, database)
    }

    /// A connection as the witness role.
    #[must_use]
    pub fn witness_options(&self, database: &str) -> PgConnectOptions {
        self.instance.connect_options(&self.roles.witness, database)
    }

    /// A connection as an actor's login.
    #[must_use]
    pub fn login_options(&self, role: &str, database: &str) -> PgConnectOptions {
        self.instance.connect_options(role, database)
    }

    /// The clone that is there from the beginning.
    #[must_use]
    pub fn first_clone(&self) -> String {
        format!("{}{FIRST}", self.instance.database_prefix())
    }

    /// What every session of a check begins with: names resolve as they do for the chain.
    #[must_use]
    pub fn preparation(&self) -> String {
        let path = self.search_path.iter().map(|schema| quote::ident(schema)).collect::<Vec<_>>().join(", ");
        format!("SET search_path = {path}")
    }

    /// Removes everything that was made.
    ///
    /// # Errors
    /// [`Error::Environment`] naming what is left.
    pub async fn stop(self) -> Result<(), Error> {
        // A server of others must not find a session cut off; ours ends with all of its sessions.
        if !self.instance.facts().disposable
            && let Some(session) = self.administrator.into_inner()
        {
            drop(session.close().await);
        }
        let stopped = self.instance.stop().await;
        drop(self.guest);
        stopped
    }

    /// Removes everything after `error`; what to tell instead of it, where the server failed underneath.
    pub async fn stop_after(self, error: Error) -> Error {
        failure::instead(self.instance, error).await
    }
}

impl Connect for Instance {
    fn options(&self, role: &str, database: &str) -> PgConnectOptions {
        self.connect_options(role, database)
    }

    fn password(&self, role: &str) -> Option<String> {
        self.password_of(role)
    }

    fn superuser(&self) -> &str {
        Self::superuser(self)
    }

    fn disposable(&self) -> bool {
        self.facts().disposable
    }

    fn major(&self) -> u32 {
        self.facts().major
    }
}
