//! Copying a data directory quickly: several threads, and the kernel's own copying (reflinks where it can).

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::account::Account;
use super::manifest::CacheManifest;

/// Copies what `manifest` lists from `from` into the existing folder `to`, for `account`.
pub(super) fn copy(manifest: &CacheManifest, from: &Path, to: &Path, account: Option<&Account>) -> io::Result<()> {
    let own = |path: &Path| account.map_or(Ok(()), |account| account.own(path));
    for folder in &manifest.folders {
        let target = to.join(folder);
        DirBuilder::new().mode(0o700).create(&target)?;
        own(&target)?;
    }
    let next = AtomicUsize::new(0);
    let work = || -> io::Result<()> {
        while let Some(file) = manifest.files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let target = to.join(&file.path);
            // `fs::copy` is copy_file_range(2) on Linux and fclonefileat(2) on macOS.
            if fs::copy(from.join(&file.path), &target)? != file.bytes {
                return Err(io::Error::other(format!("{} changed while it was copied", file.path.display())));
            }
            own(&target)?;
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(io::Error::other("a copying thread was interrupted")))
        })
    })
}
