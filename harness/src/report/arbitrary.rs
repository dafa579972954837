//! Run records with any text in every field, for property tests.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

use super::record::{CheckRecord, Evidence, FORMAT, RunRecord, Status, SuiteRecord, Timing, Totals};
use crate::text::{one_line, visible};

/// What breaks writers of XML, terminals and readers of either.
const HOSTILE: &[&str] = &[
    "]]>",
    "]]",
    ">",
    "<",
    "&",
    "&#0;",
    "\"",
    "'",
    "<![CDATA[",
    "--",
    "\0",
    "\u{1b}[31m",
    "\u{1b}]0;title\u{7}",
    "\u{9b}2J",
    "\r\n",
    "\n",
    "\t",
    "\u{85}",
    "\u{2028}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{1fffe}",
    "\u{202e}",
    "\u{2066}",
    "\u{feff}",
    "𝄞",
    "e\u{301}",
    "]]></failure></testcase><testcase name=\"forged\"/>",
    "declared:   forged.toml:1",
    ".",
    "/",
    " ",
    "::error::",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![2 => select(HOSTILE).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    let short = vec(piece, 0..6).prop_map(|pieces| pieces.concat());
    prop_oneof![30 => short.clone(), 1 => (short, 1_000_usize..8_000).prop_map(|(text, times)| text.repeat(times))]
}

fn status() -> impl Strategy<Value = Status> {
    select(&[Status::Passed, Status::Failed, Status::Error, Status::Skipped][..])
}

fn evidence() -> impl Strategy<Value = Evidence> {
    (vec(text(), 0..3), vec(text(), 0..3), text(), text(), text(), vec(text(), 0..3)).prop_map(
        |(context, sql, expected, got, witness, notes)| Evidence { context, sql, expected, got, witness, notes },
    )
}

fn check() -> impl Strategy<Value = CheckRecord> {
    let names = (text(), text(), text(), text(), text(), text());
    let stated = || proptest::option::of(text());
    let origin = (text(), any::<u32>(), text(), stated(), stated(), stated());
    (names, origin, status(), text(), vec(text(), 0..2), evidence()).prop_map(
        |(
            (id, kind, title, object, command, actor),
            (file, line, reproduce, source, step, remedy),
            status,
            verdict,
            controls,
            evidence,
        )| CheckRecord {
            id,
            kind,
            title,
            object,
            command,
            actor,
            file,
            line,
            status,
            verdict,
            controls,
            source,
            step,
            remedy,
            evidence,
            reproduce,
        },
    )
}

fn suite() -> impl Strategy<Value = SuiteRecord> {
    (text(), text(), text(), btree_map(text(), text(), 0..3), vec(check(), 0..6))
        .prop_map(|(name, title, file, facts, checks)| SuiteRecord { name, title, file, facts, chain: None, checks })
}

/// A record whose ids differ, also after the replacements that a JUnit name goes through.
pub(super) fn record() -> impl Strategy<Value = RunRecord> {
    (vec(suite(), 0..3), text(), 0_u32..1_000_000).prop_map(|(mut suites, rlsgate, milliseconds)| {
        let mut names = BTreeSet::new();
        for suite in &mut suites {
            suite.checks.retain(|check| names.insert(one_line(&visible(&check.id)).into_owned()));
        }
        let checks = suites.iter().flat_map(|suite| &suite.checks);
        let totals = Totals::of(checks.clone());
        let seconds = f64::from(milliseconds) / 1e3;
        let checks: BTreeMap<String, f64> = checks.map(|check| (check.id.clone(), seconds)).collect();
        let started = "2026-11-21T10:00:00Z".to_owned();
        let timing = Timing { started, seconds, jobs: 4, checks, ..Timing::default() };
        RunRecord { format: FORMAT.to_owned(), rlsgate, suites, totals, timing }
    })
}
