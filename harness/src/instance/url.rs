//! A server that exists, named by a URL: only databases and roles that this run made are dropped.

use std::net::IpAddr;
use std::str::FromStr as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _};

use super::random;
use crate::Error;
use crate::instance::server_lease::{ServerLease, SharedSession};
use crate::text::printable;

/// A server of somebody else's, and what we made on it.
pub(super) struct Url {
    options: PgConnectOptions,
    prefix: String,
    stay: Arc<ServerLease>,
    left: AtomicBool,
    databases: Mutex<Vec<String>>,
    pub(super) version: String,
    pub(super) major: u32,
}

#[derive(Debug, Clone)]
pub(super) enum Made {
    Database(String),
    Role(String),
}

impl Url {
    /// Connects once, to learn the version. `allow_remote` permits a host that is not this one.
    pub(super) async fn open(url: &str, allow_remote: bool, limit: std::time::Duration) -> Result<Self, Error> {
        // The parser's error may repeat the URL, and with it a password.
        let options = PgConnectOptions::from_str(url).map_err(|_| {
            Error::usage("the value of --url is not a PostgreSQL URL", "write it as postgres://user@host:5432/database")
        })?;
        if !allow_remote && !is_here(&options) {
            return Err(Error::usage(
                format!("the host `{}` of --url is not this one", printable(options.get_host())),
                "add --allow-remote if databases may be created and dropped there",
            ));
        }
        let options = options.disable_statement_logging();
        let place = format!("{}:{}", printable(options.get_host()), options.get_port());
        let unreachable = |why: String| {
            Error::environment(
                format!("cannot connect to the server at {place}: {why}"),
                "check the URL and that server",
            )
        };
        let connected = tokio::time::timeout(limit, PgConnection::connect_with(&options)).await;
        let mut connection = connected
            .map_err(|_| unreachable(format!("no answer within {:.1} s", limit.as_secs_f64())))?
            .map_err(|error| unreachable(printable(&error.to_string()).into_owned()))?;
        let row = connection
            .fetch_one("SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000")
            .await
            .map_err(|error| unreachable(printable(&error.to_string()).into_owned()))?;
        let read = (row.try_get::<String, _>(0), row.try_get::<i32, _>(1));
        let (Ok(version), Ok(major)) = read else { return Err(unreachable("it does not tell its version".to_owned())) };
        tracing::debug!(role = options.get_username(), "connected");
        // The connection is done with: that it closes badly says nothing.
        let _ = connection.close().await;
        let stay = ServerLease::join(format!("{}@{place} {:?}", options.get_username(), options.get_socket()))?;
        Ok(Self {
            options,
            prefix: format!("rlsgate_{}_{}_", std::process::id(), random::token(4)?),
            stay,
            left: AtomicBool::new(false),
            databases: Mutex::default(),
            version: version.split_whitespace().next().unwrap_or_default().to_owned(),
            major: u32::try_from(major).unwrap_or_default(),
        })
    }

    pub(super) const fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// How to connect as `role`: those of the run have its password, others that of the URL.
    pub(super) fn options_of(&self, role: &str) -> PgConnectOptions {
        let options = self.options.clone();
        if self.stay.made(role) { options.password(self.stay.password()) } else { options }
    }

    /// The password of `role`, if the run made it.
    pub(super) fn password_of(&self, role: &str) -> Option<String> {
        self.stay.made(role).then(|| self.stay.password().to_owned())
    }

    /// The password of the roles that the run makes; the server may ask for one.
    pub(super) fn password(&self) -> &str {
        self.stay.password()
    }

    /// The session that the run's stages on this server hold open together; `open` makes it.
    pub(super) async fn session(
        &self,
        open: impl Future<Output = Result<PgConnection, Error>>,
    ) -> Result<Arc<SharedSession>, Error> {
        self.stay.session(open).await
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(super) fn maintenance_database(&self) -> &str {
        self.options.get_database().unwrap_or_else(|| self.options.get_username())
    }

    /// Whether the server takes a connection.
    pub(super) async fn is_alive(&self) -> bool {
        let attempt =
            tokio::time::timeout(std::time::Duration::from_secs(5), PgConnection::connect_with(&self.options));
        match attempt.await {
            Ok(Ok(connection)) => connection.close().await.is_ok(),
            _ => false,
        }
    }

    /// Notes what is to be dropped at the end.
    pub(super) fn track(&self, made: Made) {
        match made {
            Made::Database(name) => self.databases.lock().unwrap_or_else(PoisonError::into_inner).push(name),
            Made::Role(name) => self.stay.track(name),
        }
    }

    /// Drops what was made, last first; everything is tried before the first failure is returned. A role cannot go before
    /// the databases that hold its objects, and those may be another stage's: the roles go with the last.
    pub(super) async fn clear(&self) -> Result<(), Error> {
        let databases = std::mem::take(&mut *self.databases.lock().unwrap_or_else(PoisonError::into_inner));
        let dropped = self.drop_all(databases.into_iter().map(Made::Database).rev().collect()).await;
        let roles = if self.left.swap(true, Ordering::Relaxed) { Vec::new() } else { self.stay.leave() };
        dropped.and(self.drop_all(roles.into_iter().map(Made::Role).rev().collect()).await)
    }

    async fn drop_all(&self, made: Vec<Made>) -> Result<(), Error> {
        if made.is_empty() {
            return Ok(());
        }
        let mut connection = PgConnection::connect_with(&self.options).await.map_err(|error| left(&made, &error))?;
        let mut failed = Ok(());
        for made in made {
            let statement = match &made {
                Made::Database(name) => format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quote(name)),
                Made::Role(name) => format!("DROP ROLE IF EXISTS {}", quote(name)),
            };
            if let Err(error) = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await {
                failed = failed.and(Err(left(&[made], &error)));
            }
        }
        // As above: everything was asked for and answered.
        let _ = connection.close().await;
        failed
    }
}

impl Drop for Url {
    /// Drops what is still there after a panic or an early return, on a runtime of its own.
    fn drop(&mut self) {
        if *self.left.get_mut() {
            return;
        }
        if self.databases.get_mut().unwrap_or_else(PoisonError::into_inner).is_empty() && !self.stay.made_any() {
            self.stay.leave();
            return;
        }
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                // There is nobody left to tell.
                let _ = runtime.map(|runtime| runtime.block_on(self.clear()));
            });
        });
    }
}

fn left(made: &[Made], error: &sqlx::Error) -> Error {
    let names: Vec<String> = made
        .iter()
        .map(|made| match made {
            Made::Database(name) => format!("database {}", printable(name)),
            Made::Role(name) => format!("role {}", printable(name)),
        })
        .collect();
    Error::environment(
        format!("could not drop {}: {}", names.join(", "), printable(&error.to_string())),
        "drop it by hand: this run made it, and no other run will touch it",
    )
}

fn is_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::is_here;
    use sqlx::postgres::PgConnectOptions;
    use std::str::FromStr as _;

    #[test]
    fn only_loopback_and_sockets_are_here() {
        let here = |url: &str| is_here(&PgConnectOptions::from_str(url).unwrap());
        assert!(here("postgres://u@localhost/db"));
        assert!(here("postgres://u@127.0.0.9:5433/db"));
        assert!(here("postgres://u@[::1]/db"));
        assert!(here("postgres://u@%2Fvar%2Frun%2Fpostgresql/db"));
        assert!(here("postgres:///db?host=/tmp"));
        assert!(!here("postgres://u@db.example.org/db"));
        assert!(!here("postgres://u@10.0.0.1/db"));
        assert!(!here("postgres://u@localhost.example.org/db"));
        assert!(!here("postgres://u@localhost/db?host=10.0.0.1"));
    }
}
