//! The error of every public call: what happened, what to do next, and which exit code it is.

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
    Untested {
        /// What happened and where, in lower case.
        message: String,
        /// What to do next.
        help: String,
    },
}

impl Error {
    /// A wrong command line, with the remedy.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: help.into() }
    }

    /// Something that stopped the test from being made, with the remedy.
    pub fn untested(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Untested { message: message.into(), help: help.into() }
    }

    /// What to do next; empty where the message already says it.
    #[must_use]
    pub fn help(&self) -> &str {
        match self {
            Self::Input(_) => "",
            Self::Usage { help, .. } | Self::Untested { help, .. } => help,
        }
    }

    /// The exit code this error is.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Input(_) | Self::Usage { .. } => Exit::Input,
            Self::Untested { .. } => Exit::Untested,
        }
    }
}
