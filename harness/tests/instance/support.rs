//! A process and an environment of its own for each test: folders are chosen by environment variables.

use std::future::Future;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rlsgate::instance::{Instance, Provider, Request, start};
use sqlx::{Connection as _, PgConnection};

const INSIDE: &str = "RLSGATE_TEST_INSIDE";

/// The folders of one test, removed with it.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("gate-test-").tempdir_in("/tmp").unwrap();
        // The server's user, where it is another, must reach what is below.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        for (name, mode) in [("tmp", 0o1777), ("data", 0o1777), ("cache", 0o700)] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            std::fs::set_permissions(folder.path().join(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// This test binary again, running only the test of that name, in these folders.
    pub(crate) fn command(&self, test: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([test, "--exact", "--nocapture", "--test-threads=1"])
            .env(INSIDE, self.folder.path())
            .env("TMPDIR", self.path("tmp"))
            .env("RLSGATE_DATA_DIR", self.path("data"))
            .env("RLSGATE_CACHE_DIR", self.path("cache"))
            .stdin(Stdio::null());
        command
    }
}

/// The folder of the test that this process was started for.
pub(crate) fn inside() -> Option<PathBuf> {
    std::env::var_os(INSIDE).map(PathBuf::from)
}

/// Runs `body` in a process and folders of its own, which must be empty again afterwards.
pub(crate) fn isolated<F: Future<Output = ()>>(test: &str, body: impl FnOnce(PathBuf) -> F) {
    if let Some(folder) = inside() {
        tokio::runtime::Runtime::new().unwrap().block_on(body(folder));
        return;
    }
    let place = Place::new();
    let output = place.command(test).output().unwrap();
    show(&output);
    assert!(output.status.success(), "the test failed in its own process: {}", output.status);
    assert_eq!(left_in(&place.path("tmp")), Vec::<PathBuf>::new());
    assert_eq!(left_in(&place.path("data")), Vec::<PathBuf>::new());
}

fn show(output: &Output) {
    for stream in [&output.stdout, &output.stderr] {
        eprint!("{}", String::from_utf8_lossy(stream));
    }
}

/// What is in a folder.
pub(crate) fn left_in(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Says loudly that a test is skipped, or fails where RLSGATE_REQUIRE names what is absent.
pub(crate) fn absent(name: &str, why: &str) {
    let required = std::env::var("RLSGATE_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|word| word.trim() == name), "{name} is required, and absent: {why}");
    eprintln!("SKIPPED: needs {name}: {why}");
}

pub(crate) fn local() -> Request {
    Request { provider: Provider::Local, ..Request::default() }
}

/// A local server, or `None` (said loudly) where none is installed.
pub(crate) async fn start_local() -> Option<Instance> {
    match start(&local(), None).await {
        Ok(instance) => Some(instance),
        Err(error) if error.to_string().starts_with("no local server") => {
            absent("local", &error.to_string());
            None
        }
        Err(error) => panic!("{error}"),
    }
}

pub(crate) async fn connect(instance: &Instance) -> PgConnection {
    let options = instance.connect_options(instance.superuser(), instance.maintenance_database());
    PgConnection::connect_with(&options).await.unwrap()
}

/// What one row of one text column says.
pub(crate) async fn ask(connection: &mut PgConnection, query: &'static str) -> String {
    sqlx::query_scalar(query).fetch_one(connection).await.unwrap()
}
