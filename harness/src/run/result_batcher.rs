//! What was done, told to who makes the record of it.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::check::Outcome;

/// What came of one unit.
#[derive(Debug)]
pub(crate) struct UnitResult {
    /// Which unit.
    pub unit: usize,
    /// One for each of its checks.
    pub outcomes: Vec<Outcome>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// Tells what was done, a few at a time: to wake who listens costs as much as many a check.
pub(crate) struct ResultBatcher {
    sender: mpsc::UnboundedSender<Vec<UnitResult>>,
    kept: Vec<UnitResult>,
    told: Instant,
}

impl ResultBatcher {
    /// How long something is kept at least, for whoever watches: until the next thing is told after that.
    const WAIT: Duration = Duration::from_millis(50);

    pub(crate) fn new(sender: mpsc::UnboundedSender<Vec<UnitResult>>) -> Self {
        Self { sender, kept: Vec::new(), told: Instant::now() }
    }

    pub(crate) fn tell(&mut self, one: UnitResult) {
        self.kept.push(one);
        if self.told.elapsed() >= Self::WAIT {
            self.flush();
        }
    }

    /// Whether anybody listens: not where the run was given up.
    pub(crate) fn is_heard(&self) -> bool {
        !self.sender.is_closed()
    }

    pub(crate) fn flush(&mut self) {
        self.told = Instant::now();
        drop(self.sender.send(std::mem::take(&mut self.kept)));
    }
}

impl Drop for ResultBatcher {
    fn drop(&mut self) {
        self.flush();
    }
}
