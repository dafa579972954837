//! The error of every public call: what happened, what to do next, and which exit code it is.

use tokio::task::JoinError;

use crate::defect;
use crate::diagnostic::Diagnostics;
use crate::exit::Exit;

/// Why the harness could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that somebody wrote is wrong: exit code 2, each with file, line and caret.
    #[error("{0}")]
    Input(#[from] Diagnostics),
    /// The command line is wrong, or a path it names: exit code 2.
    #[error("{message}")]
    Usage {
        /// What is wrong, in lower case.
        message: String,
        /// What to do next.
        help: String,
    },
    /// It could not be tested: exit code 3.
    #[error("{message}")]
    Environment {
        /// What happened and where, in lower case.
        message: String,
        /// What to do next.
        help: String,
    },
    /// The harness contradicts itself, and the user can do nothing about it but report it: exit code 70.
    #[error("{message}")]
    Defect {
        /// What happened and where, in lower case.
        message: String,
    },
}

impl Error {
    /// A wrong command line, with the remedy.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: help.into() }
    }

    /// Something that stopped the test from being made, with the remedy.
    pub fn environment(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Environment { message: message.into(), help: help.into() }
    }

    /// Something that cannot be unless the harness is wrong. It is noted: the program then ends with 70, also where the
    /// error is made the verdict of a check.
    pub fn defect(message: impl Into<String>) -> Self {
        defect::note();
        Self::Defect { message: message.into() }
    }

    /// A task that did not come to its end: the runtime is shutting down, or the task panicked.
    #[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
    pub(crate) fn interrupted(error: JoinError) -> Self {
        if error.is_panic() {
            return Self::defect("a task of the harness panicked");
        }
        Self::environment(format!("the run was interrupted: {error}"), "run it again")
    }

    /// What to do next; empty where the message already says it.
    #[must_use]
    pub fn help(&self) -> &str {
        match self {
            Self::Input(_) => "",
            Self::Usage { help, .. } | Self::Environment { help, .. } => help,
            Self::Defect { .. } => defect::HELP,
        }
    }

    /// The exit code this error is.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Input(_) | Self::Usage { .. } => Exit::Input,
            Self::Environment { .. } => Exit::Untested,
            Self::Defect { .. } => Exit::Defect,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Error;
    use crate::defect;
    use crate::exit::Exit;

    #[tokio::test]
    async fn a_task_that_panicked_is_a_defect_and_one_that_was_ended_is_not() {
        let panicked = tokio::spawn(async { panic!("on purpose") }).await.unwrap_err();
        assert_eq!(Error::interrupted(panicked).exit(), Exit::Defect);
        let ended = tokio::spawn(std::future::pending::<()>());
        ended.abort();
        assert_eq!(Error::interrupted(ended.await.unwrap_err()).exit(), Exit::Untested);
    }

    #[test]
    fn each_error_has_its_exit_code_and_a_defect_says_what_to_report() {
        assert_eq!(Error::usage("a", "b").exit(), Exit::Input);
        assert_eq!(Error::environment("a", "b").exit(), Exit::Untested);
        let error = Error::defect("two facts are named alike");
        assert_eq!((error.exit(), error.exit() as u8), (Exit::Defect, 70));
        assert!(
            error.help().contains(env!("CARGO_PKG_VERSION")) && error.help().contains("report"),
            "{}",
            error.help()
        );
        assert!(defect::met(), "it is noted when it is made, wherever it ends");
    }
}
