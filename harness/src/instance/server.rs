//! The running server as the rest of the harness sees it, wherever it came from.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use super::auto::{Choice, choose};
use super::blocking::blocking;
#[cfg(feature = "docker")]
use super::docker::Container;
use super::key::StateKey;
use super::local::Local;
use super::request::Request;
use super::settings;
use super::url::{Made, Url};
use crate::Error;
use crate::instance::query_cache::QueryCache;
use crate::instance::server_lease::SharedSession;

/// What a server says of a full disk: strerror(ENOSPC), and its message and hint after a short write.
const FULL_WORDS: [&str; 3] = ["No space left on device", "Check free disk space", "wrote only"];
/// The name that sessions of ours show in `pg_stat_activity`.
const APPLICATION: &str = "rlsgate";
/// How the names of the harness's own roles begin.
const OWN_ROLES: &str = "rlsgate_";
/// What the harness's own sessions start with, whatever ALTER DATABASE or ALTER ROLE … SET says.
const UNMOVED: [(&str, &str); 3] =
    [("role", "none"), ("default_transaction_read_only", "off"), ("statement_timeout", "0")];

/// What is known of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFacts {
    /// `local`, `docker` or `url`.
    pub provider: &'static str,
    /// As the server says it, such as `15.14`.
    pub version: String,
    /// The major version.
    pub major: u32,
    /// Whether the state asked for was restored from the cache.
    pub restored: bool,
    /// Whether the server was made for this run, and roles and settings are ours to change.
    pub disposable: bool,
}

/// A server for one run. Dropping it removes what it made, as [`Instance::stop`] does, but cannot say what failed.
pub struct Instance {
    facts: ServerFacts,
    create_roles: bool,
    server: Server,
}

enum Server {
    Local(Box<Local>),
    #[cfg(feature = "docker")]
    Docker(Box<Container>),
    Url(Box<Url>),
}

/// Starts a server, or connects to the one that is named; `sweep` comes before, once in a run. Where `state` names a state that
/// [`Instance::save_state`] kept, the server starts from it, and the facts say so; the version of
/// the server is part of what the name is looked up by.
///
/// # Errors
/// [`Error::Usage`] for a URL that is wrong or not allowed; [`Error::Environment`] where no server could be had, with the
/// end of its log.
pub async fn start(request: &Request, state: Option<&StateKey>) -> Result<Instance, Error> {
    if std::env::var_os("PGOPTIONS").is_some_and(|options| !options.is_empty()) {
        return Err(Error::usage("PGOPTIONS is set, and would change every session of the run", "unset PGOPTIONS"));
    }
    let started = Instant::now();
    let choice = choose(request).await?;
    let (server, facts) = match choice {
        Choice::Local(binaries) => {
            tracing::info!(version = %binaries.version, programs = %binaries.folder.display(), "starting a server");
            let (state, cache, limit) = (state.cloned(), request.cache, request.start_timeout);
            let local = blocking(move || Local::start(binaries, state.as_ref(), cache, limit)).await?;
            let (version, major) = (local.binaries().version.clone(), local.binaries().major);
            let restored = local.restored();
            let facts = ServerFacts { provider: "local", version, major, restored, disposable: true };
            (Server::Local(Box::new(local)), facts)
        }
        #[cfg(feature = "docker")]
        Choice::Docker => {
            tracing::info!("starting a server in a container");
            let container = Container::start(request).await?;
            let (version, major) = (container.version.clone(), container.major);
            let facts = ServerFacts { provider: "docker", version, major, restored: false, disposable: true };
            (Server::Docker(Box::new(container)), facts)
        }
        #[cfg(not(feature = "docker"))]
        Choice::Docker => {
            return Err(Error::environment("built without the feature `docker`", "use --provider local"));
        }
        Choice::Url(url) => {
            tracing::info!("connecting to the server of --url");
            let url = Url::open(&url, request.allow_remote, request.start_timeout).await?;
            let wanted = request.wanted();
            if !wanted.is_empty() && !wanted.contains(&url.major) {
                return Err(Error::environment(
                    format!(
                        "the server of --url is PostgreSQL {}, and {} is wanted",
                        url.version,
                        request.wanted_text()
                    ),
                    "name a server of that version",
                ));
            }
            let (version, major) = (url.version.clone(), url.major);
            let facts = ServerFacts { provider: "url", version, major, restored: false, disposable: false };
            (Server::Url(Box::new(url)), facts)
        }
    };
    let ServerFacts { provider, version, restored, .. } = &facts;
    tracing::info!(provider, %version, restored, took = ?started.elapsed(), "the server is up");
    Ok(Instance { facts, create_roles: request.create_roles, server })
}

impl Instance {
    /// What is known of the server.
    #[must_use]
    pub const fn facts(&self) -> &ServerFacts {
        &self.facts
    }

    /// Whether roles may be created: on servers that we made, else where the request allows it.
    #[must_use]
    pub const fn may_create_roles(&self) -> bool {
        self.facts.disposable || self.create_roles
    }

    /// The role for what concerns the whole cluster: the bootstrap superuser, or the user of the URL.
    #[must_use]
    pub fn superuser(&self) -> &str {
        match &self.server {
            Server::Url(url) => url.options().get_username(),
            _ => settings::SUPERUSER,
        }
    }

    /// The database to connect to for what concerns the whole cluster.
    #[must_use]
    pub fn maintenance_database(&self) -> &str {
        match &self.server {
            Server::Url(url) => url.maintenance_database(),
            _ => settings::MAINTENANCE_DATABASE,
        }
    }

    /// How to connect to `database` as `role`. Statements are not logged, since they may hold row data. What a chain sets
    /// for the database is for the application's sessions: ours are not to become its role, nor to be read-only.
    #[must_use]
    pub fn connect_options(&self, role: &str, database: &str) -> PgConnectOptions {
        let options = match &self.server {
            Server::Local(local) => local.connect_options(),
            #[cfg(feature = "docker")]
            Server::Docker(container) => container.connect_options(),
            Server::Url(url) => url.options_of(role),
        };
        let options = options.username(role).database(database).application_name(APPLICATION);
        let own = role == self.superuser() || role.starts_with(OWN_ROLES);
        let options = if own { options.options(UNMOVED) } else { options };
        options.disable_statement_logging()
    }

    /// The password to create roles with that log in, on a server that may ask for one; it is as short-lived as they are.
    #[must_use]
    pub fn role_password(&self) -> Option<&str> {
        match &self.server {
            Server::Url(url) => Some(url.password()),
            _ => None,
        }
    }

    /// The password of `role`, where the run made it and the server may ask for one. Never one of somebody else's.
    #[must_use]
    pub fn password_of(&self, role: &str) -> Option<String> {
        match &self.server {
            Server::Url(url) => url.password_of(role),
            _ => None,
        }
    }

    /// The session that the run's stages on a server of somebody else's hold open together; `open` makes it.
    pub(crate) async fn shared_session(
        &self,
        open: impl Future<Output = Result<PgConnection, Error>>,
    ) -> Result<Arc<SharedSession>, Error> {
        match &self.server {
            Server::Url(url) => url.session(open).await,
            _ => Ok(Arc::new(SharedSession::new(open.await?))),
        }
    }

    /// What the names of databases and roles that the run creates begin with; unique to the run where the
    /// server is not ours alone.
    #[must_use]
    pub fn database_prefix(&self) -> &str {
        match &self.server {
            Server::Url(url) => url.prefix(),
            _ => "rlsgate_",
        }
    }

    /// Notes a database that the run is about to create, to be dropped at its end; on a server of our own it goes anyway.
    pub fn track_database(&self, name: &str) {
        if let Server::Url(url) = &self.server {
            url.track(Made::Database(name.to_owned()));
        }
    }

    /// Notes a role that the run created, to be dropped at its end; on a server of our own it goes anyway.
    pub fn track_role(&self, name: &str) {
        if let Server::Url(url) = &self.server {
            url.track(Made::Role(name.to_owned()));
        }
    }

    /// Keeps the state of a local server under `key`, for a later [`start`]: stops it cleanly, copies its data
    /// directory, starts it again. Every connection must be closed. Other servers are returned as they are.
    ///
    /// # Errors
    /// [`Error::Environment`] where the server does not stop or start, or the cache cannot be written.
    pub async fn save_state(mut self, key: &StateKey) -> Result<Self, Error> {
        if let Server::Local(mut local) = self.server {
            let (key, started) = (key.clone(), Instant::now());
            local = blocking(move || local.save_state(&key).map(|()| local)).await?;
            tracing::info!(took = ?started.elapsed(), "the state is kept in the cache, and the server started again");
            self.server = Server::Local(local);
        }
        Ok(self)
    }

    /// Bytes of the state that the server started from, with all of its databases; `None` where it started from none.
    #[must_use]
    pub fn kept_bytes(&self) -> Option<u64> {
        match &self.server {
            Server::Local(local) => local.kept_bytes(),
            _ => None,
        }
    }

    /// What earlier runs read of the state that the server started from, or that was kept of it.
    #[must_use]
    pub fn answers(&self) -> QueryCache {
        match &self.server {
            Server::Local(local) => local.answers(),
            _ => QueryCache::default(),
        }
    }

    /// Keeps what was read of that state, for whoever starts from it next; where it cannot, it is read again.
    pub fn keep(&self, answers: &QueryCache) {
        if let Server::Local(local) = &self.server {
            local.keep(answers);
        }
    }

    /// The last lines of the server's log, safe to show; empty where it cannot be read.
    pub async fn log_tail(&self) -> String {
        match &self.server {
            Server::Local(local) => local.log_tail(),
            #[cfg(feature = "docker")]
            Server::Docker(container) => container.log_tail().await,
            Server::Url(_) => String::new(),
        }
    }

    /// Whether the server still takes connections; a cheap test, for after a connection was lost.
    pub async fn is_alive(&self) -> bool {
        match &self.server {
            Server::Local(local) => local.is_alive(),
            #[cfg(feature = "docker")]
            Server::Docker(container) => container.is_alive().await,
            Server::Url(url) => url.is_alive().await,
        }
    }

    /// Free bytes where the server keeps its data; `None` where that is not known.
    #[must_use]
    pub fn free(&self) -> Option<u64> {
        match &self.server {
            Server::Local(local) => local.free(),
            _ => None,
        }
    }

    /// Why the server may be failing where it `said` something: that it is gone, or that its disk is full, with the end of
    /// its log; `None` where nothing is wrong with it. What it says to a client is not in its log.
    pub async fn failure(&self, said: &str) -> Option<Error> {
        let log = self.log_tail().await;
        let tells = |text: &str| FULL_WORDS.iter().any(|words| text.contains(words));
        // The statement that filled the disk has given its space back when it is asked about.
        let filled = tells(&log) || tells(said) || self.free().is_some_and(|free| free < settings::FULL);
        let what = if filled {
            "no space is left for the server's data"
        } else if !self.is_alive().await {
            "the server is gone"
        } else {
            return None;
        };
        let said = if tells(said) { format!(": {said}") } else { String::new() };
        let log = if log.is_empty() { log } else { format!("; its log ends with:\n{log}") };
        let help = "nothing after this could be tested: see why the server failed, and run again";
        Some(Error::environment(format!("{what}{said}{log}"), help))
    }

    /// Removes everything that was made: the server, or the databases and roles on one that is not ours.
    ///
    /// # Errors
    /// [`Error::Environment`] naming what is left.
    pub async fn stop(self) -> Result<(), Error> {
        let (provider, started) = (self.facts.provider, Instant::now());
        let stopped = match self.server {
            Server::Local(local) => blocking(move || local.stop()).await,
            #[cfg(feature = "docker")]
            Server::Docker(container) => container.stop().await,
            Server::Url(url) => url.clear().await,
        };
        tracing::info!(provider, took = ?started.elapsed(), "stopped the server, or dropped what was made on it");
        stopped
    }
}

impl fmt::Debug for Instance {
    /// Without the connection options, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("facts", &self.facts).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Instance;

    #[test]
    fn workers_share_one_instance() {
        const fn shared<T: Send + Sync>() {}
        shared::<Instance>();
    }
}
