//! The hardening runbook's system from Rust: its facts, one test each, and its chain broken on purpose.

mod broken;
mod facts;
