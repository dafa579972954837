//! Where the chain and its suites are.

use std::path::PathBuf;

use crate::repository;

/// The folder of the chain.
pub(crate) fn chain() -> PathBuf {
    repository().join("schemas/installations")
}

/// The file of one of the suites.
pub(crate) fn suite(file: &str) -> PathBuf {
    repository().join("suites/installations").join(file)
}
