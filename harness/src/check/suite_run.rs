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
    /// What was not tried again, since an earlier run of the same inputs had tried it: what the ids begin with, and when.
    pub kept: BTreeMap<String, String>,
}

impl SuiteRun {
    /// A record of what took no time worth reporting.
    pub(crate) fn untimed(record: SuiteRecord) -> Self {
        let (server, seconds, revisions, kept) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { record, server, seconds, revisions, kept }
    }
}
