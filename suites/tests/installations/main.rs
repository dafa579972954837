//! Facts of the installations' suites from Rust, and the breaks of their chain that each is there for.

// Helpers are test code as well; the lints tell by this attribute.
#[cfg(test)]
mod environment;
#[cfg(test)]
mod holds;
#[cfg(test)]
mod teeth;
