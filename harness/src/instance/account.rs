//! Whom the server runs as: ourselves, or an unprivileged user when we are root.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use nix::unistd::{User, geteuid};

use crate::Error;

/// The user that owns a local server's files and processes.
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// Set where it is another user than ourselves.
    other: Option<(u32, u32)>,
}

impl Account {
    /// Ourselves; as root `postgres` or else `nobody`, since the server refuses to run as root.
    pub(super) fn of_server() -> Result<Self, Error> {
        if !geteuid().is_root() {
            return Ok(Self { other: None });
        }
        let user = ["postgres", "nobody"].iter().find_map(|name| User::from_name(name).ok().flatten());
        match user {
            Some(user) => Ok(Self { other: Some((user.uid.as_raw(), user.gid.as_raw())) }),
            None => Err(Error::environment(
                "the server cannot run as root, and there is no user `postgres` or `nobody` to run it as",
                "create one of them, or run this as an unprivileged user",
            )),
        }
    }

    /// Ourselves, for what starts no server here.
    #[cfg(feature = "docker")]
    pub(super) const fn of_user() -> Self {
        Self { other: None }
    }

    /// User and group ids where the server is another user than ourselves.
    pub(super) const fn ids(&self) -> Option<(u32, u32)> {
        self.other
    }

    /// Makes `path` the server's.
    pub(super) fn own(&self, path: &Path) -> std::io::Result<()> {
        self.other.map_or(Ok(()), |(uid, gid)| chown(path, Some(uid), Some(gid)))
    }

    /// A command that runs as the server's user, with an environment that says nothing of ours.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        // The time zone and locale of this machine would end up in postgresql.conf.
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC");
        command.current_dir("/");
        if let Some((uid, gid)) = self.other {
            command.uid(uid).gid(gid);
        }
        command
    }
}
