//! How checks are run: on which server, by how many workers, and which of them.

use super::filter::Filter;
use crate::instance::Request;

/// How a run is made.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which server.
    pub request: Request,
    /// Workers.
    pub jobs: usize,
    /// Which checks.
    pub filter: Filter,
    /// `YYYY-MM-DD`, for known exceptions that end.
    pub today: String,
}

/// Workers that nobody asked for: each has a clone and up to three connections, of which a server of ours has 64.
const MOST_JOBS: usize = 16;

impl Default for Options {
    /// Everything, on any server. A worker and its server's process take turns, so that one more than there are processors
    /// keeps them busy.
    fn default() -> Self {
        Self {
            request: Request::default(),
            jobs: std::thread::available_parallelism().map_or(2, |count| count.get() + 1).min(MOST_JOBS),
            filter: Filter::default(),
            today: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
        }
    }
}
