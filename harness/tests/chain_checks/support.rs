//! A chain written for one test, checked on an installed server.

use std::path::Path;

use rlsgate::chain_check::{PreparedChain, Subject, update};
use rlsgate::instance::{Provider, Request};
use rlsgate::report::record::{CheckRecord, Status, SuiteRecord};
use rlsgate::run::Filter;
use rlsgate::run::Options;

use crate::common::absent;

/// A folder called `c`, with these files.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    pub(crate) fn path(&self) -> std::path::PathBuf {
        self.0.path().join("c")
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.path().join(name)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    pub(crate) fn subject(&self) -> Subject {
        Subject::load(&self.path()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Runs every check; `None` (said loudly) where no server is installed.
    pub(crate) fn check(&self) -> Option<Ran> {
        let prepared = PreparedChain::new(self.subject()).unwrap();
        let ran = there(runtime().block_on(prepared.run(&options(), |_| ())))?;
        Some(Ran { record: ran.record, folder: self.path() })
    }

    /// Writes the lock file; whether it changed, or `None` where no server is installed.
    pub(crate) fn lock(&self) -> Option<bool> {
        let mut subject = self.subject();
        there(runtime().block_on(update(&mut subject, &options().request))).map(|(_, changed)| changed)
    }
}

pub(crate) fn options() -> Options {
    Options {
        request: Request { provider: Provider::Local, ..Request::default() },
        jobs: 1,
        filter: Filter::default(),
        today: "2030-01-01".to_owned(),
    }
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

fn there<T>(ran: Result<T, rlsgate::Error>) -> Option<T> {
    match ran {
        Ok(ran) => Some(ran),
        Err(error) if error.to_string().starts_with("no local server") => {
            absent("local", &error.to_string());
            None
        }
        Err(error) => panic!("{error}\n{}", error.help()),
    }
}

/// What came of a chain.
pub(crate) struct Ran {
    pub(crate) record: SuiteRecord,
    folder: std::path::PathBuf,
}

impl Ran {
    pub(crate) fn of(&self, id: &str) -> &CheckRecord {
        let whole = format!("chain/c/{id}");
        let ids = || self.record.checks.iter().map(|check| check.id.as_str()).collect::<Vec<_>>();
        self.record.check(&whole).unwrap_or_else(|| panic!("no check {id} among {:#?}", ids()))
    }

    /// Ids of this status, without the chain's name.
    pub(crate) fn ids(&self, status: Status) -> Vec<&str> {
        let checks = self.record.checks.iter().filter(|check| check.status == status);
        checks.map(|check| check.id.strip_prefix("chain/c/").unwrap()).collect()
    }

    /// Fails unless everything that was tried passed.
    #[track_caller]
    pub(crate) fn all_pass(&self) -> &Self {
        let wrong = self.record.checks.iter().filter(|one| matches!(one.status, Status::Failed | Status::Error));
        let wrong: Vec<_> = wrong.map(|one| (&one.id, &one.verdict, &one.evidence)).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        self
    }

    /// Fails unless this check alone failed, at this place, with these words; `errors` are those that follow from it.
    #[track_caller]
    pub(crate) fn fails_alone(&self, id: &str, place: &str, words: &[&str], errors: &[&str]) {
        let told: Vec<_> = self.record.checks.iter().map(|one| (&one.id, one.status, &one.verdict)).collect();
        assert_eq!(self.ids(Status::Failed), [id], "{told:#?}");
        assert_eq!(self.ids(Status::Error), errors, "{told:#?}");
        self.shows(id, place, words);
    }

    /// Fails unless the check names its place, says these words and tells how to see it again.
    #[track_caller]
    pub(crate) fn shows(&self, id: &str, place: &str, words: &[&str]) {
        let check = self.of(id);
        let file = Path::new(&check.file).strip_prefix(self.folder.canonicalize().unwrap()).unwrap();
        assert_eq!(format!("{}:{}", file.display(), check.line), place, "{}", check.verdict);
        for word in words {
            let seen = [check.verdict.as_str(), &check.evidence.got].concat();
            assert!(seen.contains(word), "no `{word}` in: {seen}");
        }
        assert!(check.reproduce.starts_with("rlsgate chain ") && check.reproduce.contains(id), "{}", check.reproduce);
    }
}
