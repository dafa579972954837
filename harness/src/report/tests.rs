//! Reports of any record, under test.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use proptest::prelude::*;

use super::record::{RunRecord, json_schema};
use super::{FORMATS, arbitrary, terminal, write_all};
use crate::Error;

fn sample() -> RunRecord {
    serde_json::from_str(include_str!("../../../reports/samples/run.json")).unwrap()
}

fn value(record: &RunRecord) -> serde_json::Value {
    serde_json::to_value(record).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_record_survives_its_file(record in arbitrary::record()) {
        let dir = tempfile::tempdir().unwrap();
        let written = write_all(&record, dir.path(), FORMATS).unwrap();
        prop_assert_eq!(value(&RunRecord::read(&written[0]).unwrap()), value(&record));
    }

    #[test]
    fn a_terminal_gets_text_only(record in arbitrary::record()) {
        let mut out = anstream::StripStream::new(Vec::new());
        terminal::write(&record, &[PathBuf::from("a\u{1b}[2Jb/run.json")], &mut out).unwrap();
        let text = String::from_utf8(out.into_inner()).unwrap();
        let is_control = |c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}';
        prop_assert_eq!(text.find(is_control), None);
        let failed = text.lines().filter(|line| line.starts_with("FAIL ")).count();
        prop_assert_eq!(failed, record.totals.failed as usize);
    }
}

#[test]
fn a_folder_is_made_and_holds_the_reports_alone() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("a/b");
    let written = write_all(&sample(), &out, FORMATS).unwrap();
    assert_eq!(written, [out.join("run.json"), out.join("junit.xml")]);
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 2);
    let mode = std::fs::metadata(&written[1]).unwrap().permissions().mode();
    let plain = out.join("plain");
    std::fs::write(&plain, "").unwrap();
    assert_eq!(mode, std::fs::metadata(plain).unwrap().permissions().mode());
}

#[test]
fn a_refused_report_does_not_leave_that_of_an_earlier_run() {
    let dir = tempfile::tempdir().unwrap();
    let mut record = sample();
    write_all(&record, dir.path(), FORMATS).unwrap();
    let twin = record.suites[0].checks[0].clone();
    record.suites[0].checks.push(twin);
    let error = write_all(&record, dir.path(), FORMATS).unwrap_err();
    assert!(matches!(error, Error::Environment { .. }), "{error}");
    assert!(error.to_string().contains("two checks have the name"), "{error}");
    assert!(!dir.path().join("junit.xml").exists());
    assert_eq!(value(&RunRecord::read(&dir.path().join("run.json")).unwrap()), value(&record));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = write_all(&sample(), &file.path().join("reports"), FORMATS).unwrap_err();
    assert!(error.to_string().contains("cannot make the folder"), "{error}");
}

#[test]
fn reading_refuses_another_format_and_passes_over_unknown_keys() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("run.json");
    let read = |edit: fn(&mut serde_json::Value)| {
        let mut json = value(&sample());
        edit(&mut json);
        std::fs::write(&path, json.to_string()).unwrap();
        RunRecord::read(&path)
    };

    let known = read(|json| {
        json["new"] = 1.into();
        json["suites"][0]["checks"][0]["evidence"]["new"] = 1.into();
    });
    assert_eq!(value(&known.unwrap()), value(&sample()));

    let other = read(|json| json["format"] = "rlsgate.run/2".into()).unwrap_err().to_string();
    assert!(other.contains("`rlsgate.run/2`") && other.contains("`rlsgate.run/1`"), "{other}");

    let broken = read(|json| json["totals"] = "many".into()).unwrap_err();
    assert!(matches!(broken, Error::Usage { .. }), "{broken}");
    assert!(broken.to_string().contains("run.json is not a run record"), "{broken}");

    let missing = RunRecord::read(&dir.path().join("none.json")).unwrap_err();
    assert!(missing.to_string().contains("none.json"), "{missing}");
}

#[test]
fn the_schema_describes_every_key_of_the_sample() {
    let schema = json_schema();
    let properties = |pointer: &str| schema.pointer(pointer).and_then(|p| p.as_object()).unwrap().clone();
    let json = value(&sample());
    for (at, described) in [
        ("", "/properties"),
        ("/suites/0", "/$defs/SuiteRecord/properties"),
        ("/suites/0/checks/0", "/$defs/CheckRecord/properties"),
        ("/suites/0/checks/0/evidence", "/$defs/Evidence/properties"),
        ("/timing", "/$defs/Timing/properties"),
    ] {
        let described = properties(described);
        for (key, _) in json.pointer(at).unwrap().as_object().unwrap() {
            assert!(described.get(key).is_some(), "{at}/{key}");
        }
    }
}
