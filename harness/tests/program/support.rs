//! A copy of the connectors system in folders of its own, and the program run on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rlsgate::report::record::{CheckRecord, RunRecord, Status};

use crate::common::left::left_in;
use crate::common::{Place, absent};

pub(crate) const SUITE: &str = "suites/connectors/suite.toml";
pub(crate) const SEED: &str = "suites/connectors/seed.sql";
pub(crate) const CHAIN: &str = "schemas/connectors/chain.toml";
pub(crate) const TABLES: &str = "schemas/connectors/20250130_create_connectors_tables.sql";
/// One check that needs little.
pub(crate) const ONE: &str = "connectors/contract/public.contacts/select/ann/granted";

/// What the program did.
pub(crate) struct Ended {
    /// The exit code; `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) took: Duration,
}

impl Ended {
    pub(crate) fn of(output: Output, took: Duration) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr), took }
    }

    /// Fails, with all that was said, unless the exit code is this one.
    #[track_caller]
    pub(crate) fn expect(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        self
    }

    /// Fails unless standard error says each of these.
    #[track_caller]
    pub(crate) fn says(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.err.contains(part), "no `{part}` in: {}", self.err);
        }
        self
    }

    #[track_caller]
    pub(crate) fn within(&self, limit: Duration) -> &Self {
        assert!(self.took < limit, "it took {:?}: {}\n{}", self.took, self.out, self.err);
        self
    }

    /// Whether there was no such server, which is said loudly.
    pub(crate) fn lacks_server(&self, provider: &str) -> bool {
        let lacks = match provider {
            "docker" => ["error: no server from Docker", "error: the image postgres:"],
            _ => ["error: no local server", "error: there is no server to test on"],
        };
        let lacking = self.code == Some(3) && lacks.iter().any(|words| self.err.starts_with(words));
        if lacking {
            absent(provider, &self.err);
        }
        lacking
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in left_in(from) {
        let copy = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy_folder(&entry, &copy);
        } else {
            fs::copy(&entry, copy).unwrap();
        }
    }
}

/// Folders with a copy of the connectors system, in which the program runs.
pub(crate) struct Copy {
    pub(crate) place: Place,
    own_cache: bool,
}

impl Copy {
    /// With the cache that the tests share, as a second run has it.
    pub(crate) fn new() -> Self {
        let place = Place::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for folder in ["schemas/connectors", "suites/connectors"] {
            copy_folder(&root.join(folder), &place.path(folder));
        }
        Self { place, own_cache: false }
    }

    /// With an empty cache, as a first run has it.
    pub(crate) fn with_own_cache() -> Self {
        Self { own_cache: true, ..Self::new() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.place.path(name)
    }

    /// Replaces `from`, which must be there, wherever it stands.
    #[track_caller]
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "no `{from}` in {file}");
        fs::write(self.path(file), text.replace(from, to)).unwrap();
    }

    pub(crate) fn append(&self, file: &str, text: &str) {
        let before = fs::read_to_string(self.path(file)).unwrap();
        fs::write(self.path(file), format!("{before}\n{text}\n")).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.place.program(env!("CARGO_BIN_EXE_rlsgate"));
        command.args(arguments).current_dir(self.path("")).stdout(Stdio::piped()).stderr(Stdio::piped());
        if !self.own_cache {
            command.env("RLSGATE_CACHE_DIR", shared_cache());
        }
        command
    }

    pub(crate) fn rlsgate(&self, arguments: &[&str]) -> Ended {
        let begun = Instant::now();
        let output = self.command(arguments).output().unwrap();
        Ended::of(output, begun.elapsed())
    }

    /// `rlsgate run suites/connectors` and these arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.rlsgate(&[&["run", "suites/connectors"], arguments].concat())
    }

    /// The record that the last run wrote to `reports`.
    #[track_caller]
    pub(crate) fn record(&self) -> RunRecord {
        RunRecord::read(&self.path("reports/run.json")).unwrap()
    }

    /// Fails unless the run's own folders are empty.
    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        assert_eq!(left_in(&self.path("tmp")), Vec::<PathBuf>::new());
        assert_eq!(left_in(&self.path("data")), Vec::<PathBuf>::new());
    }
}

/// The checks of a record.
pub(crate) fn checks(record: &RunRecord) -> impl Iterator<Item = &CheckRecord> {
    record.suites.iter().flat_map(|suite| &suite.checks)
}

/// The ids of checks that came to `status`.
pub(crate) fn ids(record: &RunRecord, status: Status) -> Vec<&str> {
    checks(record).filter(|check| check.status == status).map(|check| check.id.as_str()).collect()
}

/// Waits until something holds.
#[track_caller]
pub(crate) fn wait_for<T>(what: &str, limit: Duration, mut holds: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = holds() {
            return found;
        }
        assert!(begun.elapsed() < limit, "waited {limit:?} for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Where cargo lets tests keep what later ones may use.
fn shared_cache() -> PathBuf {
    use std::os::unix::fs::DirBuilderExt as _;

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    fs::DirBuilder::new().mode(0o700).recursive(true).create(&folder).unwrap();
    folder
}
