//! One Python process that has loaded the project's Alembic, and forks for each command: loading it takes longer than most
//! of what a revision does.
//!
//! Only for the script that pip and uv write for `alembic`, which imports `alembic.config` before anything else: a fork that
//! has imported it, and runs that file, is what a new process would be. Its output, its limits and its end are those of
//! [`Program`].

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, fs};

use super::output::Output;
use super::program::{EndOnDrop, Ended, LEFTOVERS, Life, Program, failure, inherited, interrupted, still_running};
use crate::Error;
use crate::text::hex::hex;

/// What takes commands and forks for each.
const SERVER: &str = include_str!("interpreter.py");

/// The watchdog of the process that forks; each fork has one of its own. Its third descriptor is a pipe that only we hold,
/// which the kernel closes however we end.
const SCRIPT: &str = r#"
exec 3<&2 2>/dev/null
{ read -r line <&3; kill -KILL 0; } </dev/null >/dev/null &
exec "$@"
"#;

/// Bytes of one answer, at most; the server reads no more at once.
const LARGEST: usize = 1 << 16;

/// Answers that wait to be read.
const WAITING: usize = 16;

/// The process, waiting for a command.
pub(super) struct Interpreter {
    child: Child,
    commands: ChildStdin,
    /// One at a time has it, which the lock only tells the compiler.
    answers: Mutex<Receiver<CommandResult>>,
    life: Life,
    /// The program's own arguments, which come before those of a command.
    arguments: Vec<String>,
}

/// What it says.
#[derive(Debug)]
enum CommandResult {
    Ready,
    Output(Vec<u8>),
    /// The status, as a shell has it.
    Ended(String),
}

/// How a project's Alembic is run.
#[derive(Debug, Default)]
pub(super) enum Tool {
    /// Nothing was run yet.
    #[default]
    Unused,
    /// In forks of this one.
    Loaded(Interpreter),
    /// In a process for each command.
    Alone,
}

impl Tool {
    /// Runs `program` with `arguments`, as [`Program::run_in_task`] does. All of its commands must have one environment.
    ///
    /// # Errors
    /// [`Error::Environment`] where it cannot be started.
    pub(super) async fn run_in_task(
        &mut self,
        program: &Program,
        arguments: &[&str],
        environment: &BTreeMap<String, String>,
        limit: Duration,
        keep: usize,
    ) -> Result<Ended, Error> {
        let begun = Instant::now();
        if matches!(self, Self::Unused) {
            *self = Self::start(program, environment, limit).await?;
        }
        let Some(interpreter) = self.take() else {
            return program.with(arguments).run_in_task(environment, limit, keep).await;
        };
        let words = owned(arguments);
        let left = limit.saturating_sub(begun.elapsed());
        let guard = EndOnDrop::new(&interpreter.life);
        let ran = tokio::task::spawn_blocking(move || interpreter.run(&words, (limit, left), keep)).await;
        let (interpreter, ended) = ran.map_err(interrupted)?;
        guard.disarm();
        *self = interpreter.map_or(Self::Unused, Self::Loaded);
        Ok(ended)
    }

    /// The same, for somebody who may wait.
    ///
    /// # Errors
    /// As [`Tool::run_in_task`].
    pub(super) fn run(
        &mut self,
        program: &Program,
        arguments: &[&str],
        environment: &BTreeMap<String, String>,
        limit: Duration,
        keep: usize,
    ) -> Result<Ended, Error> {
        let begun = Instant::now();
        if matches!(self, Self::Unused) {
            *self = Interpreter::start(program, environment, limit).map_or(Self::Alone, Self::Loaded);
        }
        let Some(interpreter) = self.take() else { return program.with(arguments).run(environment, limit, keep) };
        let left = limit.saturating_sub(begun.elapsed());
        let (interpreter, ended) = interpreter.run(&owned(arguments), (limit, left), keep);
        *self = interpreter.map_or(Self::Unused, Self::Loaded);
        Ok(ended)
    }

    /// The interpreter, for one command: what runs it puts it back where it lives on.
    fn take(&mut self) -> Option<Interpreter> {
        match std::mem::replace(self, Self::Unused) {
            Self::Loaded(interpreter) => Some(interpreter),
            Self::Unused | Self::Alone => {
                *self = Self::Alone;
                None
            }
        }
    }

    async fn start(program: &Program, environment: &BTreeMap<String, String>, limit: Duration) -> Result<Self, Error> {
        let (program, environment) = (program.clone(), environment.clone());
        let started = tokio::task::spawn_blocking(move || Interpreter::start(&program, &environment, limit)).await;
        Ok(started.map_err(interrupted)?.map_or(Self::Alone, Self::Loaded))
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

impl Interpreter {
    /// Loads the Alembic of `program`; `None` where it is no script that is known to begin with that, or says that something
    /// is unusual: each of its commands then needs a process of its own.
    pub(super) fn start(program: &Program, environment: &BTreeMap<String, String>, limit: Duration) -> Option<Self> {
        let script = program.path().to_str()?;
        let python = python_of(&fs::read_to_string(script).ok()?)?;
        let (held, life) = io::pipe().ok()?;
        let mut child = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "rlsgate-watchdog"])
            .args(&python)
            .args(["-c", SERVER, script])
            .env_clear()
            .envs(inherited())
            .envs(environment)
            .current_dir(program.dir())
            // As programs are: what a terminal sends to our group must not reach it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(held)
            .spawn()
            .ok()?;
        let (commands, mut said) = child.stdin.take().zip(child.stdout.take())?;
        let (tell, answers) = mpsc::sync_channel(WAITING);
        std::thread::spawn(move || {
            while let Some(answer) = read(&mut said) {
                if tell.send(answer).is_err() {
                    break;
                }
            }
        });
        let arguments = program.arguments().to_vec();
        let (answers, life) = (Mutex::new(answers), Life::new(OwnedFd::from(life)));
        let mut new = Self { child, commands, answers, life, arguments };
        matches!(new.next(limit), Ok(CommandResult::Ready)).then_some(new)
    }

    fn next(&mut self, limit: Duration) -> Result<CommandResult, RecvTimeoutError> {
        self.answers.get_mut().unwrap_or_else(PoisonError::into_inner).recv_timeout(limit)
    }

    /// Runs one command to its end, or to that of its time, of which `limit.1` is left; itself, where it can run another.
    pub(super) fn run(mut self, words: &[String], limit: (Duration, Duration), keep: usize) -> (Option<Self>, Ended) {
        let until = Instant::now() + limit.1;
        let line = self.arguments.iter().chain(words).map(hex).collect::<Vec<_>>().join(" ");
        // Where it is gone, no answer comes either.
        let _ = self.commands.write_all(format!("{line}\n").as_bytes());
        let mut output = Output::new(keep);
        let status = loop {
            match self.next(until.saturating_duration_since(Instant::now())) {
                Ok(CommandResult::Output(bytes)) => output.push(&bytes),
                Ok(CommandResult::Ended(status)) => break Ok(status),
                Ok(CommandResult::Ready) => {}
                Err(RecvTimeoutError::Timeout) => break Err(still_running(limit.0)),
                Err(RecvTimeoutError::Disconnected) => break Ok(String::new()),
            }
        };
        let timed_out = status.is_err();
        if timed_out {
            self.life.end();
            // What it had printed by then, as far as it was passed on.
            while let Ok(CommandResult::Output(bytes)) = self.next(LEFTOVERS) {
                output.push(&bytes);
            }
        }
        let output = output.text();
        match status {
            Err(failure) => (None, Ended { output, failure: Some(failure), timed_out }),
            Ok(status) if status.is_empty() => (None, Ended { output, failure: failure(""), timed_out }),
            Ok(status) => (Some(self), Ended { output, failure: failure(&status), timed_out }),
        }
    }
}

impl Drop for Interpreter {
    fn drop(&mut self) {
        self.life.end();
        // Its group is ended by a signal that nothing of it can hold up.
        let _ = self.child.wait();
    }
}

impl fmt::Debug for Interpreter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interpreter").field("process", &self.child.id()).finish_non_exhaustive()
    }
}

/// The next answer; `None` at the end of them, or where it says what no server does.
fn read(from: &mut impl io::Read) -> Option<CommandResult> {
    let mut head = [0; 5];
    from.read_exact(&mut head).ok()?;
    let [letter, length @ ..] = head;
    let length = usize::try_from(u32::from_be_bytes(length)).ok().filter(|length| *length <= LARGEST)?;
    let mut text = vec![0; length];
    from.read_exact(&mut text).ok()?;
    match letter {
        b'r' => Some(CommandResult::Ready),
        b'o' => Some(CommandResult::Output(text)),
        b'e' => Some(CommandResult::Ended(String::from_utf8_lossy(&text).into_owned())),
        _ => None,
    }
}

/// The interpreter of a script as pip and uv write them for `alembic`: its first line names Python, and its first statement
/// beside those of the standard library imports `alembic.config`.
fn python_of(script: &str) -> Option<Vec<String>> {
    let (first, rest) = script.strip_prefix("#!")?.split_once('\n')?;
    let words: Vec<&str> = first.split_whitespace().collect();
    let is_python = |path: &str| path.rsplit('/').next().is_some_and(|name| name.starts_with("python"));
    let (program, options) = words.split_first()?;
    let named = if program.ends_with("/env") { options.first()? } else { program };
    let plain =
        |line: &&str| !line.is_empty() && !line.starts_with('#') && !matches!(*line, "import re" | "import sys");
    let imports = rest.lines().map(str::trim_end).find(plain)?;
    let known = is_python(named) && program.starts_with('/') && imports == "from alembic.config import main";
    known.then(|| words.iter().map(|&word| word.to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::python_of;

    const PIP: &str = "#!/p/.venv/bin/python\n# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom alembic.config import main\n\
        if __name__ == '__main__':\n    sys.exit(main())\n";

    #[test]
    fn only_the_script_that_begins_with_alembic_is_known() {
        assert_eq!(python_of(PIP).unwrap(), ["/p/.venv/bin/python"]);
        assert_eq!(python_of(&PIP.replace("/p/.venv/bin/python", "/usr/bin/env python3")).unwrap().len(), 2);
        for (from, to) in [
            ("import re\n", "import re\nimport gevent.monkey\n"),
            ("from alembic.config import main\n", "import app\nfrom alembic.config import main\n"),
            ("from alembic.config import main\n", "from app.migrations import main\n"),
            ("#!/p/.venv/bin/python", "#!/bin/sh"),
            ("#!/p/.venv/bin/python", "#!/usr/bin/env -S uv run"),
            ("#!/p/.venv/bin/python\n", ""),
        ] {
            assert_eq!(python_of(&PIP.replace(from, to)), None, "{to}");
        }
    }
}
