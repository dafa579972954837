//! An error on a server that may have failed underneath.

use crate::Error;
use crate::exit::Exit;
use crate::instance::Instance;

/// A server that failed underneath says more than what failed on it.
pub(crate) async fn instead(instance: Instance, error: Error) -> Error {
    // What a file says wrong is wrong on any server.
    let failure = if error.exit() == Exit::Input { None } else { instance.failure(&error.to_string()).await };
    let stopped = instance.stop().await;
    match (failure, stopped) {
        (Some(failure), _) => failure,
        (None, Err(left)) if error.exit() == Exit::Defect => Error::defect(format!("{error}; besides, {left}")),
        (None, Err(left)) => Error::environment(format!("{error}; besides, {left}"), error.help().to_owned()),
        (None, Ok(())) => error,
    }
}
