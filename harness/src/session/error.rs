//! Why a statement has no verdict.

use crate::pg::error::ServerError;
use crate::pg::session::{ConnectionLost, ResultSet};

/// Why a statement has no verdict.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AttemptError {
    /// The connection or the server is gone.
    #[error("{0}")]
    ConnectionLost(#[from] ConnectionLost),
    /// The actor could not be impersonated: its refusal is not the statement's.
    #[error("could not impersonate {actor}: {why}")]
    NotImpersonated {
        /// The actor.
        actor: String,
        /// What the server said, or what did not read back.
        why: String,
    },
    /// The application's own setter raised an error.
    #[error("the setter of {actor} failed: {}", error.line())]
    Setter {
        /// The actor.
        actor: String,
        /// What it raised.
        error: Box<ServerError>,
    },
    /// `setup` or another step of the harness failed.
    #[error("{step} failed: {}", error.line())]
    Step {
        /// Which.
        step: &'static str,
        /// What the server said.
        error: Box<ServerError>,
    },
    /// The statement left the transaction or the role it was tried in.
    #[error("the statement escaped: {0}")]
    Escaped(String),
}

/// What a statement gave, or what stopped it.
pub(crate) type StatementResult = Result<ResultSet, ServerError>;
