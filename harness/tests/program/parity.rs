//! The same inputs give the same record, whatever made the server and however many worked on it.

use std::collections::BTreeMap;

use rlsgate::report::record::{RunRecord, Status};

use super::support::{Copy, checks};

/// All of a record that depends on inputs alone.
fn lasting(record: &RunRecord) -> serde_json::Value {
    let mut value = serde_json::to_value(record).unwrap();
    value.as_object_mut().unwrap().remove("timing").unwrap();
    value
}

fn statuses(record: &RunRecord) -> BTreeMap<String, Status> {
    checks(record).map(|check| (check.id.clone(), check.status)).collect()
}

/// The record of a run that must pass; `None` where there is no such server.
fn passed(copy: &Copy, provider: &str, arguments: &[&str]) -> Option<RunRecord> {
    let ended = copy.run(&[&["--provider", provider], arguments].concat());
    if ended.lacks_server(provider) {
        return None;
    }
    ended.expect(0);
    copy.assert_clean();
    let record = copy.record();
    assert!(record.totals.passed >= 300, "{:?}", record.totals);
    let made_by = &record.timing.servers["connectors"]["provider"];
    assert!(provider == "auto" || provider == made_by, "{made_by}");
    Some(record)
}

/// Fails with the first check that differs, rather than with two long records.
#[track_caller]
fn assert_same(one: &RunRecord, other: &RunRecord) {
    for (one, other) in checks(one).zip(checks(other)) {
        assert_eq!(serde_json::to_value(one).unwrap(), serde_json::to_value(other).unwrap());
    }
    assert!(lasting(one) == lasting(other), "the checks are the same, the record is not");
}

#[test]
fn one_worker_and_four_write_the_same_record() {
    let copy = Copy::new();
    let Some(one) = passed(&copy, "auto", &["--jobs", "1"]) else { return };
    let four = passed(&copy, "auto", &["--jobs", "4"]).unwrap();
    assert_eq!((one.timing.jobs, four.timing.jobs), (1, 4));
    assert_same(&one, &four);
}

#[test]
fn what_is_built_anew_gives_the_same_record() {
    let copy = Copy::new();
    let Some(one) = passed(&copy, "local", &["--no-cache"]) else { return };
    let other = passed(&copy, "local", &["--no-cache"]).unwrap();
    assert_eq!(other.timing.servers["connectors"]["state"], "built");
    assert_same(&one, &other);
    passed(&copy, "local", &[]).unwrap();
    let restored = passed(&copy, "local", &[]).unwrap();
    assert_eq!(restored.timing.servers["connectors"]["state"], "restored from the cache");
    assert_same(&one, &restored);
}

#[test]
fn a_container_gives_the_same_record_as_installed_binaries() {
    let copy = Copy::new();
    let Some(local) = passed(&copy, "local", &[]) else { return };
    let major = local.suites[0].facts["postgres"].clone();
    let Some(docker) = passed(&copy, "docker", &["--postgres", &major]) else { return };
    assert_same(&local, &docker);
}

/// Each major version that the suite names.
#[test]
fn every_version_in_a_container_passes_alike() {
    let copy = Copy::new();
    let mut first: Option<BTreeMap<String, Status>> = None;
    for major in ["17", "18", "15", "13"] {
        let Some(record) = passed(&copy, "docker", &["--postgres", major]) else { continue };
        assert_eq!(record.suites[0].facts["postgres"], major);
        let mut found = statuses(&record);
        // The lock file holds the facts of one version, as that one words them.
        let fingerprint = if major == "15" { Status::Passed } else { Status::Skipped };
        assert_eq!(found.remove("chain/connectors/fingerprint"), Some(fingerprint), "PostgreSQL {major}");
        assert_eq!(*first.get_or_insert_with(|| found.clone()), found, "PostgreSQL {major}");
    }
}
