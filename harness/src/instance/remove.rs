//! Removing a data directory: several threads, since it is a thousand small files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Removes what it can of `data`; what is left is for who removes it whole.
pub(super) fn remove(data: &Path) {
    // Taken from the end: the databases, which are most of it, before what is beside them.
    let mut all: Vec<PathBuf> = below(data).into_iter().filter(|path| !path.ends_with("base")).collect();
    all.extend(below(&data.join("base")));
    let folders = Mutex::new(all);
    let work = || {
        while let Some(folder) = folders.lock().ok().and_then(|mut folders| folders.pop()) {
            // Somebody else at it, or a file that cannot be removed: told when the whole is.
            let _ = fs::remove_dir_all(folder);
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    std::thread::scope(|scope| {
        // As many as there are to be had, and this one.
        (1..threads).for_each(|_| drop(std::thread::Builder::new().spawn_scoped(scope, work)));
        work();
    });
}

/// The folders in `path`.
fn below(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()).collect()
}
