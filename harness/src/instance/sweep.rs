//! Removing what dead runs of this host and user left behind.

use super::home::{self, Home};
use super::reap::reap;
use crate::Error;

/// Ends servers and removes folders and containers of runs that died without cleaning up. Whose run is dead
/// is told by its lock, which the kernel frees; nothing of a living run, another user or another host is touched.
///
/// # Errors
/// [`Error::Environment`] where something is left that could not be removed.
pub async fn sweep() -> Result<(), Error> {
    let left = tokio::task::spawn_blocking(|| home::abandoned().into_iter().map(clear).collect::<Vec<_>>());
    let left = left.await.map_err(Error::interrupted)?;
    let containers: Vec<_> = left.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    remove_containers(containers).await
}

/// Removes what a dead run had on this host; its home with the container's name, if it had one.
fn clear(home: Home) -> Result<Option<(Home, String)>, Error> {
    let record = home.read_record();
    if let Some(data) = &record.data {
        // Its name is the home's: a record that names anything else was not written by us.
        if data.file_name().is_some_and(|name| name.to_string_lossy() == home.data_name()) {
            if !reap(data, &home.run()) {
                home.leave();
                return Err(Error::environment(
                    format!("a server of a run that died is still there, in {}", data.display()),
                    "end its processes, then remove that folder",
                ));
            }
            home::remove(data).map_err(|error| {
                Error::environment(
                    format!("cannot remove {}, which a dead run left: {error}", data.display()),
                    "remove it by hand",
                )
            })?;
        }
    }
    Ok(record.container.map(|name| (home, name)))
}

#[cfg(feature = "docker")]
async fn remove_containers(containers: Vec<(Home, String)>) -> Result<(), Error> {
    for (home, name) in containers {
        if let Err(error) = super::docker::remove(&name).await {
            home.leave();
            return Err(error);
        }
    }
    Ok(())
}

/// Without the Docker client the containers are left to a run that has it.
#[cfg(not(feature = "docker"))]
#[expect(clippy::unused_async, reason = "its sibling talks to the engine")]
async fn remove_containers(containers: Vec<(Home, String)>) -> Result<(), Error> {
    for (home, _) in containers {
        home.leave();
    }
    Ok(())
}
