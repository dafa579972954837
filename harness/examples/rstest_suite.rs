//! A suite as tests of Rust: it is run once, and every check that a team cares about by name is a case of rstest.
//!
//! `cargo test -p rlsgate --example rstest_suite`. In a project of your own this is a file of `tests/`, without `main`.

#![expect(clippy::print_stdout, reason = "a program says what it did")]

fn main() {
    println!("this example is a test: cargo test -p rlsgate --example rstest_suite");
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::LazyLock;

    use rlsgate::report::record::{Status, SuiteRecord};
    use rlsgate::run::{Options, run};
    use rstest::rstest;

    /// What all cases read. A static is never dropped, so it must own no server: that is stopped before the first case.
    static RECORD: LazyLock<SuiteRecord> = LazyLock::new(|| {
        let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/notes/suite.toml");
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let run = runtime.block_on(run(&suite, &Options::default(), |_| ()));
        run.unwrap_or_else(|error| panic!("{error}\n{}", error.help())).record
    });

    #[rstest]
    #[case::ann_reads_her_notes("contract/public.notes/select/ann/granted")]
    #[case::ann_reads_no_note_of_bob("contract/public.notes/select/ann/withheld")]
    #[case::ann_gives_no_note_away("contract/public.notes/update/ann/move")]
    #[case::a_session_without_a_user_reads_nothing("context/public.notes/select/ann/user.unset")]
    fn holds(#[case] check: &str) {
        let id = format!("notes/{check}");
        let check = RECORD.check(&id).unwrap_or_else(|| panic!("there is no check {id}; see `rlsgate list`"));
        assert_eq!(check.status, Status::Passed, "{}\n{:#?}", check.verdict, check.evidence);
    }

    /// And everything that nobody thought of.
    #[test]
    fn nothing_else_failed() {
        let open = |status| matches!(status, Status::Failed | Status::Error);
        let open: Vec<_> = RECORD.checks.iter().filter(|check| open(check.status)).map(|check| &check.id).collect();
        assert!(!RECORD.checks.is_empty() && open.is_empty(), "{open:#?}");
    }
}
