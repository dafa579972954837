//! Ending what is left of a server whose watchdog is gone: its processes and its shared memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::shm::Segment;

/// How long a postmaster gets for an immediate shutdown; it kills its own children after five seconds.
const QUIT_LIMIT: Duration = Duration::from_secs(7);

/// What postmaster.pid says (PostgreSQL source, `miscadmin.h`: pid, data directory, start, port, socket, address,
/// shared memory, status).
#[derive(Debug, Clone)]
pub(super) struct Postmaster {
    pid: Pid,
    segment: Option<Segment>,
    ready: bool,
}

impl Postmaster {
    /// Reads the file in `data`; `None` where it is absent or half-written.
    pub(super) fn read(data: &Path) -> Option<Self> {
        let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let pid: i32 = lines.next()?.trim().parse().ok().filter(|pid| *pid > 1)?;
        let mut rest = lines.skip(5);
        Some(Self {
            pid: Pid::from_raw(pid),
            segment: rest.next().and_then(Segment::parse),
            ready: rest.next().is_some_and(|status| status.trim() == "ready"),
        })
    }

    /// Whether the server accepts connections; `pg_ctl --wait` reads the same line.
    pub(super) const fn is_ready(&self) -> bool {
        self.ready
    }
}

/// Ends every process that works in `data` or in `run`, and frees the shared memory; whether nothing is left.
pub(super) fn reap(data: &Path, run: &Path) -> bool {
    let postmaster = Postmaster::read(data);
    if let Some(postmaster) = postmaster.as_ref().filter(|it| is_postmaster(it.pid, data)) {
        let _ = kill(postmaster.pid, Signal::SIGQUIT);
    }
    let folders = [data, run];
    let quit = wait(&folders, postmaster.as_ref(), data, QUIT_LIMIT);
    if !quit {
        for pid in working_in(&folders) {
            let _ = kill(pid, Signal::SIGKILL);
        }
        if let Some(postmaster) = postmaster.as_ref().filter(|it| is_postmaster(it.pid, data)) {
            let _ = kill(postmaster.pid, Signal::SIGKILL);
        }
    }
    let gone = quit || wait(&folders, postmaster.as_ref(), data, Duration::from_secs(2));
    // Read before the processes ended: a postmaster that could still end by itself removed file and segment.
    let freed = postmaster.and_then(|it| it.segment).is_none_or(Segment::remove);
    gone && freed
}

fn wait(folders: &[&Path], postmaster: Option<&Postmaster>, data: &Path, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        let alive = postmaster.is_some_and(|it| is_postmaster(it.pid, data)) || !working_in(folders).is_empty();
        if !alive {
            return true;
        }
        // Backends that a killed postmaster left notice it only when they next wait for something.
        if Instant::now() >= deadline || (postmaster.is_some_and(|it| !is_postmaster(it.pid, data)) && orphans(data)) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether processes work in `data` although its postmaster is dead and nobody is ending them.
fn orphans(data: &Path) -> bool {
    std::thread::sleep(Duration::from_millis(50));
    !working_in(&[data]).is_empty()
}

/// Whether `pid` is the postmaster of `data` and not a later process of the same number.
fn is_postmaster(pid: Pid, data: &Path) -> bool {
    if Path::new("/proc/self/cwd").exists() {
        return works_in(pid, &[data]);
    }
    let shown = std::process::Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
    shown.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(&*data.to_string_lossy()))
}

/// Processes whose working directory is one of `folders`: every process of a server works in its data directory,
/// and its watchdog in the run folder. Where there is no /proc, none.
fn working_in(folders: &[&Path]) -> Vec<Pid> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok()).map(Pid::from_raw);
        if let Some(pid) = pid.filter(|pid| works_in(*pid, folders)) {
            found.push(pid);
        }
    }
    found
}

fn works_in(pid: Pid, folders: &[&Path]) -> bool {
    let Ok(cwd) = fs::read_link(format!("/proc/{pid}/cwd")) else { return false };
    let text = cwd.to_string_lossy();
    // proc_pid_cwd(5): said of a folder that was removed.
    let cwd = text.strip_suffix(" (deleted)").map_or_else(|| cwd.clone(), PathBuf::from);
    folders.contains(&cwd.as_path())
}
