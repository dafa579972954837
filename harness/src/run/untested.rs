//! A suite that could not be tested: one check in error stands for all of its own, in every report.

use std::collections::BTreeMap;

use crate::Error;
use crate::check::record::relative;
use crate::check::{SuiteRun, id};
use crate::report::record::{CheckRecord, Evidence, Status, SuiteRecord};
use crate::suite::Suite;

/// What is recorded of `suite` where `error` kept it from being tried. Its checks have no ids yet: they come of the catalogs.
#[must_use]
pub fn untested(suite: &Suite, error: &Error) -> SuiteRun {
    let file = relative(&suite.path);
    let message = error.to_string();
    let first = message.lines().next().unwrap_or_default().to_owned();
    // What follows may be a statement of the seed, and the values in it.
    let got = if suite.report_values { message } else { first.clone() };
    let check = CheckRecord {
        id: id::id([suite.name.as_str(), "state"]),
        kind: "state".to_owned(),
        title: "a server is brought to the state that the suite is about".to_owned(),
        object: suite.name.clone(),
        command: "state".to_owned(),
        actor: String::new(),
        file: file.clone(),
        line: 1,
        status: Status::Error,
        verdict: first,
        controls: Vec::new(),
        source: None,
        step: None,
        remedy: Some(error.help().to_owned()).filter(|help| !help.is_empty()),
        evidence: Evidence {
            expected: "prelude, chain and seed apply, and every check is planned".to_owned(),
            got,
            ..Evidence::default()
        },
        reproduce: format!("rlsgate run {file}"),
    };
    let record = SuiteRecord {
        name: suite.name.clone(),
        title: suite.title.clone(),
        file,
        facts: BTreeMap::new(),
        chain: None,
        checks: vec![check],
    };
    SuiteRun::untimed(record)
}
