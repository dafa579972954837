//! The fingerprint of real databases: it changes where a property changes, nowhere else, and not otherwise.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "shared with tests that apply chains of their own")]
mod common;
// Docker's tests run in a process and folders of their own.
#[path = "common/left.rs"]
#[expect(dead_code, reason = "shared with tests that look for more")]
mod left;
#[path = "common/place.rs"]
mod place;
#[path = "instance/support.rs"]
#[expect(dead_code, reason = "shared with tests that start servers otherwise")]
mod support;

#[path = "fingerprint/changes.rs"]
mod changes;
#[path = "fingerprint/classes.rs"]
mod classes;
#[path = "fingerprint/same.rs"]
mod same;
#[path = "fingerprint/shown.rs"]
mod shown;
#[path = "fingerprint/table.rs"]
mod table;
