//! A PostgreSQL server for one test: made in a temporary folder, on a Unix socket, stopped and removed with its value.

mod absent;
pub(crate) mod left;
mod place;

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use rlsgate::chain::Connect;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions};

pub(crate) use absent::absent;
pub(crate) use place::Place;

pub(crate) struct Cluster {
    folder: tempfile::TempDir,
    server: Child,
    major: u32,
}

impl Cluster {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("rg").tempdir_in("/tmp").unwrap();
        give(folder.path());
        let copied =
            Command::new("cp").args(["-a", "--reflink=auto"]).arg(&*EMPTY).arg(folder.path().join("data")).status();
        assert!(copied.unwrap().success(), "no copy of {}", EMPTY.display());
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let server = program("postgres", folder.path())
            .args(["-D", "data", "-c", "listen_addresses=", "-c", "fsync=off"])
            .arg("-k")
            .arg(folder.path())
            .stderr(log)
            .spawn()
            .unwrap();
        let version = std::fs::read_to_string(folder.path().join("data/PG_VERSION")).unwrap();
        let cluster = Self { folder, server, major: version.trim().parse().unwrap() };
        cluster.wait().await;
        cluster
    }

    async fn wait(&self) {
        let started = Instant::now();
        while let Err(error) = self.options("rlsgate", "postgres").connect().await {
            assert!(started.elapsed() < Duration::from_secs(30), "{error}\n{}", log_of(self.folder.path()));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A new, empty database.
    pub(crate) async fn database(&self, name: &str) -> String {
        let mut session = self.session("rlsgate", "postgres").await;
        execute(&mut session, &format!("CREATE DATABASE \"{name}\"")).await.unwrap();
        name.to_owned()
    }

    pub(crate) async fn session(&self, role: &str, database: &str) -> PgConnection {
        self.options(role, database).connect().await.unwrap()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.server.id().try_into().unwrap());
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGQUIT);
        let _ = self.server.wait();
    }
}

impl Connect for Cluster {
    fn options(&self, role: &str, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().socket(self.folder.path()).username(role).database(database)
    }

    fn superuser(&self) -> &str {
        "rlsgate"
    }

    fn disposable(&self) -> bool {
        true
    }

    fn major(&self) -> u32 {
        self.major
    }
}

pub(crate) async fn execute(session: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(session).await.map(|_| ())
}

/// A folder of files, as `(name, text)`.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// What initdb makes, kept for later runs of the tests as well: most of a start is its time.
static EMPTY: LazyLock<PathBuf> = LazyLock::new(|| {
    let version = Command::new(bin().join("postgres")).arg("--version").output().unwrap().stdout;
    let version: String = String::from_utf8(version).unwrap().chars().filter(|it| !it.is_whitespace()).collect();
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("initdb-{}", version.replace('/', "")));
    if kept.exists() {
        return kept;
    }
    let folder = tempfile::Builder::new().prefix("rg").tempdir_in("/tmp").unwrap();
    give(folder.path());
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let made = program("initdb", folder.path())
        .args(["-D", "data", "-U", "rlsgate", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"])
        .stderr(log)
        .status()
        .unwrap();
    assert!(made.success(), "initdb: {}", log_of(folder.path()));
    let new = kept.with_extension(format!("new-{}", std::process::id()));
    let copied = Command::new("cp").arg("-a").arg(folder.path().join("data")).arg(&new).status();
    assert!(copied.unwrap().success(), "no copy to {}", new.display());
    // Another process of the tests may have made it meanwhile.
    if std::fs::rename(&new, &kept).is_err() {
        std::fs::remove_dir_all(&new).unwrap();
    }
    kept
});

/// A program of the server, as the account that may run it.
fn program(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(bin().join(name));
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).env("LC_ALL", "C.UTF-8");
    if let Some((uid, gid)) = unprivileged() {
        command.uid(uid).gid(gid);
    }
    command
}

/// Makes the folder the server's.
fn give(folder: &Path) {
    if let Some((uid, gid)) = unprivileged() {
        std::os::unix::fs::chown(folder, Some(uid), Some(gid)).unwrap();
    }
}

/// The account of the server where the test itself runs as root, which initdb and postgres refuse.
fn unprivileged() -> Option<(u32, u32)> {
    if !nix::unistd::geteuid().is_root() {
        return None;
    }
    let user = nix::unistd::User::from_name("postgres").unwrap().expect("an account `postgres` to run the server as");
    Some((user.uid.as_raw(), user.gid.as_raw()))
}

/// The newest installed server's programs.
fn bin() -> PathBuf {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = debian.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("postgres").is_file()).max();
    newest.unwrap_or_else(|| {
        let asked = Command::new("pg_config").arg("--bindir").output().expect("an installed PostgreSQL server");
        PathBuf::from(String::from_utf8(asked.stdout).unwrap().trim())
    })
}

fn log_of(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default()
}
