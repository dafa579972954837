//! Clones of the template, made while checks are planned and others are tried: one for each worker, and those for what
//! commits before they are asked for.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use crate::Error;
use crate::provision::Provision;

/// How many for what commits stand about: each is as large as the state.
const AHEAD: usize = 2;

/// Clones on which nothing was done yet, in the making.
#[derive(Debug)]
pub struct ClonePool {
    stage: Arc<Provision>,
    workers: Mutex<mpsc::Receiver<Result<String, Error>>>,
    spare: Mutex<mpsc::Receiver<Result<String, Error>>>,
    making: Mutex<Option<JoinHandle<()>>>,
}

impl ClonePool {
    /// Begins to make them: the others of `workers` beside the first, which is there, then `committing`.
    #[must_use]
    pub fn begin(stage: Arc<Provision>, workers: usize, committing: usize) -> Self {
        let (worker, of_workers) = mpsc::channel(workers.max(1));
        let (spare, spares) = mpsc::channel(AHEAD);
        let on = stage.clone();
        let making = tokio::spawn(async move {
            for n in 2..=workers {
                drop(worker.send(on.clone_database(&format!("worker_{n}")).await).await);
            }
            drop(worker);
            for n in 1..=committing {
                // Asked for before it is made, so that no more than those stand about.
                let Ok(place) = spare.reserve().await else { break };
                place.send(on.clone_database(&format!("spare_{n}")).await);
            }
        });
        let making = Mutex::new(Some(making));
        Self { stage, workers: Mutex::new(of_workers), spare: Mutex::new(spares), making }
    }

    /// Those of the workers.
    ///
    /// # Errors
    /// [`Error::Environment`] with what the server said.
    pub async fn of_workers(&self) -> Result<Vec<String>, Error> {
        let started = Instant::now();
        let mut all = vec![self.stage.first_clone()];
        let mut others = self.workers.lock().await;
        while let Some(other) = others.recv().await {
            all.push(other?);
        }
        tracing::info!(clones = all.len(), waited = ?started.elapsed(), "the workers' clones are made");
        Ok(all)
    }

    /// One for what commits; beyond their number it is made now.
    ///
    /// # Errors
    /// [`Error::Environment`] with what the server said.
    pub async fn spare(&self, suffix: &str) -> Result<String, Error> {
        let made = self.spare.lock().await.recv().await;
        match made {
            Some(made) => made,
            None => self.stage.clone_database(suffix).await,
        }
    }

    /// Makes no more; those that nobody took go with the server, or at its end.
    pub async fn end(&self) {
        self.spare.lock().await.close();
        if let Some(making) = self.making.lock().await.take() {
            // Interrupted only where the run is.
            let _interrupted = making.await;
        }
    }
}
