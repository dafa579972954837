//! The process that starts the server, or makes its data directory, and outlives us just long enough to end it.
//!
//! It is a shell script whose standard input is a pipe that only we hold: however we end, the kernel closes the pipe.
//! (A parent-death signal would be tied to the thread that started the server, and exists on Linux only.)

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};

use super::account::Account;

/// What [`Watchdog::exit_status`] says of a command that did what it should.
pub(super) const SUCCESS: &str = "exit status 0";

/// Arguments: data directory, the signal that ends the command, then the command line of `postgres` or `initdb`. Started in the `run` folder.
///
/// While the command runs, a line on the pipe asks for a clean stop, or with `now` for the end; after that `again` asks for a new start, and
/// `leave` for leaving the folders as they are. The pipe's end asks for the end of everything.
/// A data directory that still has a postmaster.pid is left to the sweep, which knows how to free what that names.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
data=$1; signal=$2; shift 2
exec 3<&0
while
    [ ! -e status ] || rm -f status
    "$@" </dev/null 3<&- >>log 2>&1 &
    server=$!
    {
        while read -r line <&3; do
            if [ "$line" = now ]; then kill -$signal $server; else kill -INT $server; fi
        done
        kill -$signal $server
    } &
    reader=$!
    wait $server
    code=$?
    kill -KILL $reader
    wait $reader
    echo $code >status.new && mv status.new status
    read -r line <&3
    [ "$line" = again ]
do :; done
[ "$line" != leave ] || exit 0
if [ ! -e "$data/postmaster.pid" ]; then
    rm -rf "$data" "$PWD"
    rm -rf "${PWD%/run}"
fi
"#;

/// What a watchdog runs, and so how it ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WatchdogTask {
    /// `postgres`: an immediate shutdown.
    Serve,
    /// `initdb`, which is left to come to its end: the server programs that it runs die of every signal
    /// without freeing their shared memory (PostgreSQL source, `bootstrap_signals`).
    Init,
}

/// A running watchdog, and by it a server.
#[derive(Debug)]
pub(super) struct Watchdog {
    child: Child,
    task: WatchdogTask,
    pipe: Option<ChildStdin>,
    run: PathBuf,
}

impl Watchdog {
    /// Starts `command` (program and arguments) on the data directory `data`, watched, with its log in the folder `run`.
    pub(super) fn start(
        account: &Account,
        run: &Path,
        data: &Path,
        task: WatchdogTask,
        command: &[String],
    ) -> io::Result<Self> {
        let signal = match task {
            WatchdogTask::Serve => "QUIT",
            WatchdogTask::Init => "CONT",
        };
        tracing::debug!(program = command.first(), folder = %run.display(), "running a program");
        let mut child = account
            .command(Path::new("/bin/sh"))
            .arg("-c")
            .arg(SCRIPT)
            .arg("rlsgate-watchdog")
            .arg(data)
            .arg(signal)
            .args(command)
            .current_dir(run)
            // A group of its own: what a terminal sends to ours must not reach it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let pipe = child.stdin.take();
        Ok(Self { child, task, pipe, run: run.to_owned() })
    }

    /// The command's exit status as the shell saw it; `None` while it runs.
    pub(super) fn exit_status(&mut self) -> Option<String> {
        if let Ok(code) = fs::read_to_string(self.run.join("status")) {
            let code = code.trim();
            // POSIX: a command ended by a signal has a status above 128.
            return Some(match code.parse::<u32>() {
                Ok(number) if number > 128 => format!("killed by signal {}", number - 128),
                _ => format!("exit status {code}"),
            });
        }
        match self.child.try_wait() {
            Ok(None) => None,
            _ => Some("its watchdog is gone".to_owned()),
        }
    }

    /// Asks for a clean stop and waits for it; whether it came within `limit`.
    pub(super) fn stop_server(&mut self, limit: Duration) -> io::Result<bool> {
        self.line("stop\n")?;
        self.wait(limit)
    }

    /// Waits for the command to end by itself; whether it did within `limit`.
    pub(super) fn wait(&mut self, limit: Duration) -> io::Result<bool> {
        let deadline = Instant::now() + limit;
        while self.exit_status().is_none() {
            if Instant::now() >= deadline {
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(true)
    }

    /// Starts the stopped server again.
    pub(super) fn start_server(&mut self) -> io::Result<()> {
        let status = self.run.join("status");
        fs::remove_file(&status)?;
        self.line("again\n")
    }

    /// Lets the watchdog of a command that has ended go, without removing anything.
    pub(super) fn leave(mut self) -> io::Result<()> {
        self.line("leave\n")?;
        self.child.wait()?;
        fs::remove_file(self.run.join("status"))
    }

    /// Ends a server at once, and leaves its folders; whether it came to its end within `limit`. Not `initdb`, which is waited
    /// for.
    pub(super) fn kill(&mut self, limit: Duration) -> io::Result<bool> {
        if self.task == WatchdogTask::Init {
            return Ok(false);
        }
        self.line("now\n")?;
        self.wait(limit)
    }

    /// Ends server and watchdog; whether they were gone within `limit`.
    pub(super) fn end(&mut self, limit: Duration) -> io::Result<bool> {
        drop(self.pipe.take());
        let deadline = Instant::now() + limit;
        while self.child.try_wait()?.is_none() {
            if Instant::now() >= deadline {
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(true)
    }

    fn line(&mut self, word: &str) -> io::Result<()> {
        match &mut self.pipe {
            Some(pipe) => pipe.write_all(word.as_bytes()),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}
