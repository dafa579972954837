//! The folder that stands for one instance: its lock says whether the run lives, its record what the run made.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::host;
use super::lock::{FileLock, LockMode};
use crate::Error;

/// Longest folder name that leaves room for a socket below it: its path holds at most 107 bytes on Linux and
/// 103 on macOS (`sockaddr_un`), of which the rest of ours takes 45.
const LONGEST_BASE: usize = 55;

/// What a run made outside its home; written before it is made, so that a dead run's can be found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Record {
    /// The data directory.
    pub(super) data: Option<PathBuf>,
    /// The container's name.
    pub(super) container: Option<String>,
}

/// A home whose lock is held; removed when dropped.
#[derive(Debug)]
pub(super) struct Home {
    path: PathBuf,
    /// Set where something that the record names is still there.
    kept: AtomicBool,
    _lock: FileLock,
}

impl Home {
    /// Makes a home for one instance, with a `run` folder that belongs to the server's user.
    pub(super) fn create(account: &Account) -> Result<Self, Error> {
        let base = bases().into_iter().next().unwrap_or_else(std::env::temp_dir);
        Self::create_in(&base, account).map_err(|error| {
            Error::environment(
                format!("cannot make a private folder in {}: {error}", base.display()),
                "make that folder writable, or name another one in TMPDIR",
            )
        })
    }

    fn create_in(base: &Path, account: &Account) -> io::Result<Self> {
        loop {
            let path = tempfile::Builder::new().prefix(&prefix()).tempdir_in(base)?.keep();
            // A sweep may take a folder that is not locked yet for a dead run's.
            let lock = match FileLock::take(&path.join("lock"), LockMode::Exclusive) {
                Ok(Some(lock)) => lock,
                Ok(None) => continue,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let home = Self { path, kept: AtomicBool::new(false), _lock: lock };
            if account.ids().is_some() {
                // The server's user must reach its own folder; what the sweep trusts stays ours.
                fs::set_permissions(&home.path, fs::Permissions::from_mode(0o711))?;
            }
            fs::create_dir(home.run())?;
            fs::set_permissions(home.run(), fs::Permissions::from_mode(0o700))?;
            account.own(&home.run())?;
            return Ok(home);
        }
    }

    /// Writes down what is about to be made.
    pub(super) fn record(&self, record: &Record) -> Result<(), Error> {
        serde_json::to_vec(record)
            .map_err(io::Error::from)
            .and_then(|text| fs::write(self.path.join("record"), text))
            .map_err(|error| {
                Error::environment(
                    format!("cannot write in {}: {error}", self.path.display()),
                    "make room on that file system",
                )
            })
    }

    /// The folder of socket and log, which the server's user owns.
    pub(super) fn run(&self) -> PathBuf {
        self.path.join("run")
    }

    /// The folder's own name, unique on this host.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The name of the run's data directory, wherever it is. Not one of a home: the base of both may be one folder, in
    /// which the sweep takes a home of a dead run for what its name begins with.
    pub(super) fn data_name(&self) -> String {
        format!("data-{}", self.name())
    }

    /// The lock file.
    #[cfg(feature = "docker")]
    pub(super) fn lock_path(&self) -> PathBuf {
        self.path.join("lock")
    }

    /// Keeps the folder for a later sweep, since something that its record names is still there.
    pub(super) fn leave(&self) {
        self.kept.store(true, Ordering::Relaxed);
    }

    /// What this home says was made.
    pub(super) fn read_record(&self) -> Record {
        fs::read(self.path.join("record")).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if !self.kept.load(Ordering::Relaxed) {
            // What cannot be removed now is found by the next sweep.
            let _ = remove(&self.path);
        }
    }
}

/// Homes of this host and user whose run is dead; their locks are now ours.
pub(super) fn abandoned() -> Vec<Home> {
    let ours = nix::unistd::geteuid().as_raw();
    let mut homes = Vec::new();
    for base in bases() {
        for entry in fs::read_dir(base).into_iter().flatten().flatten() {
            let named = entry.file_name().to_string_lossy().starts_with(&prefix());
            // Not followed if a symlink: `DirEntry::metadata` looks at the entry itself.
            let owned = entry.metadata().is_ok_and(|facts| facts.is_dir() && facts.uid() == ours);
            if !named || !owned {
                continue;
            }
            let path = entry.path();
            if let Ok(Some(lock)) = FileLock::take(&path.join("lock"), LockMode::Exclusive) {
                homes.push(Home { path, kept: AtomicBool::new(false), _lock: lock });
            }
        }
    }
    homes
}

/// Removes a folder with what is in it, also while somebody else is at it.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    for _ in 0..5 {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !path.exists() => return Ok(()),
            Err(_) if path.exists() => std::thread::sleep(std::time::Duration::from_millis(20)),
            _ => return Ok(()),
        }
    }
    fs::remove_dir_all(path)
}

fn prefix() -> String {
    format!("rlsgate-{}-", host::id())
}

/// Folders that homes are in, without symlinks; new ones are made in the first.
fn bases() -> Vec<PathBuf> {
    let real = |path: PathBuf| path.canonicalize().unwrap_or(path);
    let own = real(std::env::temp_dir());
    let common = real(PathBuf::from("/tmp"));
    if own == common {
        vec![common]
    } else if own.as_os_str().len() <= LONGEST_BASE {
        vec![own, common]
    } else {
        vec![common, own]
    }
}
