//! JUnit XML, in the dialect that Jenkins, GitLab and the GitHub actions read alike.
//!
//! `junit_report` writes what it is given: control characters stay raw, and `]]>` ends its CDATA section, after
//! which text reads as XML. Text here is shaped by the rows of a database under attack, so all of it passes through
//! [`attribute`] or [`cdata`].

mod body;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Write};

use junit_report::{Duration, OffsetDateTime, Report, TestCase, TestResult, TestSuite};

use super::format::Format;
use super::order;
use super::record::{CheckRecord, RunRecord, Status, SuiteRecord};
use crate::text::{one_line, visible};

/// `junit.xml`: a suite per suite, a case per check.
pub(super) struct Junit {
    /// Whether a case that passed says what was seen, which forges read for every case, and some refuse in great numbers.
    pub(super) evidence: bool,
}

impl Format for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn file_name(&self) -> &'static str {
        "junit.xml"
    }

    fn render(&self, record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
        require_unique_names(record)?;
        let started = started(record)?;
        let mut report = Report::new();
        report.add_testsuites(record.suites.iter().map(|suite| self.test_suite(record, suite, started)));
        report.write_xml(&mut *out).map_err(|e| match e {
            junit_report::Error::Io(e) => e,
            junit_report::Error::Xml(e) => io::Error::other(e),
        })?;
        out.write_all(b"\n")
    }
}

impl Junit {
    fn test_suite(&self, record: &RunRecord, suite: &SuiteRecord, timestamp: OffsetDateTime) -> TestSuite {
        TestSuite {
            name: attribute(&suite.name).into_owned(),
            package: class_name([&suite.name, "", ""]),
            timestamp,
            // Required by readers of the Ant dialect; which machine it was is nobody's business.
            hostname: "localhost".to_owned(),
            testcases: order::checks(suite).into_iter().map(|check| self.test_case(record, suite, check)).collect(),
            system_out: Some(cdata(&body::of_suite(record, suite))),
            system_err: None,
        }
    }

    fn test_case(&self, record: &RunRecord, suite: &SuiteRecord, check: &CheckRecord) -> TestCase {
        let type_ = attribute(&check.kind).into_owned();
        let message = attribute(&body::message(check)).into_owned();
        let cause = Some(cdata(&body::of_check(check)));
        TestCase {
            name: attribute(&check.id).into_owned(),
            time: duration(record.timing.checks.get(&check.id).copied().unwrap_or_default()),
            result: match check.status {
                Status::Passed => TestResult::Success,
                Status::Failed => TestResult::Failure { type_, message, cause },
                Status::Error => TestResult::Error { type_, message, cause },
                Status::Skipped => TestResult::SkippedWithCause { type_, message, cause },
            },
            classname: Some(class_name([&suite.name, &check.object, &check.command])),
            filepath: Some(&check.file).filter(|file| !file.is_empty()).map(|file| attribute(file).into_owned()),
            system_out: (self.evidence || check.status != Status::Passed).then(|| cdata(&body::about(check))),
            system_err: None,
        }
    }
}

/// GitLab keeps only the first of two cases with one name, and others take the second for a retry of the first:
/// either way a failure disappears.
fn require_unique_names(record: &RunRecord) -> io::Result<()> {
    let mut names = BTreeSet::new();
    for check in record.suites.iter().flat_map(|suite| &suite.checks) {
        let name = attribute(&check.id);
        if names.contains(&name) {
            return Err(invalid(format!("two checks have the name `{name}`, and readers would drop one of them")));
        }
        names.insert(name);
    }
    Ok(())
}

fn started(record: &RunRecord) -> io::Result<OffsetDateTime> {
    let text = &record.timing.started;
    let unusable = || invalid(format!("`{}` is not a time of RFC 3339", one_line(&visible(text))));
    let started: jiff::Timestamp = text.parse().map_err(|_| unusable())?;
    let started = OffsetDateTime::from_unix_timestamp_nanos(started.as_nanosecond()).map_err(|_| unusable())?;
    // RFC 3339 has years of four digits, and `junit_report` panics on others.
    if (0..=9999).contains(&started.year()) { Ok(started) } else { Err(unusable()) }
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// `suite.relation.command`, of what is not empty. Readers make a tree of the dots, so those inside a part become `_`.
fn class_name(parts: [&str; 3]) -> String {
    let parts: Vec<String> =
        parts.iter().filter(|part| !part.is_empty()).map(|part| attribute(part).replace('.', "_")).collect();
    parts.join(".")
}

/// Milliseconds, so that the sums that `junit_report` makes cannot overflow nor print noise.
fn duration(seconds: f64) -> Duration {
    const LONGEST: f64 = 1e9;
    // A cast from a float saturates, and makes zero of NaN.
    let milliseconds = (seconds.clamp(0.0, LONGEST) * 1e3).round() as i64;
    Duration::milliseconds(milliseconds)
}

/// Text for an attribute. XML turns line breaks and tabs there into spaces (XML 1.0, section 3.3.3); so do we.
fn attribute(text: &str) -> Cow<'_, str> {
    match visible(text) {
        Cow::Borrowed(text) => one_line(text),
        Cow::Owned(text) => Cow::Owned(one_line(&text).into_owned()),
    }
}

/// Text for a CDATA section, whose terminator is split over two sections (XML 1.0, section 2.7).
fn cdata(text: &str) -> String {
    visible(text).replace("]]>", "]]]]><![CDATA[>")
}

#[cfg(test)]
mod tests;
