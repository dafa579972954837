//! The hardening runbook's system from Rust: its facts, one test each, and its chain broken on purpose.

// Helpers are test code as well; the lints tell by this attribute.
#[cfg(test)]
mod broken;
#[cfg(test)]
mod facts;
