//! A process and an environment of its own for each test: folders are chosen by environment variables.

use std::future::Future;
use std::path::PathBuf;
use std::process::{Command, Output};

use rlsgate::instance::{Instance, Provider, Request, start};
use sqlx::{Connection as _, PgConnection};

pub(crate) use crate::common::left::left_in;
pub(crate) use crate::common::{Place, absent};

const INSIDE: &str = "RLSGATE_TEST_INSIDE";

impl Place {
    /// This test binary again, running only the test of that name, in these folders.
    pub(crate) fn command(&self, test: &str) -> Command {
        let mut command = self.program(std::env::current_exe().unwrap());
        command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env(INSIDE, self.path(""));
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
    assert!(String::from_utf8_lossy(&output.stdout).contains(" 1 passed;"), "there is no test {test}");
    assert_eq!(left_in(&place.path("tmp")), Vec::<PathBuf>::new());
    assert_eq!(left_in(&place.path("data")), Vec::<PathBuf>::new());
}

fn show(output: &Output) {
    for stream in [&output.stdout, &output.stderr] {
        eprint!("{}", String::from_utf8_lossy(stream));
    }
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

/// Ids of all System V shared memory segments.
pub(crate) fn segments() -> Vec<String> {
    let table = std::fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1).map(str::to_owned)).collect()
}
