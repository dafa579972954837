//! Data directories kept from one run to the next: private, complete or not used, and bounded.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use etcetera::BaseStrategy as _;

use super::account::Account;
use super::copy::copy;
use super::key::StateKey;
use super::lock::{FileLock, LockMode};
use super::manifest::CacheManifest;
use crate::Error;
use crate::instance::query_cache::QueryCache;

/// The variable that names another cache folder.
const VARIABLE: &str = "RLSGATE_CACHE_DIR";
/// Most entries that are kept.
const MOST_ENTRIES: usize = 24;
/// Most bytes that are kept.
const MOST_BYTES: u64 = 4 << 30;

/// The cache folder of this user.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    root: PathBuf,
}

impl Cache {
    /// Opens the folder, which is made where it is missing, and refuses one that others may read or write:
    /// entries hold seed rows, and whoever writes them decides what the server runs (CWE-379).
    pub(super) fn open() -> Result<Self, Error> {
        let root = match std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
            Some(path) => PathBuf::from(path),
            None => etcetera::choose_base_strategy()
                .map_err(|error| Error::environment(format!("no cache folder: {error}"), remedy()))?
                .cache_dir()
                .join("rlsgate"),
        };
        let fail = |error: io::Error| {
            Error::environment(format!("cannot use the cache folder {}: {error}", root.display()), remedy())
        };
        if let Some(parent) = root.parent() {
            fs::create_dir_all(parent).map_err(fail)?;
        }
        match DirBuilder::new().mode(0o700).create(&root) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(fail(error)),
            _ => {}
        }
        let facts = fs::metadata(&root).map_err(fail)?;
        let ours = facts.uid() == nix::unistd::geteuid().as_raw();
        if !facts.is_dir() || !ours || facts.mode() & 0o077 != 0 {
            return Err(Error::environment(
                format!(
                    "the cache folder {} is refused: it must be a folder of this user with mode 0700, and is of user {} with mode {:04o}",
                    root.display(),
                    facts.uid(),
                    facts.mode() & 0o7777
                ),
                remedy(),
            ));
        }
        Ok(Self { root })
    }

    /// The folder `name` in it, there or not, for what is no state.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The entry named by `key`, there or not.
    pub(super) fn entry(&self, key: &StateKey) -> CacheEntry {
        CacheEntry { cache: self.clone(), name: key.as_str().to_owned() }
    }

    /// Removes half-written entries, and the least recently used beyond the bounds; never one in use.
    fn trim(&self) -> io::Result<()> {
        let mut kept = Vec::new();
        for found in fs::read_dir(&self.root)? {
            let name = found?.file_name().to_string_lossy().into_owned();
            if let Some(entry) = name.strip_suffix(".new") {
                if let Some(_lock) = FileLock::take(&self.lock(entry), LockMode::Exclusive)? {
                    let _ = fs::remove_dir_all(self.root.join(&name));
                }
            } else if !name.contains('.') {
                let used = fs::metadata(self.lock(&name)).and_then(|facts| facts.modified());
                let list = fs::read_to_string(self.root.join(&name).join("manifest")).unwrap_or_default();
                let bytes = CacheManifest::parse(&list).map_or(0, |manifest| manifest.bytes());
                kept.push((used.unwrap_or(SystemTime::UNIX_EPOCH), bytes, name));
            }
        }
        kept.sort();
        let mut bytes: u64 = kept.iter().map(|(_, bytes, _)| bytes).sum();
        let mut count = kept.len();
        for (_, size, name) in kept {
            if count <= MOST_ENTRIES && bytes <= MOST_BYTES {
                break;
            }
            let path = self.lock(&name);
            if let Some(_lock) = FileLock::take(&path, LockMode::Exclusive)? {
                // Another run may have removed it since it was listed.
                remove_if_there(&self.root.join(&name))?;
                remove_if_there(&path)?;
                count -= 1;
                bytes = bytes.saturating_sub(size);
            }
        }
        Ok(())
    }

    fn lock(&self, name: &str) -> PathBuf {
        self.root.join(format!("{name}.lock"))
    }
}

/// One data directory in the cache.
#[derive(Debug)]
pub(super) struct CacheEntry {
    cache: Cache,
    name: String,
}

impl CacheEntry {
    /// Waits up to `limit` for others that use the entry otherwise; `None` when they did not let go.
    pub(super) fn lock(&self, mode: LockMode, limit: Duration) -> Result<Option<FileLock>, Error> {
        FileLock::wait(&self.cache.lock(&self.name), mode, limit).map_err(|error| self.failed(&error))
    }

    /// The entry, to be copied while `lock` is held; `None` where it is not there, or not whole.
    pub(super) fn found(&self, lock: &FileLock) -> io::Result<Option<CacheCopy>> {
        let Some(list) = self.manifest() else { return Ok(None) };
        let from = self.folder().join("data");
        let Some(manifest) = CacheManifest::parse(&list).filter(|manifest| manifest.matches(&from)) else {
            return Ok(None);
        };
        lock.touch()?;
        Ok(Some(CacheCopy { manifest, from, version: StateKey::new([list]) }))
    }

    /// Puts a copy of the data directory `from` in the entry's place; which one it is. `lock` is the entry's, held
    /// exclusively.
    pub(super) fn store(&self, lock: &FileLock, from: &Path) -> Result<StateKey, Error> {
        self.write(lock, from).map_err(|error| self.failed(&error))
    }

    /// What was read of the entry, as long as it is `version`.
    pub(super) fn answers(&self, version: &StateKey) -> QueryCache {
        let text = fs::read(self.folder().join("answers"));
        text.ok().and_then(|text| QueryCache::parse(&text, version)).unwrap_or_default()
    }

    /// Keeps what was read of the entry, if it still is `version` and nobody is at it.
    pub(super) fn keep(&self, version: &StateKey, answers: &QueryCache) -> Result<(), Error> {
        if !answers.is_new() {
            return Ok(());
        }
        let is_it = || self.manifest().is_some_and(|list| StateKey::new([list]) == *version);
        // Looked at before as well: the lock of an entry that was removed would stay.
        if !is_it() {
            return Ok(());
        }
        let Some(_lock) = self.lock(LockMode::Exclusive, Duration::ZERO)? else { return Ok(()) };
        if !is_it() {
            return Ok(());
        }
        let path = self.folder().join("answers");
        let fresh = path.with_extension("new");
        let written = answers.to_text(version).map_err(io::Error::from).and_then(|text| fs::write(&fresh, text));
        let kept = written.and_then(|()| fs::rename(&fresh, &path));
        kept.inspect_err(|_| drop(fs::remove_file(&fresh))).map_err(|error| self.failed(&error))
    }

    fn manifest(&self) -> Option<String> {
        fs::read_to_string(self.folder().join("manifest")).ok()
    }

    fn write(&self, lock: &FileLock, from: &Path) -> io::Result<StateKey> {
        let fresh = self.cache.root.join(format!("{}.new", self.name));
        let data = fresh.join("data");
        remove_if_there(&fresh)?;
        DirBuilder::new().mode(0o700).recursive(true).create(&data)?;
        let written = CacheManifest::of(from)
            .and_then(|manifest| copy(&manifest, from, &data, None))
            .and_then(|()| CacheManifest::of(&data))
            .map(|manifest| manifest.to_text())
            .and_then(|list| fs::write(fresh.join("manifest"), &list).map(|()| list));
        let list = written.inspect_err(|_| drop(fs::remove_dir_all(&fresh)))?;
        remove_if_there(&self.folder())?;
        fs::rename(&fresh, self.folder())?;
        lock.touch()?;
        self.cache.trim()?;
        Ok(StateKey::new([list]))
    }

    fn folder(&self) -> PathBuf {
        self.cache.root.join(&self.name)
    }

    fn failed(&self, error: &io::Error) -> Error {
        Error::environment(format!("cannot use the cache in {}: {error}", self.cache.root.display()), remedy())
    }
}

/// An entry that is being copied, part by part: a server starts without its databases, whose files are most of it.
#[derive(Debug)]
pub(super) struct CacheCopy {
    manifest: CacheManifest,
    from: PathBuf,
    /// Which entry it is.
    pub(super) version: StateKey,
}

/// Descriptors of the catalogs that a session begins with, written by the first and taken by all others.
const DESCRIPTORS: &str = "pg_internal.init";

impl CacheCopy {
    /// Bytes in all files.
    pub(super) fn bytes(&self) -> u64 {
        self.manifest.bytes()
    }

    /// All of it.
    pub(super) fn whole(&self, to: &Path, account: &Account) -> io::Result<()> {
        self.copy(to, account, |_| true)
    }

    /// What a server needs to start.
    pub(super) fn start(&self, to: &Path, account: &Account) -> io::Result<()> {
        self.copy(to, account, |path| !path.starts_with("base") || path == Path::new("base"))
    }

    /// The databases.
    pub(super) fn databases(&self, to: &Path, account: &Account) -> io::Result<()> {
        self.copy(to, account, |path| is_below_base(path) && !path.ends_with(DESCRIPTORS))
    }

    /// What a server removes from databases when it starts, since after a crash it might be of before (PostgreSQL source,
    /// `RelationCacheInitFileRemove`): an entry is of one that was shut down.
    pub(super) fn descriptors(&self, to: &Path, account: &Account) -> io::Result<()> {
        self.copy(to, account, |path| is_below_base(path) && path.ends_with(DESCRIPTORS))
    }

    fn copy(&self, to: &Path, account: &Account, wanted: impl Fn(&Path) -> bool) -> io::Result<()> {
        copy(&self.manifest.part(wanted), &self.from, to, Some(account))
    }
}

fn is_below_base(path: &Path) -> bool {
    path.starts_with("base") && path != Path::new("base")
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn remedy() -> String {
    format!("name another folder in {VARIABLE}, or run without with --no-cache")
}
