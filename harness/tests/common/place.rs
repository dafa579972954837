//! Folders of one test's own, given to a process by environment variables.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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

    /// A command that works in these folders.
    pub(crate) fn program(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .env("TMPDIR", self.path("tmp"))
            .env("RLSGATE_DATA_DIR", self.path("data"))
            .env("RLSGATE_CACHE_DIR", self.path("cache"))
            .stdin(Stdio::null());
        command
    }
}
