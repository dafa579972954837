//! All tests of the harness that run from outside, as one program: it is linked once, and its tests run side by side.
//!
//! So a test changes neither environment variables nor the working folder of its own process: what needs others runs the
//! program, or this one again (`instance::support::isolated`).

// Helpers are test code as well; the lints tell by this attribute.
#![cfg(test)]

mod chain;
mod chain_checks;
mod common;
mod docs;
mod fidelity;
mod fidelity_compare;
mod fingerprint;
mod hostile;
mod instance;
mod kept;
mod layouts;
mod outcomes;
mod program;
mod recipe;
mod report_samples;
mod states;
mod structure;
mod suite_examples;
mod suite_forms;
mod suite_messages;
mod suite_schema;
mod url;
mod verify;
