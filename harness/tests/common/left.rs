//! What a run may leave behind: processes, folders, shared memory, containers. As Linux shows it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is in a folder.
pub(crate) fn left_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Processes that work below a folder, also where it is gone already.
pub(crate) fn processes_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let below = fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder));
        if below && name.parse::<u32>().is_ok() {
            found.push(name);
        }
    }
    found
}

/// Ids of the System V shared memory segments that nobody is attached to.
pub(crate) fn abandoned_segments() -> Vec<String> {
    let table = fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|columns| columns[6] == "0").map(|columns| columns[1].to_owned()).collect()
}

/// POSIX shared memory of PostgreSQL that no process uses.
pub(crate) fn abandoned_posix() -> Vec<PathBuf> {
    let unused = |path: &PathBuf| {
        let name = path.to_string_lossy().into_owned();
        !fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .any(|process| fs::read_to_string(process.path().join("maps")).is_ok_and(|maps| maps.contains(&name)))
    };
    let found = fs::read_dir("/dev/shm").into_iter().flatten().flatten().map(|entry| entry.path());
    found.filter(|path| path.to_string_lossy().contains("PostgreSQL.")).filter(unused).collect()
}

/// Containers of runs whose folders are below `folder`, by the lock that they name.
pub(crate) fn containers(folder: &Path) -> Vec<String> {
    let format = "{{.Label \"rlsgate.lock\"}}";
    let output =
        Command::new("docker").args(["ps", "--all", "--filter", "label=rlsgate.host", "--format", format]).output();
    let locks = String::from_utf8_lossy(&output.unwrap().stdout).into_owned();
    locks.lines().filter(|lock| Path::new(lock).starts_with(folder)).map(str::to_owned).collect()
}
