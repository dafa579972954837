//! A pass is never empty: without rows, or as nobody, a run does not pass.

use std::collections::BTreeSet;
use std::fs;

use rlsgate::report::record::{CheckRecord, Status};

use super::support::{Copy, SEED, SUITE, checks, ids};

/// Whether a check says something where there is no row at all. A rule, by what a check is about.
fn needs_no_row(check: &CheckRecord) -> bool {
    let probe = check.id.rsplit('/').next().unwrap();
    match check.kind.as_str() {
        // The privilege system refuses before any row is looked at, and the relation that it guards is there.
        "contract" if probe == "withheld" || probe.starts_with("column.") => check.verdict == "refused by privilege",
        // Names in the catalogs; and an actor's power, which the right to execute a function shows as well.
        "contract" => probe == "named" || check.id.starts_with("connectors/actor/"),
        // EXECUTE is a privilege: granted, the call ends; not granted, it is refused. What it reaches is another check.
        "execute" => probe != "acts-on",
        // Of the catalogs, a query's too; and the chain as such, which stands on rows of its own.
        "fact" | "chain" => true,
        // Refused by privilege, where a control is allowed; or a statement that counts, and gives its row without any.
        "case" => {
            check.verdict == "refused by privilege" && !check.evidence.witness.is_empty()
                || check.verdict == "allowed" && check.evidence.sql.iter().any(|sql| sql.contains("count("))
        }
        _ => false,
    }
}

#[test]
fn without_rows_nothing_passes_that_needs_one() {
    let copy = Copy::new();
    fs::write(copy.path(SEED), "-- nothing\n").unwrap();
    let ended = copy.run(&[]);
    if ended.lacks_server("local") {
        return;
    }
    // Cases that state a number of rows fail, so 1 wins.
    ended.expect(1);
    let record = copy.record();
    let empty: Vec<_> =
        checks(&record).filter(|check| check.status == Status::Passed && !needs_no_row(check)).collect();
    assert!(empty.is_empty(), "passed on nothing: {empty:#?}");
    for check in checks(&record).filter(|check| check.status == Status::Failed) {
        assert_eq!(check.kind, "case", "an expectation of people, not of the harness: {check:#?}");
    }
    assert!(ended.out.contains("ERROR these checks prove nothing:"), "{}", ended.out);
    // Each cell that grants or withholds rows is named as one that proves nothing.
    let errors = ids(&record, Status::Error);
    for part in ["select/ann/granted", "select/ann/withheld", "insert/ann/granted", "delete/ann/withheld"] {
        assert!(
            errors.contains(&format!("connectors/contract/public.contacts/{part}").as_str()),
            "{part}: {errors:#?}"
        );
    }
}

#[test]
fn without_rows_and_without_cases_it_could_not_be_tested() {
    let copy = Copy::new();
    fs::write(copy.path(SEED), "").unwrap();
    let ended = copy.run(&["--filter", "connectors/co*", "--filter", "!*/omitted"]);
    if ended.lacks_server("local") {
        return;
    }
    ended.expect(3);
    assert_eq!(ids(&copy.record(), Status::Failed), Vec::<&str>::new());
}

/// A probe that is planned only where there is a row to try it on goes with a cell that is in error.
#[test]
fn without_rows_no_cell_vanishes_without_a_word() {
    let copy = Copy::new();
    let full = copy.rlsgate(&["list", "suites/connectors"]);
    if full.lacks_server("local") {
        return;
    }
    fs::write(copy.path(SEED), "").unwrap();
    copy.run(&[]).expect(1);
    let record = copy.record();
    let planned: BTreeSet<&str> = checks(&record).map(|check| check.id.as_str()).collect();
    let errors = ids(&record, Status::Error);
    for id in full.expect(0).out.lines().filter(|id| !planned.contains(id)) {
        let [_, _, relation, command, actor, _] = id.split('/').collect::<Vec<_>>()[..] else { panic!("{id} is gone") };
        let cell = format!("connectors/contract/{relation}/{command}/{actor}/");
        assert!(
            errors.iter().any(|error| error.starts_with(&cell)),
            "{id} is gone, and nothing of its cell is in error"
        );
    }
}

#[test]
fn with_misspelt_claims_a_run_does_not_pass() {
    let copy = Copy::new();
    copy.edit(SUITE, "claims = { sub = ", "claims = { subb = ");
    let ended = copy.run(&[]);
    if ended.lacks_server("local") {
        return;
    }
    ended.expect(1);
    let record = copy.record();
    // Whatever was granted by whose row it is, is not given to somebody without a name.
    for check in checks(&record).filter(|check| check.status == Status::Passed && check.id.ends_with("/granted")) {
        let actor = check.actor.as_str();
        let as_anybody = check.object.ends_with("connector_templates") && check.command == "select";
        assert!(["service", "visitor"].contains(&actor) || as_anybody, "{check:#?}");
    }
    assert!(ids(&record, Status::Failed).iter().any(|id| id.ends_with("/granted")));
}
