//! A program of the project's own, run with a time limit: none of it outlives the harness, whatever ends that.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use super::environment;
use super::output::Output;
use crate::Error;

/// The watchdog of a program: they and whatever the program starts are one process group, whose end is one signal. Its
/// standard input is a pipe that only we hold, which the kernel closes however we end. Standard output and standard error
/// of the program are one pipe, in order; its exit status comes by another.
const SCRIPT: &str = r#"
exec 3<&0 4>&2 2>/dev/null
"$@" </dev/null 3<&- 4>&- 2>&1 &
program=$!
{ read -r line <&3; kill -KILL 0; } >/dev/null 4>&- &
wait $program
echo $? >&4
kill -KILL 0
"#;

/// What a program sees of our environment. What names a database in it must not reach a chain by accident.
const INHERITED: &[&str] = &["HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER"];

/// How long what the program left behind may keep its output open after its end.
pub(super) const LEFTOVERS: Duration = Duration::from_secs(1);

/// A program, ready to be started.
#[derive(Debug, Clone)]
pub(super) struct Program {
    /// Where it is.
    path: PathBuf,
    /// As the manifest writes it, for messages.
    name: String,
    arguments: Vec<String>,
    dir: PathBuf,
}

/// What came of a program.
#[derive(Debug)]
pub(super) struct Ended {
    /// What it printed, safe to show.
    pub(super) output: String,
    /// Nothing for success; else how it ended, in words.
    pub(super) failure: Option<String>,
    /// Whether it was ended for its time.
    pub(super) timed_out: bool,
}

/// The end of a pipe that only we hold: closed, it ends the program.
#[derive(Debug, Clone)]
pub(super) struct Life(Arc<Mutex<Option<OwnedFd>>>);

impl Program {
    /// Looks for the program `argv[0]`: a path is relative to `dir`, where it will run; a plain name is searched in PATH.
    ///
    /// # Errors
    /// [`Error::Environment`] where there is none, or it is not executable.
    pub(super) fn find(argv: &[String], dir: &Path) -> Result<Self, Error> {
        let Some((name, arguments)) = argv.split_first() else {
            return Err(Error::usage("a program is named by an empty list", "name the program, then its arguments"));
        };
        let runs =
            |path: &Path| path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
        // The program starts in `dir`, so its own path must not depend on where we are.
        let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
        let found = if name.contains('/') {
            Some(dir.join(name)).filter(|path| runs(path))
        } else {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| runs(path))
        };
        let Some(path) = found else {
            let place = if name.contains('/') { format!("{}", dir.display()) } else { "PATH".to_owned() };
            return Err(Error::environment(
                format!("there is no program `{name}` in {place}"),
                environment::remedy(&dir, name).unwrap_or_else(|| {
                    "install it, or correct its path in chain.toml, which is relative to that file".to_owned()
                }),
            ));
        };
        Ok(Self { path, name: name.clone(), arguments: arguments.to_vec(), dir })
    }

    /// The same program with other arguments after its own.
    pub(super) fn with(&self, arguments: &[&str]) -> Self {
        let mut other = self.clone();
        other.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
        other
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where it runs.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Its own arguments.
    pub(super) fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// The program as the manifest writes it, then its arguments.
    pub(super) fn argv(&self) -> Vec<&str> {
        std::iter::once(self.name.as_str()).chain(self.arguments.iter().map(String::as_str)).collect()
    }

    /// Program and arguments in one line.
    pub(super) fn words(&self) -> String {
        self.argv().join(" ")
    }

    /// Runs it to its end, or to that of its time; `keep` bytes of what it prints are kept from either end.
    ///
    /// # Errors
    /// [`Error::Environment`] where it cannot be started.
    pub(super) fn run(
        &self,
        environment: &BTreeMap<String, String>,
        limit: Duration,
        keep: usize,
    ) -> Result<Ended, Error> {
        let (child, life) = self.start(environment).map_err(|error| self.not_started(&error))?;
        self.wait(child, &life, limit, keep)
    }

    /// The same, from a task; dropping the future ends the program.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub(super) async fn run_in_task(
        self,
        environment: &BTreeMap<String, String>,
        limit: Duration,
        keep: usize,
    ) -> Result<Ended, Error> {
        let (child, life) = self.start(environment).map_err(|error| self.not_started(&error))?;
        let guard = EndOnDrop::new(&life);
        let waited = tokio::task::spawn_blocking(move || self.wait(child, &life, limit, keep)).await;
        drop(guard);
        waited.map_err(Error::interrupted)?
    }

    fn start(&self, environment: &BTreeMap<String, String>) -> io::Result<(Child, Life)> {
        tracing::debug!(program = %self.path.display(), folder = %self.dir.display(), "running a program");
        let mut child = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "rlsgate-watchdog"])
            .arg(&self.path)
            .args(&self.arguments)
            .env_clear()
            .envs(inherited())
            .envs(environment)
            .current_dir(&self.dir)
            // What a terminal sends to our group must not reach it: it is ended by the pipe.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let life = Life::new(stdin.into());
        Ok((child, life))
    }

    fn wait(&self, mut child: Child, life: &Life, limit: Duration, keep: usize) -> Result<Ended, Error> {
        let (Some(mut printed), Some(mut status)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(self.not_started(&io::ErrorKind::BrokenPipe.into()));
        };
        let output = Arc::new(Mutex::new(Output::new(keep)));
        let (told_output, output_end) = mpsc::channel();
        let sink = Arc::clone(&output);
        std::thread::spawn(move || {
            let mut chunk = vec![0; 8192];
            while let Ok(read @ 1..) = printed.read(&mut chunk) {
                sink.lock().unwrap_or_else(PoisonError::into_inner).push(chunk.get(..read).unwrap_or_default());
            }
            // Whoever waited may have gone.
            let _ = told_output.send(());
        });
        let (told_status, status_end) = mpsc::channel();
        std::thread::spawn(move || {
            let mut text = String::new();
            // A watchdog that is killed says nothing, which is read below.
            let _ = status.read_to_string(&mut text);
            let _ = told_status.send(text);
        });
        let ended = status_end.recv_timeout(limit);
        let timed_out = ended.is_err();
        life.end();
        let code = ended.or_else(|_| status_end.recv_timeout(LEFTOVERS)).unwrap_or_default();
        // The whole group is gone; something that left the group may still hold the pipe.
        let _ = output_end.recv_timeout(LEFTOVERS);
        child.wait().map_err(|error| self.not_started(&error))?;
        let output = output.lock().unwrap_or_else(PoisonError::into_inner).text();
        let failure = if timed_out { Some(still_running(limit)) } else { failure(code.trim()) };
        Ok(Ended { output, failure, timed_out })
    }

    fn not_started(&self, error: &io::Error) -> Error {
        Error::environment(
            format!("program `{}` cannot be started: {error}", self.words()),
            "it is watched by /bin/sh, and needs a free process",
        )
    }
}

/// The variables of our own environment that a program sees.
pub(super) fn inherited() -> BTreeMap<OsString, OsString> {
    let sees = |name: &str| INHERITED.contains(&name) || name.starts_with("LC_");
    std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(sees)).collect()
}

/// A task that did not come to its end.
pub(super) fn interrupted(error: tokio::task::JoinError) -> Error {
    Error::environment(format!("the run was interrupted: {error}"), "run it again")
}

/// Why a program was ended for its time.
pub(super) fn still_running(limit: Duration) -> String {
    format!("was still running after {limit:?}, its limit")
}

/// POSIX: a command ended by a signal has a status above 128, which a program may also choose itself; signals go up to 64.
pub(super) fn failure(code: &str) -> Option<String> {
    match code.parse::<u32>() {
        Ok(0) => None,
        Ok(number @ 129..=192) => Some(format!("was killed by signal {}", number - 128)),
        Ok(number) => Some(format!("ended with exit status {number}")),
        Err(_) => Some("was killed with its watchdog".to_owned()),
    }
}

impl Life {
    pub(super) fn new(pipe: OwnedFd) -> Self {
        Self(Arc::new(Mutex::new(Some(pipe))))
    }

    /// Ends the program.
    pub(super) fn end(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Ends the program where it is dropped.
pub(super) struct EndOnDrop(Option<Life>);

impl EndOnDrop {
    pub(super) fn new(life: &Life) -> Self {
        Self(Some(life.clone()))
    }

    /// Lets the program live.
    pub(super) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        if let Some(life) = &self.0 {
            life.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::failure;

    #[test]
    fn a_status_is_a_signal_only_where_there_is_such_a_signal() {
        assert_eq!(failure("0"), None);
        assert_eq!(failure("137").as_deref(), Some("was killed by signal 9"));
        for status in ["1", "128", "193", "255"] {
            assert_eq!(failure(status), Some(format!("ended with exit status {status}")));
        }
    }
}
