//! What comes of what is tried: each row of the outcome table and each trap behind it, produced on a real server by a
//! small schema that does exactly that, and found by a run of its suite.
//!
//! Beside each file here is a folder with its chain, seed and suite; `rlsgate run` runs it by hand.

mod becoming;
mod closed;
mod contexts;
mod emptied;
mod inserting;
mod keys;
mod language;
mod misnamed;
mod pointing;
mod privileged;
mod reading;
mod refusing;
mod reused;
mod steered;
mod support;
mod touching;
mod views;
mod writing;
