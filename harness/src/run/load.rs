//! Suites and their schemas, with the kinds of check that this version has.

use std::path::Path;

use crate::Error;
use crate::checks::names;
use crate::suite::{self, Suite};

/// Reads the suite at `path`, with everything it includes, and resolves every name in it.
///
/// # Errors
/// [`Error::Usage`] if `path` cannot be read; [`Error::Input`] with everything that is wrong in it otherwise.
pub fn load_suite(path: &Path) -> Result<Suite, Error> {
    suite::load(path, &names().into_keys().collect::<Vec<_>>())
}

/// JSON Schema of suite files.
#[must_use]
pub fn suite_schema() -> serde_json::Value {
    suite::json_schema(&names())
}

/// The same for one suite: its own names, and the relations, functions and revisions that the caller knows, as enumerations.
#[must_use]
pub fn suite_schema_for(
    suite: &Suite,
    relations: &[String],
    functions: &[String],
    revisions: &[String],
) -> serde_json::Value {
    suite::json_schema_for(suite, &names(), relations, functions, revisions)
}
