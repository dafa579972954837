//! Runs that are killed or interrupted, and what is left of them when the next one starts.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::support::{Copy, ONE, wait_for};
use crate::common::left::{abandoned_posix, abandoned_segments, containers, left_in, processes_in};

/// Shared memory that is there already, of whomever.
struct Before {
    segments: Vec<String>,
    posix: Vec<PathBuf>,
}

impl Before {
    fn now() -> Self {
        Self { segments: abandoned_segments(), posix: abandoned_posix() }
    }

    /// Fails unless everything of the copy's runs is gone. A watchdog whose work is done may be about to end, and
    /// servers of other tests come and go.
    #[track_caller]
    fn assert_nothing_new(&self, copy: &Copy, what: &str) {
        let mut seen = String::new();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(3) {
            let processes = processes_in(&copy.path(""));
            let folders = [left_in(&copy.path("tmp")), left_in(&copy.path("data"))].concat();
            let segments: Vec<_> = abandoned_segments().into_iter().filter(|id| !self.segments.contains(id)).collect();
            let posix: Vec<_> = abandoned_posix().into_iter().filter(|path| !self.posix.contains(path)).collect();
            if processes.is_empty() && folders.is_empty() && segments.is_empty() && posix.is_empty() {
                return;
            }
            seen = format!("processes {processes:?}, folders {folders:?}, shared memory {segments:?} {posix:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{what}: left are {seen}");
    }
}

/// How long a whole run takes, so that it can be hit anywhere; `None` where there is no such server.
fn whole_run(copy: &Copy, arguments: &[&str]) -> Option<Duration> {
    let provider = arguments[1];
    let ended = copy.run(arguments);
    if ended.lacks_server(provider) {
        return None;
    }
    ended.expect(0);
    Some(ended.took)
}

/// Starts a run, lets it live for `life`, and ends it with `signal`; its exit code where it had one.
fn ended_by(copy: &Copy, arguments: &[&str], life: Duration, signal: &str) -> Option<i32> {
    ended_when(copy, arguments, || std::thread::sleep(life), signal)
}

/// The same, as soon as `moment` is over.
fn ended_when(copy: &Copy, arguments: &[&str], moment: impl FnOnce(), signal: &str) -> Option<i32> {
    let mut command = copy.command(&[&["run", "suites/connectors"], arguments].concat());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    moment();
    let _ended_before = Command::new("kill").args([signal, &child.id().to_string()]).output().unwrap();
    let status = wait_for("its end", Duration::from_secs(20), || child.try_wait().unwrap());
    status.code()
}

#[test]
fn runs_killed_at_any_moment_leave_nothing_after_the_next_start() {
    let copy = Copy::with_own_cache();
    let Some(anew) = whole_run(&copy, &["--provider", "local", "--no-cache"]) else { return };
    // The first fills the cache.
    let short = whole_run(&copy, &["--provider", "local"]).and_then(|_| whole_run(&copy, &["--provider", "local"]));
    let before = Before::now();
    let (mut killed, mut dirty) = (0, 0);
    for n in 0..20 {
        // Half of them in initdb and chain, which the cache spares the others.
        let cache: &[&str] = if n % 2 == 0 { &["--no-cache"] } else { &[] };
        let life = random_part_of(if n % 2 == 0 { anew } else { short.unwrap() });
        let code = ended_by(&copy, &[&["--provider", "local"], cache].concat(), life, "-KILL");
        killed += usize::from(code.is_none());
        dirty += usize::from(!left_in(&copy.path("tmp")).is_empty());
        // A run of a version that is not here: it starts, sweeps, and can do no more.
        copy.run(&["--provider", "local", "--postgres", "9"]).expect(3);
        before.assert_nothing_new(&copy, &format!("killed after {life:?} {cache:?}"));
    }
    assert!(killed >= 10 && dirty >= 5, "{killed} were killed, {dirty} of them with something to leave");
    copy.run(&["--provider", "local"]).expect(0);
    before.assert_nothing_new(&copy, "a whole run");
    let half = left_in(&copy.path("cache")).into_iter().filter(|path| path.extension().is_some_and(|it| it == "new"));
    assert_eq!(half.collect::<Vec<_>>(), Vec::<PathBuf>::new(), "of cache entries that were being written");
}

#[test]
fn runs_killed_with_their_container_leave_nothing_after_the_next_start() {
    let copy = Copy::new();
    let Some(long) = whole_run(&copy, &["--provider", "docker"]) else { return };
    let before = Before::now();
    let (mut killed, mut dirty) = (0, 0);
    for _ in 0..10 {
        let life = random_part_of(long);
        killed += usize::from(ended_by(&copy, &["--provider", "docker"], life, "-KILL").is_none());
        dirty += usize::from(!left_in(&copy.path("tmp")).is_empty());
        copy.run(&["--provider", "docker", "--only", ONE]).expect(0);
        assert_eq!(containers(&copy.path("")), Vec::<String>::new(), "killed after {life:?}");
        before.assert_nothing_new(&copy, &format!("killed after {life:?}"));
    }
    assert!(killed >= 5 && dirty >= 3, "{killed} were killed, {dirty} of them with something to leave");
}

/// An interrupted run removes what it made itself, before it ends.
#[test]
fn interrupted_runs_leave_nothing_when_they_end() {
    let copy = Copy::with_own_cache();
    let Some(long) = whole_run(&copy, &["--provider", "local"]) else { return };
    let before = Before::now();
    let mut codes = BTreeSet::new();
    for signal in ["-INT", "-TERM", "-HUP", "-INT", "-TERM", "-HUP"] {
        let life = random_part_of(long);
        codes.insert(ended_by(&copy, &["--provider", "local", "--no-cache"], life, signal));
        assert_eq!(left_in(&copy.path("tmp")), Vec::<PathBuf>::new(), "{signal} after {life:?}");
        before.assert_nothing_new(&copy, &format!("{signal} after {life:?}"));
    }
    // By a signal that came before anybody listened, it ends without a code.
    assert!(codes.contains(&Some(3)) && codes.is_subset(&[None, Some(0), Some(3)].into()), "{codes:?}");
}

#[test]
fn an_interrupted_run_removes_its_container() {
    let copy = Copy::new();
    if whole_run(&copy, &["--provider", "docker"]).is_none() {
        return;
    }
    let created = || {
        wait_for("a container", Duration::from_secs(60), || containers(&copy.path("")).pop());
    };
    for signal in ["-INT", "-TERM"] {
        let code = ended_when(&copy, &["--provider", "docker"], created, signal);
        assert_eq!(code, Some(3), "{signal}");
        assert_eq!(containers(&copy.path("")), Vec::<String>::new(), "{signal}");
        copy.assert_clean();
    }
}

fn random_part_of(whole: Duration) -> Duration {
    let mut bytes = [0; 4];
    fs::File::open("/dev/urandom").unwrap().read_exact(&mut bytes).unwrap();
    whole.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}
