//! What a run of one suite or chain came to.

use std::collections::BTreeMap;

use crate::report::record::SuiteRecord;

/// What a run of one suite or chain came to.
#[derive(Debug)]
pub struct SuiteRun {
    /// What depends on inputs alone.
    pub record: SuiteRecord,
    /// Where the server came from.
    pub server: BTreeMap<String, String>,
    /// Seconds by check.
    pub seconds: BTreeMap<String, f64>,
    /// Seconds by revision and what was done, where it is a chain.
    pub revisions: BTreeMap<String, BTreeMap<String, f64>>,
}
