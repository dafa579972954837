//! The schema of a clone that is the harness's own.

/// Its name. No name of a chain's begins with the harness's.
pub const SCHEMA: &str = "rlsgate_aside";
