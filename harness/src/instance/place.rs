//! Where a data directory is put: in memory where there is room, since nothing of it is kept.

use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;
use nix::unistd::{AccessFlags, access};

/// Free space from which a memory file system is taken, in bytes.
const ROOM: u64 = 512 << 20;

/// The variable that names another folder for data directories.
pub(super) const VARIABLE: &str = "RLSGATE_DATA_DIR";

/// The folder that data directories are made in, without symlinks: processes are told by where they work.
pub(super) fn data_base() -> PathBuf {
    let base = chosen_base();
    base.canonicalize().unwrap_or(base)
}

fn chosen_base() -> PathBuf {
    if let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        return PathBuf::from(path);
    }
    let memory = Path::new("/dev/shm");
    let usable = access(memory, AccessFlags::W_OK | AccessFlags::X_OK).is_ok();
    if usable && free(memory).is_some_and(|free| free >= ROOM) {
        return memory.to_owned();
    }
    std::env::temp_dir()
}

/// Bytes that an unprivileged user may still write on the file system of `path`.
#[expect(clippy::useless_conversion, reason = "the C types differ between Linux and macOS")]
pub(super) fn free(path: &Path) -> Option<u64> {
    let facts = statvfs(path).ok()?;
    Some(u64::from(facts.blocks_available()).saturating_mul(u64::from(facts.fragment_size())))
}
