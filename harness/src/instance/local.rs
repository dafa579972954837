//! A server from installed binaries: a data directory made or restored, and a watched process on a Unix socket.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::account::Account;
use super::binaries::Binaries;
use super::cache::{Cache, CacheCopy, CacheEntry};
use super::home::{self, Home, Record};
use super::key::StateKey;
use super::lock::{FileLock, LockMode};
use super::reap::{Postmaster, reap};
use super::remove::remove;
use super::watchdog::{self, Watchdog, WatchdogTask};
use super::{place, settings};
use crate::Error;
use crate::instance::query_cache::QueryCache;

/// Names the socket; no TCP port is opened.
const PORT: u16 = 5432;
/// How long `initdb` may take, on the slowest disk.
const INITDB_LIMIT: Duration = Duration::from_secs(60);
/// What a new data directory takes, in bytes.
const INITDB_ROOM: u64 = 48 << 20;
/// How long an end may take: the postmaster gives its children five seconds.
const END_LIMIT: Duration = Duration::from_secs(10);

/// A running local server with its folders. Dropping it ends and removes everything.
#[derive(Debug)]
pub(super) struct Local {
    binaries: Binaries,
    account: Account,
    home: Home,
    data: PathBuf,
    watchdog: Option<Watchdog>,
    cache: Option<Cache>,
    start_timeout: Duration,
    restored: bool,
    /// The entry of the cache that the data directory was copied from or to, and which one it was then.
    kept: Option<(CacheEntry, StateKey)>,
    /// Bytes of the state that it was copied from.
    bytes: Option<u64>,
}

impl Local {
    /// Makes the data directory, from the cached `state` if there is one, and starts the server.
    pub(super) fn start(
        binaries: Binaries,
        state: Option<&StateKey>,
        cache: bool,
        start_timeout: Duration,
    ) -> Result<Self, Error> {
        let account = Account::of_server()?;
        let cache = if cache { Some(Cache::open()?) } else { None };
        let home = Home::create(&account)?;
        let data = place::data_base().join(home.data_name());
        home.record(&Record { data: Some(data.clone()), container: None })?;
        let mut local = Self {
            binaries,
            account,
            home,
            data,
            watchdog: None,
            cache,
            start_timeout,
            restored: false,
            kept: None,
            bytes: None,
        };
        local.make_data_folder()?;
        let state = local.kept_state(state)?;
        local.restored = state.is_some();
        match state {
            None => {
                local.fill_data_folder()?;
                local.serve()?;
            }
            Some((entry, _lock, copies)) => {
                let (data, account) = (local.data.clone(), local.account.clone());
                let no_data = |error: io::Error| local.no_data(&error);
                copies.start(&data, &account).map_err(no_data)?;
                // The server starts on one processor, while the databases are copied on another.
                let (copied, started) = std::thread::scope(|scope| {
                    let copy = || copies.databases(&data, &account);
                    let copying = std::thread::Builder::new().spawn_scoped(scope, copy);
                    let started = local.serve();
                    let interrupted = |_| Err(io::Error::other("copying was interrupted"));
                    // Where there is no thread to be had, it is copied now.
                    (copying.map_or_else(|_| copy(), |copying| copying.join().unwrap_or_else(interrupted)), started)
                });
                let copied = copied.and_then(|()| copies.descriptors(&data, &account));
                copied.map_err(|error| local.no_data(&error))?;
                started?;
                tracing::info!(bytes = copies.bytes(), "restored the state from the cache");
                local.bytes = Some(copies.bytes());
                local.kept = Some((entry, copies.version));
            }
        }
        Ok(local)
    }

    fn serve(&mut self) -> Result<(), Error> {
        let watchdog =
            Watchdog::start(&self.account, &self.home.run(), &self.data, WatchdogTask::Serve, &self.command_line());
        self.watchdog = Some(watchdog.map_err(|error| {
            Error::environment(
                format!("cannot start the server's watchdog: {error}"),
                "it needs /bin/sh and a free process",
            )
        })?);
        self.wait_until_ready()
    }

    pub(super) const fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    pub(super) const fn restored(&self) -> bool {
        self.restored
    }

    /// How to connect, but for the role and the database.
    pub(super) fn connect_options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().socket(self.home.run()).port(PORT).ssl_mode(PgSslMode::Disable)
    }

    /// Whether the postmaster still takes connections.
    pub(super) fn is_alive(&self) -> bool {
        UnixStream::connect(self.socket()).is_ok()
    }

    /// The last lines of the server's log.
    pub(super) fn log_tail(&self) -> String {
        let log = fs::read(self.home.run().join("log")).unwrap_or_default();
        super::log::tail(&String::from_utf8_lossy(&log))
    }

    /// Free bytes where the data directory is.
    pub(super) fn free(&self) -> Option<u64> {
        place::free(&self.data)
    }

    /// Stops the server cleanly, keeps a copy of its data directory under `key`, and starts it again.
    pub(super) fn save_state(&mut self, key: &StateKey) -> Result<(), Error> {
        let Some(entry) = self.state_entry(key) else { return Ok(()) };
        let Some(watchdog) = &mut self.watchdog else { return Ok(()) };
        let stopped = watchdog.stop_server(self.start_timeout);
        if !stopped.map_err(|error| self.failed("stop", &error))? {
            return Err(self.did_not("stop"));
        }
        // Another run that stores the same state does it for both.
        if let Some(lock) = entry.lock(LockMode::Exclusive, Duration::ZERO)? {
            let version = entry.store(&lock, &self.data)?;
            self.kept = Some((entry, version));
        }
        if let Some(watchdog) = &mut self.watchdog {
            watchdog.start_server().map_err(|error| self.failed("start", &error))?;
        }
        self.wait_until_ready()
    }

    pub(super) const fn kept_bytes(&self) -> Option<u64> {
        self.bytes
    }

    /// What earlier runs read of the state that this server started from.
    pub(super) fn answers(&self) -> QueryCache {
        self.kept.as_ref().map(|(entry, version)| entry.answers(version)).unwrap_or_default()
    }

    /// Keeps what was read of that state, where it can.
    pub(super) fn keep(&self, answers: &QueryCache) {
        if let Some((entry, version)) = &self.kept {
            // Only time is lost without it.
            let _ = entry.keep(version, answers);
        }
    }

    /// Ends the server and removes its folders.
    pub(super) fn stop(mut self) -> Result<(), Error> {
        self.end()
    }

    fn end(&mut self) -> Result<(), Error> {
        let mut ended = true;
        if let Some(mut watchdog) = self.watchdog.take() {
            // The watchdog would remove the data as well, file by file. One that names a segment is the sweep's.
            if watchdog.kill(END_LIMIT).unwrap_or(false) && !self.data.join("postmaster.pid").exists() {
                remove(&self.data);
            }
            ended = watchdog.end(END_LIMIT).unwrap_or(false);
        }
        if (!ended || self.data.exists()) && !reap(&self.data, &self.home.run()) {
            self.home.leave();
            return Err(Error::environment(
                format!("the server in {} could not be ended", self.data.display()),
                "end its processes; the next run removes its folder",
            ));
        }
        home::remove(&self.data).map_err(|error| {
            self.home.leave();
            Error::environment(format!("cannot remove {}: {error}", self.data.display()), "remove it by hand")
        })
    }

    fn make_data_folder(&self) -> Result<(), Error> {
        fs::create_dir(&self.data)
            .and_then(|()| fs::set_permissions(&self.data, fs::Permissions::from_mode(0o700)))
            .and_then(|()| self.account.own(&self.data))
            .map_err(|error| self.no_data(&error))
    }

    fn kept_state(&self, state: Option<&StateKey>) -> Result<Option<(CacheEntry, FileLock, CacheCopy)>, Error> {
        let Some(entry) = state.and_then(|key| self.state_entry(key)) else { return Ok(None) };
        let Some(lock) = entry.lock(LockMode::Shared, self.start_timeout)? else { return Ok(None) };
        let found = entry.found(&lock).map_err(|error| self.no_data(&error))?;
        Ok(found.map(|copies| (entry, lock, copies)))
    }

    /// Copies all of `entry`; whether it was there.
    fn restore(&self, entry: &CacheEntry, lock: &FileLock) -> Result<bool, Error> {
        let copy = |copies: CacheCopy| copies.whole(&self.data, &self.account).map(|()| true);
        entry.found(lock).and_then(|found| found.map_or(Ok(false), copy)).map_err(|error| self.no_data(&error))
    }

    /// The result of `initdb`, from the cache or made now and kept.
    fn fill_data_folder(&mut self) -> Result<(), Error> {
        let Some(cache) = &self.cache else { return self.initdb() };
        let identity = self.binaries.identity();
        let entry = cache.entry(&StateKey::new(["initdb", identity.as_str()].iter().chain(&settings::INITDB)));
        if let Some(lock) = entry.lock(LockMode::Shared, self.start_timeout)?
            && self.restore(&entry, &lock)?
        {
            tracing::info!("restored an empty data directory from the cache");
            return Ok(());
        }
        let Some(lock) = entry.lock(LockMode::Exclusive, self.start_timeout)? else { return self.initdb() };
        // Another run may have made it while this one waited.
        if self.restore(&entry, &lock)? {
            return Ok(());
        }
        self.initdb()?;
        entry.store(&lock, &self.data).map(drop)
    }

    fn state_entry(&self, key: &StateKey) -> Option<CacheEntry> {
        let identity = self.binaries.identity();
        let command = settings::arguments().collect::<Vec<_>>().join(" ");
        let parts = ["state", identity.as_str(), key.as_str(), command.as_str()];
        let key = StateKey::new(parts.iter().chain(&settings::INITDB));
        self.cache.as_ref().map(|cache| cache.entry(&key))
    }

    fn initdb(&mut self) -> Result<(), Error> {
        // Looked at before: out of space, the programs of initdb abort and leave shared memory behind.
        if let Some(free) = self.free().filter(|free| *free < INITDB_ROOM) {
            let (free, needed) = (free >> 20, INITDB_ROOM >> 20);
            return Err(Error::environment(
                format!(
                    "no space left for a data directory in {}: {free} MiB are free, {needed} MiB are needed",
                    self.data.display()
                ),
                self.data_help(),
            ));
        }
        let program = self.binaries.program("initdb").to_string_lossy().into_owned();
        let options = ["--auth=trust", "--no-sync", "--username", settings::SUPERUSER, "--pgdata"];
        let mut line = vec![program.clone()];
        line.extend(settings::INITDB.iter().chain(&options).map(|word| (*word).to_owned()));
        line.push(self.data.to_string_lossy().into_owned());
        let broken = |error: io::Error| {
            Error::environment(format!("cannot run {program}: {error}"), "it needs /bin/sh and a free process")
        };
        tracing::info!(data = %self.data.display(), "making a data directory with initdb");
        // Watched as the server is: it would go on after a killed run.
        let watchdog =
            Watchdog::start(&self.account, &self.home.run(), &self.data, WatchdogTask::Init, &line).map_err(broken)?;
        let watchdog = self.watchdog.insert(watchdog);
        let ended = watchdog.wait(INITDB_LIMIT.max(self.start_timeout)).map_err(broken)?;
        let status = watchdog.exit_status().filter(|_| ended).unwrap_or_else(|| "no end in sight".to_owned());
        let log = self.home.run().join("log");
        if status != watchdog::SUCCESS {
            let said = reason(&String::from_utf8_lossy(&fs::read(&log).unwrap_or_default()));
            return Err(Error::environment(format!("{program} ended with {status}:\n{said}"), self.data_help()));
        }
        self.watchdog.take().map_or(Ok(()), Watchdog::leave).and_then(|()| fs::remove_file(log)).map_err(broken)
    }

    fn command_line(&self) -> Vec<String> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut line = vec![text(&self.binaries.program("postgres")), "-D".to_owned(), text(&self.data)];
        line.extend(settings::arguments());
        let local = [
            "listen_addresses=".to_owned(),
            format!("port={PORT}"),
            format!("unix_socket_directories={}", self.home.run().display()),
            "unix_socket_permissions=0700".to_owned(),
        ];
        line.extend(local.into_iter().flat_map(|setting| ["-c".to_owned(), setting]));
        line
    }

    fn wait_until_ready(&mut self) -> Result<(), Error> {
        tracing::debug!("waiting until the server takes connections");
        let deadline = Instant::now() + self.start_timeout;
        loop {
            if Postmaster::read(&self.data).is_some_and(|postmaster| postmaster.is_ready()) {
                return Ok(());
            }
            if let Some(status) = self.watchdog.as_mut().and_then(Watchdog::exit_status) {
                let said = self.log_tail();
                return Err(Error::environment(
                    format!("the server did not start: {status}{}; its log ends with:\n{said}", self.room()),
                    self.data_help(),
                ));
            }
            if Instant::now() >= deadline {
                return Err(self.did_not("start"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn did_not(&self, what: &str) -> Error {
        let said = self.log_tail();
        Error::environment(
            format!(
                "the server did not {what} within {:.1} s; its log ends with:\n{said}",
                self.start_timeout.as_secs_f64()
            ),
            "see the log above, or allow more time",
        )
    }

    fn failed(&self, what: &str, error: &io::Error) -> Error {
        Error::environment(
            format!("cannot {what} the server: {error}; its log ends with:\n{}", self.log_tail()),
            "see the log above",
        )
    }

    fn no_data(&self, error: &io::Error) -> Error {
        Error::environment(
            format!("cannot make a data directory in {}: {error}", self.data.display()),
            self.data_help(),
        )
    }

    /// Said where a full disk explains the failure.
    fn room(&self) -> &'static str {
        if self.free().is_some_and(|free| free < settings::FULL) { " (no space left for its data)" } else { "" }
    }

    fn data_help(&self) -> String {
        format!(
            "make room in {}, or name another folder in {}",
            self.data.parent().unwrap_or(&self.data).display(),
            place::VARIABLE
        )
    }

    fn socket(&self) -> PathBuf {
        self.home.run().join(format!(".s.PGSQL.{PORT}"))
    }
}

/// The lines that say what went wrong; a statement that failed is shown in full between them, as long as it is.
fn reason(said: &str) -> String {
    let marks = ["PANIC:", "FATAL:", "ERROR:", "initdb: error:", "initdb: could not"];
    let lines: Vec<&str> = said.lines().filter(|line| marks.iter().any(|mark| line.contains(mark))).collect();
    super::log::tail(if lines.is_empty() { said.to_owned() } else { lines.join("\n") }.as_str())
}

impl Drop for Local {
    fn drop(&mut self) {
        // What cannot be ended now is found by the next sweep; there is nobody to tell.
        let _ = self.end();
    }
}
