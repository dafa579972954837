//! File locks that say whether somebody is alive: the kernel frees them however a process ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// How a lock is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LockMode {
    Shared,
    Exclusive,
}

/// A held lock; freed when dropped.
#[derive(Debug)]
pub(super) struct FileLock {
    file: File,
}

impl FileLock {
    /// Takes the lock at `path`, which is created; `None` while somebody else holds it.
    pub(super) fn take(path: &Path, mode: LockMode) -> io::Result<Option<Self>> {
        loop {
            let file = File::options().write(true).create(true).truncate(false).mode(0o600).open(path)?;
            let taken = match mode {
                LockMode::Shared => file.try_lock_shared(),
                LockMode::Exclusive => file.try_lock(),
            };
            match taken {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Its last holder may have removed the file between our opening and locking it.
            let ours = file.metadata()?;
            match fs::metadata(path) {
                Ok(there) if there.ino() == ours.ino() && there.dev() == ours.dev() => return Ok(Some(Self { file })),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes the lock at `path`, waiting up to `limit` for others; `None` when they did not let go.
    pub(super) fn wait(path: &Path, mode: LockMode, limit: Duration) -> io::Result<Option<Self>> {
        let deadline = Instant::now() + limit;
        let mut said = false;
        loop {
            if let Some(lock) = Self::take(path, mode)? {
                return Ok(Some(lock));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            if !std::mem::replace(&mut said, true) {
                tracing::info!(lock = %path.display(), "waiting until this lock is free");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Marks the lock's file as used now, for those who remove the least recently used.
    pub(super) fn touch(&self) -> io::Result<()> {
        self.file.set_modified(std::time::SystemTime::now())
    }
}

#[cfg(test)]
mod tests {
    use super::{FileLock, LockMode};

    #[test]
    fn a_lock_is_exclusive_until_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = FileLock::take(&path, LockMode::Exclusive).unwrap().unwrap();
        assert!(FileLock::take(&path, LockMode::Shared).unwrap().is_none());
        drop(held);
        let one = FileLock::take(&path, LockMode::Shared).unwrap().unwrap();
        let two = FileLock::take(&path, LockMode::Shared).unwrap().unwrap();
        assert!(FileLock::take(&path, LockMode::Exclusive).unwrap().is_none());
        drop((one, two));
    }

    #[test]
    fn a_lock_whose_file_was_removed_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let old = FileLock::take(&path, LockMode::Exclusive).unwrap().unwrap();
        std::fs::remove_file(&path).unwrap();
        let new = FileLock::take(&path, LockMode::Exclusive).unwrap().unwrap();
        assert!(FileLock::take(&path, LockMode::Exclusive).unwrap().is_none());
        drop((old, new));
    }
}
