//! `rlsgate verify`: a live database is read and nothing else, and only if it is the one that is meant.

// Helpers are test code as well; the lints tell by this attribute.
#[cfg(test)]
mod common;

#[cfg(test)]
#[path = "verify/comparisons.rs"]
mod comparisons;

#[cfg(test)]
#[path = "verify/hidden.rs"]
mod hidden;

#[cfg(test)]
#[path = "verify/live.rs"]
mod live;

#[cfg(test)]
#[path = "verify/reading.rs"]
mod reading;

#[cfg(test)]
#[path = "verify/target.rs"]
mod target;

#[cfg(test)]
#[path = "verify/ways_out.rs"]
mod ways_out;
