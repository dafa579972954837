//! Ending what is left of a server whose watchdog is gone: its processes and its shared memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::shm::Segment;

/// How long a postmaster gets for an immediate shutdown; it kills its own children after five seconds.
const QUIT_LIMIT: Duration = Duration::from_secs(7);
/// How long an `initdb` that a dead run began may go on.
const INITDB_LIMIT: Duration = Duration::from_secs(20);
/// How long the kernel gets to end what was killed.
const KILL_LIMIT: Duration = Duration::from_secs(2);

/// What postmaster.pid says (PostgreSQL source, `miscadmin.h`: pid, data directory, start, port, socket, address,
/// shared memory, status).
#[derive(Debug, Clone)]
pub(super) struct Postmaster {
    pid: Pid,
    /// Whether it is a server, not the single-user program that initdb runs.
    serves: bool,
    segment: Option<Segment>,
    ready: bool,
}

impl Postmaster {
    /// Reads the file in `data`; `None` where it is absent or half-written.
    pub(super) fn read(data: &Path) -> Option<Self> {
        let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        // Negative for a single-user program.
        let number: i32 = lines.next()?.trim().parse().ok()?;
        let pid = number.checked_abs().filter(|pid| *pid > 1)?;
        let mut rest = lines.skip(5);
        Some(Self {
            pid: Pid::from_raw(pid),
            serves: number > 0,
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
    // Read before the processes end: a postmaster that ends by itself removes file and segment.
    let postmaster = Postmaster::read(data);
    let left = || working_in(&[data, run], postmaster.as_ref());
    // What initdb runs frees its shared memory only when it comes to its end.
    let patience = if postmaster.as_ref().is_some_and(|it| it.serves) { Duration::ZERO } else { INITDB_LIMIT };
    // To all of them, since backends whose postmaster was killed notice it only when they next wait for something.
    let gone =
        wait(&left, patience) || end(&left, Signal::SIGQUIT, QUIT_LIMIT) || end(&left, Signal::SIGKILL, KILL_LIMIT);
    let freed = postmaster.as_ref().and_then(|it| it.segment).is_none_or(Segment::remove);
    gone && freed
}

/// Signals the processes that are left; whether they were gone within `limit`.
fn end(left: &dyn Fn() -> Vec<Pid>, signal: Signal, limit: Duration) -> bool {
    for pid in left() {
        // One that has ended meanwhile is what is wanted.
        let _ = kill(pid, signal);
    }
    wait(left, limit)
}

fn wait(left: &dyn Fn() -> Vec<Pid>, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    while !left().is_empty() {
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    true
}

/// Processes whose working directory is one of `folders`: every process of a server works in its data directory,
/// and its watchdog in the run folder. Where there is no /proc (macOS), the postmaster, if its command line
/// names the data directory, and not a later process of the same number.
fn working_in(folders: &[&Path; 2], postmaster: Option<&Postmaster>) -> Vec<Pid> {
    if !Path::new("/proc/self/cwd").exists() {
        return postmaster.map(|it| it.pid).filter(|pid| is_named_by(*pid, folders)).into_iter().collect();
    }
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok()).map(Pid::from_raw);
        if let Some(pid) = pid.filter(|pid| works_in(*pid, folders)) {
            found.push(pid);
        }
    }
    found
}

fn is_named_by(pid: Pid, folders: &[&Path; 2]) -> bool {
    tracing::debug!(program = "ps", "running a program");
    let shown = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
    let [data, _] = folders;
    shown.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(&*data.to_string_lossy()))
}

fn works_in(pid: Pid, folders: &[&Path; 2]) -> bool {
    let Ok(cwd) = fs::read_link(format!("/proc/{pid}/cwd")) else { return false };
    let text = cwd.to_string_lossy();
    // proc_pid_cwd(5): said of a folder that was removed.
    let cwd = text.strip_suffix(" (deleted)").map_or_else(|| cwd.clone(), PathBuf::from);
    folders.contains(&cwd.as_path())
}
