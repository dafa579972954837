//! The fingerprint of real databases: it changes where a property changes, nowhere else, and not otherwise.

// Helpers are test code as well; the lints tell by this attribute.
#[cfg(test)]
#[expect(dead_code, reason = "shared with tests that apply chains of their own")]
mod common;
// Docker's tests run in a process and folders of their own.
#[cfg(test)]
#[path = "common/left.rs"]
#[expect(dead_code, reason = "shared with tests that look for more")]
mod left;
#[cfg(test)]
#[path = "common/place.rs"]
mod place;
#[cfg(test)]
#[path = "instance/support.rs"]
#[expect(dead_code, reason = "shared with tests that start servers otherwise")]
mod support;

#[cfg(test)]
#[path = "fingerprint/beside.rs"]
mod beside;
#[cfg(test)]
#[path = "fingerprint/changes.rs"]
mod changes;
#[cfg(test)]
#[path = "fingerprint/classes.rs"]
mod classes;
#[cfg(test)]
#[path = "fingerprint/same.rs"]
mod same;
#[cfg(test)]
#[path = "fingerprint/shown.rs"]
mod shown;
#[cfg(test)]
#[path = "fingerprint/table.rs"]
mod table;
