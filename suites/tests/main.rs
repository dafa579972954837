//! The suites of four systems from Rust, as one program: it is linked once, and its tests run side by side.

// Helpers are test code as well; the lints tell by this attribute.
#![cfg(test)]

mod connectors;
mod extension_access;
mod installations;
mod python;
mod rls_hardening;
mod weakenings;

use std::path::Path;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
