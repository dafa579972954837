//! The committed samples in `reports/samples/` are what the program writes today, and their JUnit is valid.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use rlsgate::report::record::{
    ChainRecord, CheckRecord, Evidence, FORMAT, RevisionRecord, RunRecord, Status, SuiteRecord, Timing, Totals,
};
use rlsgate::report::{FORMATS, terminal};

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports/samples")
}

fn check(id: &str, status: Status, verdict: &str) -> CheckRecord {
    let reproduce = if status == Status::Passed { String::new() } else { format!("rlsgate repro '{id}'") };
    CheckRecord {
        id: id.into(),
        kind: "contract".into(),
        title: "bea may not update rows of another tenant".into(),
        object: "public.documents".into(),
        command: "update".into(),
        actor: "bea (member; tenant t_b)".into(),
        file: "suites/documents/suite.toml".into(),
        line: 36,
        status,
        verdict: verdict.into(),
        controls: vec!["OWASP ASVS 5.0 8.4.1".into()],
        source: None,
        step: None,
        remedy: None,
        evidence: Evidence {
            context: vec!["set role app_user".into(), "app.tenant = t_b".into()],
            sql: vec!["UPDATE public.documents SET title = 'x'".into()],
            expected: "no row of others changes".into(),
            got: "no row of others changed".into(),
            witness: "3 rows of others were there".into(),
            notes: vec![],
        },
        reproduce,
    }
}

/// A chain of two revisions.
fn chain(trace: CheckRecord) -> SuiteRecord {
    let revision = |id: &str, status| RevisionRecord {
        id: id.into(),
        title: String::new(),
        file: format!("schemas/documents/{id}.sql"),
        tried: "up, down, up, over rows".into(),
        transaction: "one transaction".into(),
        locks: vec!["AccessExclusive on public.documents (+2)".into()],
        access: "1 dangerous, 2 safe".into(),
        status,
    };
    let revisions = vec![revision("0001_documents", Status::Passed), revision("0002_status", Status::Failed)];
    SuiteRecord {
        name: "chain/documents".into(),
        title: "Migration chain documents".into(),
        file: "schemas/documents/chain.toml".into(),
        facts: BTreeMap::from([("layout".into(), "sql".into())]),
        chain: Some(ChainRecord { layout: "sql".into(), revisions }),
        checks: vec![trace],
    }
}

/// One check of each status and more, with the text that a database under attack can hold.
fn sample() -> RunRecord {
    let mut leak = check(
        "documents/contract/public.documents/update/bea/withheld",
        Status::Failed,
        "bea (member; tenant t_b) may update `own`; 2 of 3 rows of others changed",
    );
    leak.evidence.got = "2 of 3 rows of others changed: <d_1>, ]]></failure><testcase name=\"forged\"/>".into();
    leak.remedy = Some("Close the policy; if rows were written, \u{1b}[31mexecute the rollback\u{1b}[0m.".into());
    leak.evidence.notes = vec![
        "granted by: contract.documents, profile tenant, allow.member = \"own\"".into(),
        "key of a row: \u{1b}[32mok\u{1b}[0m \0 \u{202e}drow\u{202c}\ndeclared:   forged.toml:1".into(),
    ];

    let mut vacuous = check(
        "documents/contract/public.documents/delete/bea/withheld",
        Status::Error,
        "nothing was deleted, and there was no row of others that could have been",
    );
    vacuous.title = "a member may not delete rows of another tenant".into();
    vacuous.command = "delete".into();
    vacuous.evidence.got = "no row of others was there".into();
    vacuous.evidence.sql = vec!["DELETE FROM public.documents".into()];
    vacuous.evidence.witness = "0 rows of others".into();
    let mut vacuous_too = vacuous.clone();
    vacuous_too.id = "documents/contract/public.documents/delete/cem/withheld".into();

    let mut known = check(
        "documents/case/export/bea",
        Status::Skipped,
        "known exception until 2027-01-31: the export view is replaced in the next release",
    );
    known.title = "bea may not export rows of another tenant".into();
    known.kind = "case".into();
    known.object = "public.export".into();
    known.command = "select".into();
    known.evidence = Evidence {
        sql: vec!["SELECT 1 FROM public.export".into()],
        expected: "no row of others is seen".into(),
        got: "3 rows of others were seen".into(),
        ..Evidence::default()
    };

    let step = |number: &str, status, verdict: &str| {
        let mut check = check(&format!("spec/fact/public.documents/rls/{number}"), status, verdict);
        check.kind = "fact".into();
        check.title = format!("requirement {number}: row-level security is enabled and forced");
        check.command = "rls".into();
        check.actor = String::new();
        check.file = "suites/spec/suite.toml".into();
        check.source = Some("Security concept, section 4".into());
        check.step = Some(number.into());
        check.evidence = Evidence { got: "enabled, forced".into(), ..Evidence::default() };
        check
    };
    let steps =
        vec![step("4.10", Status::Passed, "enabled and forced"), step("4.9", Status::Passed, "enabled and forced")];

    let mut read = check(
        "documents/contract/public.documents/select/bea/withheld",
        Status::Passed,
        "filtered: 3 rows of others were there, none was seen",
    );
    read.title = "bea may not read rows of another tenant".into();
    read.command = "select".into();
    read.evidence.sql = vec!["SELECT 1 FROM public.documents".into()];
    read.evidence.expected = "no row of others is seen".into();
    read.evidence.got = "no row of others was seen".into();
    let mut trace = check(
        "chain/documents/no-trace/0002_status",
        Status::Failed,
        "taking revision 0002_status back leaves a trace: type public.status is left",
    );
    trace.kind = "chain".into();
    trace.title = "taking revision 0002_status back leaves no trace".into();
    (trace.object, trace.command, trace.actor) = ("0002_status".into(), "no-trace".into(), String::new());
    (trace.file, trace.line) = ("schemas/documents/0002_status.down.sql".into(), 1);
    trace.evidence = Evidence { got: "+ type public.status\n    + owner: migrator".into(), ..Evidence::default() };
    let suites = vec![
        SuiteRecord {
            name: "documents".into(),
            title: "Documents of tenants".into(),
            file: "suites/documents/suite.toml".into(),
            facts: BTreeMap::from([
                ("chain".into(), "documents, 12 revisions".into()),
                ("postgres".into(), "15".into()),
                ("state".into(), "head".into()),
            ]),
            chain: None,
            checks: vec![known, vacuous, vacuous_too, read, leak],
        },
        SuiteRecord {
            name: "spec".into(),
            title: "The security concept".into(),
            file: "suites/spec/suite.toml".into(),
            facts: BTreeMap::new(),
            chain: None,
            checks: steps,
        },
        chain(trace),
    ];
    let checks = suites.iter().flat_map(|suite| &suite.checks);
    let timing = Timing {
        started: "2026-11-21T10:00:00Z".into(),
        seconds: 1.2,
        jobs: 2,
        servers: BTreeMap::new(),
        revisions: BTreeMap::from([(
            "chain/documents".into(),
            BTreeMap::from([("0001_documents".into(), BTreeMap::from([("up".into(), 0.02)]))]),
        )]),
        checks: checks.clone().map(|check| (check.id.clone(), 0.125)).collect(),
        kept: BTreeMap::new(),
    };
    RunRecord { format: FORMAT.into(), rlsgate: "0.1.0".into(), totals: Totals::of(checks), suites, timing }
}

/// Compares with the committed sample; with `RLSGATE_UPDATE_SAMPLES=1`, writes it.
fn is_sample(name: &str, rendered: &[u8]) -> io::Result<()> {
    let path = samples().join(name);
    if std::env::var_os("RLSGATE_UPDATE_SAMPLES").is_some_and(|value| value == "1") {
        fs::write(&path, rendered)?;
    }
    let committed = fs::read(&path)?;
    assert!(
        committed == rendered,
        "{name} is not what the program writes; if that is meant, RLSGATE_UPDATE_SAMPLES=1 cargo test --test report_samples. \
         The program writes:\n{}",
        String::from_utf8_lossy(rendered)
    );
    Ok(())
}

#[test]
fn every_format_has_a_true_sample() {
    for format in FORMATS {
        let mut out = Vec::new();
        format.render(&sample(), &mut out).unwrap();
        is_sample(format.file_name(), &out).unwrap();
    }
}

#[test]
fn the_terminal_has_a_true_sample() {
    let mut out = anstream::StripStream::new(Vec::new());
    let written = ["reports/run.json", "reports/junit.xml"].map(PathBuf::from);
    terminal::write(&sample(), &written, &mut out).unwrap();
    is_sample("terminal.txt", &out.into_inner()).unwrap();
}

#[test]
fn beyond_twenty_failures_the_terminal_points_to_the_record() {
    let mut record = sample();
    record.suites.truncate(1);
    let leak = record.suites[0].checks.pop().unwrap();
    for number in 0..23 {
        record.suites[0].checks.push(CheckRecord { id: format!("documents/case/{number}"), ..leak.clone() });
    }
    let mut out = anstream::StripStream::new(Vec::new());
    terminal::write(&record, &[PathBuf::from("out/run.json")], &mut out).unwrap();
    let text = String::from_utf8(out.into_inner()).unwrap();
    assert_eq!(text.matches("\nFAIL documents/").count(), 20);
    assert!(text.contains("\nFAIL and 3 more in out/run.json\n"), "{text}");
}

#[test]
fn junit_is_valid() {
    if Command::new("xmllint").arg("--version").output().is_err() {
        let required = std::env::var("RLSGATE_REQUIRE").unwrap_or_default();
        assert!(!required.contains("xmllint"), "xmllint is required and missing; install libxml2-utils");
        eprintln!("SKIPPED junit_is_valid: no xmllint here; install libxml2-utils");
        return;
    }
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/junit-report.xsd");
    // The schema of Jenkins is not in this repository; CI names a copy of it here.
    let jenkins = std::env::var_os("RLSGATE_JUNIT_XSD").map(PathBuf::from);
    for schema in [Some(own), jenkins].into_iter().flatten() {
        let output = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema"])
            .arg(&schema)
            .arg(samples().join("junit.xml"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}: {}", schema.display(), String::from_utf8_lossy(&output.stderr));
    }
}
