//! What is planned, left out and refused, before any server starts.

use rlsgate::chain_check::{PreparedChain, Subject, plan};
use rlsgate::exit::Exit;
use rlsgate::report::record::Status;
use rlsgate::run::Filter;
use rlsgate::run::Options;

use super::support::{Folder, options, runtime};

#[test]
fn checks_are_known_without_a_server() {
    let folder = Folder::of(&[("chain.toml", ""), ("001 a.sql", "select 1"), ("001 a.down.sql", "select 1")]);
    let checks = plan(&folder.subject()).unwrap();
    let mut ids: Vec<&str> = checks.iter().map(|check| check.id.as_str()).collect();
    ids.sort_unstable();
    let wanted = [
        "chain/c/applies/001%20a",
        "chain/c/down-exists/001%20a",
        "chain/c/fingerprint",
        "chain/c/no-trace/001%20a",
        "chain/c/open-tables/001%20a",
        "chain/c/policy-changes/001%20a",
        "chain/c/released",
        "chain/c/round-trip",
        "chain/c/up-down-up/001%20a",
        "chain/c/upgrade-with-data",
    ];
    assert_eq!(ids, wanted);
}

#[test]
fn checks_that_need_no_walk_are_judged_without_a_server() {
    let folder = Folder::of(&[("chain.toml", ""), ("001.sql", "select 1"), ("001.down.sql", "select 1")]);
    let prepared = PreparedChain::new(folder.subject()).unwrap();
    // A provider that cannot be had.
    let mut options = Options { filter: Filter::new(&["*/down-exists/*".to_owned()], &[]).unwrap(), ..options() };
    options.request.major = Some(1);
    let ran = runtime().block_on(prepared.run(&options, |_| ())).unwrap();
    let found: Vec<_> = ran.record.checks.iter().map(|check| (check.id.as_str(), check.status)).collect();
    assert_eq!(found, [("chain/c/down-exists/001", Status::Passed)]);
}

#[test]
fn a_check_is_skipped_for_the_reason_that_the_manifest_gives() {
    let folder = Folder::of(&[
        ("chain.toml", "[skip]\n\"no-trace/001\" = \"the type is shared\"\nround-trip = \"takes an hour\""),
        ("001.sql", "create type mood as enum ()"),
        ("001.down.sql", "drop type mood"),
    ]);
    let checks = plan(&folder.subject()).unwrap();
    let skipped: Vec<_> =
        checks.iter().filter_map(|check| Some((check.command.as_str(), check.skip.as_deref()?))).collect();
    assert!(
        skipped.contains(&("no-trace", "the type is shared")) && skipped.contains(&("round-trip", "takes an hour"))
    );
}

#[test]
fn names_that_are_not_there_are_refused_with_the_nearest() {
    for (manifest, message) in [
        ("[skip]\nno-trase = \"x\"", "no chain check `no-trase`, nearest is `no-trace`"),
        ("[skip]\n\"no-trace/01\" = \"x\"", "no revision `01`, nearest is `001`"),
        ("[seed_at]\n01 = \"seed/x.sql\"", "no revision `01`, nearest is `001`"),
        ("[seed_at]\n001 = \"seed/x.sql\"", "no file seed/x.sql"),
    ] {
        let folder = Folder::of(&[("chain.toml", manifest), ("001.sql", "")]);
        let error = Subject::load(&folder.path()).unwrap_err();
        assert_eq!(error.exit(), Exit::Input, "{error}");
        assert!(error.to_string().contains(message) && error.to_string().contains("chain.toml:2:"), "{error}");
    }
}
