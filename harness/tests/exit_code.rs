//! The exit code of a run whose chain was weakened, by the program itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The connectors' suite and a copy of its chain, with one more revision.
fn weakened(sql: &str) -> tempfile::TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let copy = tempfile::tempdir().unwrap();
    for folder in ["suites/connectors", "schemas/connectors"] {
        let to = copy.path().join(folder);
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    std::fs::write(copy.path().join("schemas/connectors/99999999_weakened.sql"), sql).unwrap();
    copy
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let suite: PathBuf = folder.join("suites/connectors");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rlsgate"));
    command.arg("run").arg(suite).arg("--out").arg(folder.join("reports")).arg("--no-cache").args(arguments);
    command.output().unwrap()
}

#[test]
fn a_weakened_policy_is_exit_1_and_the_relation_is_named() {
    let folder = weakened("alter policy workspace_isolation_update on public.connectors using (true)");
    let output = run(folder.path(), &["--filter", "!connectors/fact/*"]);
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(shown.contains("connectors/contract/public.connectors/update/ann/move"), "{shown}");
}

#[test]
fn what_makes_no_difference_to_behaviour_is_exit_1_by_a_fact_and_0_without() {
    let folder = weakened("alter policy workspace_isolation_update on public.connectors to public");
    let output = run(folder.path(), &[]);
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(shown.contains("connectors/fact/public.connectors/policy/workspace_isolation_update"), "{shown}");
    assert_eq!(run(folder.path(), &["--filter", "!connectors/fact/*"]).status.code(), Some(0));
}
