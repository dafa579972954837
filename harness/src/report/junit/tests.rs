//! JUnit of hostile text stays valid, under test.

use std::collections::BTreeMap;

use proptest::prelude::*;
use roxmltree::{Document, Node};

use super::body::{self, LIMIT};
use super::{Junit, attribute, class_name, duration};
use crate::report::record::{ChainRecord, CheckRecord, RevisionRecord, RunRecord, Status, Totals};
use crate::report::{Format, arbitrary, order};
use crate::text::visible;

fn render(record: &RunRecord, evidence: bool) -> String {
    let mut out = Vec::new();
    Junit { evidence }.render(record, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn elements<'a, 'i>(parent: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    parent.children().filter(move |node| node.has_tag_name(name))
}

/// All text of the one child called `name`; none where there is no such child.
fn text_in(parent: Node<'_, '_>, name: &'static str) -> Option<String> {
    let mut found = elements(parent, name);
    let child = found.next()?;
    assert!(found.next().is_none(), "two elements `{name}`");
    assert!(child.children().all(|node| node.is_text()), "markup in `{name}`");
    Some(child.children().map(|node| node.text().unwrap()).collect())
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

fn case_tells(case: Node<'_, '_>, check: &CheckRecord, evidence: bool) {
    assert_eq!(case.attribute("name"), Some(&*attribute(&check.id)));
    assert_eq!(case.attribute("file").unwrap_or_default(), attribute(&check.file));
    let outcome = match check.status {
        Status::Passed => None,
        Status::Failed => Some("failure"),
        Status::Error => Some("error"),
        Status::Skipped => Some("skipped"),
    };
    for name in ["failure", "error", "skipped"] {
        let text = text_in(case, name);
        if Some(name) == outcome {
            let body = body::of_check(check);
            assert!(body.len() <= LIMIT);
            assert_eq!(text.unwrap(), visible(&body));
            let message = elements(case, name).next().unwrap().attribute("message").unwrap();
            assert_eq!(message, attribute(&body::message(check)));
        } else {
            assert_eq!(text, None);
        }
    }
    let about = (evidence || check.status != Status::Passed).then(|| visible(&body::about(check)).into_owned());
    assert_eq!(text_in(case, "system-out"), about);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_reads_back_as_itself(record in arbitrary::record(), evidence in any::<bool>()) {
        let xml = render(&record, evidence);
        prop_assert!(xml.chars().all(is_xml_char));
        let document = Document::parse(&xml).unwrap();
        let suites: Vec<Node> = elements(document.root_element(), "testsuite").collect();
        prop_assert_eq!(suites.len(), record.suites.len());
        for (node, suite) in suites.into_iter().zip(&record.suites) {
            let totals = Totals::of(&suite.checks);
            prop_assert_eq!(node.attribute("name"), Some(&*attribute(&suite.name)));
            prop_assert_eq!(node.attribute("tests").unwrap(), suite.checks.len().to_string());
            prop_assert_eq!(node.attribute("failures").unwrap(), totals.failed.to_string());
            prop_assert_eq!(node.attribute("errors").unwrap(), totals.error.to_string());
            let facts = body::of_suite(&record, suite);
            prop_assert_eq!(text_in(node, "system-out").unwrap(), visible(&facts));
            let checks = order::checks(suite);
            prop_assert_eq!(elements(node, "testcase").count(), checks.len());
            for (case, check) in elements(node, "testcase").zip(checks) {
                case_tells(case, check, evidence);
            }
        }
    }
}

fn one_check(edit: impl FnOnce(&mut CheckRecord)) -> RunRecord {
    let mut record: RunRecord = serde_json::from_str(include_str!("../../../../reports/samples/run.json")).unwrap();
    record.suites.truncate(1);
    record.suites[0].checks.retain(|check| check.status == Status::Failed);
    record.suites[0].checks.truncate(1);
    edit(&mut record.suites[0].checks[0]);
    record
}

#[test]
fn two_cases_of_one_name_are_refused() {
    let mut record = one_check(|check| check.id = "a\u{1}b".into());
    let mut twin = record.suites[0].clone();
    twin.name = "another".into();
    // Different ids, but the same name once it is legal XML.
    twin.checks[0].id = "a␁b".into();
    record.suites.push(twin);
    let error = Junit { evidence: false }.render(&record, &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    assert!(error.to_string().contains("`a␁b`"), "{error}");
}

#[test]
fn a_start_that_is_no_time_is_refused() {
    for started in ["yesterday", "", "-000001-01-01T00:00:00Z"] {
        let mut record = one_check(|_| {});
        record.timing.started = started.into();
        let error = Junit { evidence: false }.render(&record, &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "{started}");
    }
}

#[test]
fn a_long_body_keeps_verdict_origin_and_says_what_is_missing() {
    let record = one_check(|check| check.evidence.got = "row\n".repeat(20_000));
    let check = &record.suites[0].checks[0];
    let body = body::of_check(check);
    assert!(body.len() <= LIMIT && body.len() > LIMIT - 512, "{}", body.len());
    assert!(body.starts_with(&check.verdict));
    assert!(body.contains("from `got` on, are in run.json\n"));
    assert!(body.contains(&format!("\nreproduce:  {}\n", check.reproduce)));
}

#[test]
fn what_is_told_of_a_pass_and_of_its_revisions_is_whole() {
    let mut record = one_check(|check| {
        check.status = Status::Passed;
        check.evidence.notes = vec!["dangerous: table public.t, policy everybody: permissive policy added".into()];
    });
    let about = body::about(&record.suites[0].checks[0]);
    assert!(about.contains("note:       dangerous: table public.t, policy everybody"), "{about}");
    let locks: Vec<String> = (0..9).map(|n| format!("AccessExclusive on public.table_{n} (+0)")).collect();
    let status = Status::Passed;
    let revision = RevisionRecord {
        id: "001".into(),
        title: String::new(),
        file: "001.sql".into(),
        tried: "up".into(),
        transaction: String::new(),
        locks,
        access: String::new(),
        status,
    };
    record.suites[0].chain = Some(ChainRecord { layout: "sql".into(), revisions: vec![revision] });
    let own = BTreeMap::from([("readers locked out".to_owned(), 0.25)]);
    record.timing.revisions =
        BTreeMap::from([(record.suites[0].name.clone(), BTreeMap::from([("001".to_owned(), own)]))]);
    let suite = body::of_suite(&record, &record.suites[0]);
    assert!(suite.contains("readers kept out") && suite.contains("0.250 s"), "{suite}");
    assert!(suite.contains("public.table_0 (+0); ") && suite.contains("public.table_8 (+0)  "), "{suite}");
    // On a terminal there is not that much room; what is left out of the chain is told below.
    record.suites.truncate(1);
    record.suites[0].facts.insert("files that are no revisions".into(), "notes.txt (no SQL)".into());
    let mut shown = Vec::new();
    crate::report::terminal::write(&record, &[], &mut anstream::StripStream::new(&mut shown)).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    assert!(
        !shown.contains("public.table_8") && shown.contains("  files that are no revisions: notes.txt (no SQL)\n"),
        "{shown}"
    );
}

#[test]
fn a_frame_names_folders_that_read_as_a_package_only() {
    let frame = |file: &str| {
        let record = one_check(|check| (check.file, check.line) = (file.into(), 36));
        body::of_check(&record.suites[0].checks[0]).lines().last().unwrap().to_owned()
    };
    assert_eq!(frame("suites/connectors/suite.toml"), "at suites.connectors.Check(suite.toml:36)");
    for file in ["suite.toml", "Suites/a/suite.toml", "suites/v1.2/suite.toml", "/tmp/suite.toml"] {
        assert!(!frame(file).starts_with("at "), "{file}");
    }
}

#[test]
fn dots_inside_a_part_do_not_deepen_the_tree() {
    assert_eq!(class_name(["docs", "public.documents", "update"]), "docs.public_documents.update");
    assert_eq!(class_name(["docs", "", "fact"]), "docs.fact");
}

#[test]
fn a_time_that_cannot_be_is_still_a_number() {
    assert_eq!(duration(1.2345).whole_milliseconds(), 1235);
    assert_eq!(duration(-1.0).whole_milliseconds(), 0);
    assert_eq!(duration(f64::NAN).whole_milliseconds(), 0);
    assert_eq!(duration(f64::INFINITY).whole_milliseconds(), 1_000_000_000_000);
}
