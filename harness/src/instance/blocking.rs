//! Work that blocks, on a thread that may.

use crate::Error;

/// Runs what blocks on a thread that may.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(interrupted)?
}

/// A blocking task that did not come to its end: the runtime is shutting down.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
pub(super) fn interrupted(error: tokio::task::JoinError) -> Error {
    Error::untested(format!("the run was interrupted: {error}"), "run it again")
}
