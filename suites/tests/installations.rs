//! Facts of the installations' suites from Rust, and the breaks of their chain that each is there for.

mod files;
mod holds;
mod teeth;
