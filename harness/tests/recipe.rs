//! The recipe of CONTRIBUTING.md for a new kind of check, followed in a scratch copy: two files, and its check is listed,
//! run and reported.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MARKER: &str = "<!-- recipe: new kind of check -->";

const SUITE: &str = "name = \"recipe\"\nchain = \"chain\"\n[actors]\nann = { role = \"ann\", powerless = \"holds nothing\" }\n\
    [contract]\nnotes = {}\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The example of the recipe: the code block behind its marker.
fn example() -> String {
    let document = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let (_, rest) = document.split_once(MARKER).unwrap_or_else(|| panic!("CONTRIBUTING.md has no {MARKER}"));
    let (_, block) = rest.split_once("```rust\n").unwrap();
    block.split_once("\n```").unwrap().0.to_owned() + "\n"
}

/// Copies a folder, or gives its files a second name; names for which `without` holds stay away.
fn copy(from: &Path, to: &Path, without: &dyn Fn(&str) -> bool, link: bool) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (name, target) = (entry.file_name(), to.join(entry.file_name()));
        if without(&name.to_string_lossy()) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target, without, link);
        } else if !link || fs::hard_link(entry.path(), &target).is_err() {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// Every file below a folder, by its path there.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_new_kind_of_check_is_two_files() {
    let scratch = tempfile::Builder::new().prefix("rlsgate-recipe-").tempdir_in("/tmp").unwrap();
    let source = scratch.path().join("source");
    for folder in ["harness", "suites"] {
        copy(&root().join(folder), &source.join(folder), &|name| name == "target" || name == ".venv", false);
    }
    for file in ["Cargo.toml", "Cargo.lock", "README.md"] {
        fs::copy(root().join(file), source.join(file)).unwrap();
    }
    // The recipe: a file, and its lines in the registry.
    let checks = source.join("harness/src/checks");
    fs::write(checks.join("example.rs"), example()).unwrap();
    let registry = fs::read_to_string(checks.join("mod.rs")).unwrap();
    let registered = registry.replacen("mod execute;\n", "mod example;\nmod execute;\n", 1).replacen(
        "    execute::KIND,\n",
        "    execute::KIND,\n    example::KIND,\n",
        1,
    );
    fs::write(checks.join("mod.rs"), registered).unwrap();
    let (before, after) = (files(&root().join("harness/src")), files(&source.join("harness/src")));
    let changed = after.iter().filter(|(path, text)| before.get(*path) != Some(text));
    let changed: Vec<&str> = changed.map(|(path, _)| path.to_str().unwrap()).collect();
    assert_eq!(changed, ["checks/example.rs", "checks/mod.rs"]);

    // What is built of other crates is there already, under a second name, so that only this one is compiled.
    let built = Path::new(env!("CARGO_BIN_EXE_rlsgate")).parent().unwrap();
    let target = scratch.path().join("target").join(built.file_name().unwrap());
    for folder in ["deps", "build", ".fingerprint"] {
        let own = |name: &str| {
            ["rlsgate", "librlsgate", "suites", "libsuites", "it-"].iter().any(|prefix| name.starts_with(prefix))
        };
        copy(&built.join(folder), &target.join(folder), &own, true);
    }
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let build = Command::new(cargo)
        .args(["build", "--quiet", "--offline", "--locked", "-p", "rlsgate", "--bin", "rlsgate", "--target-dir"])
        .arg(scratch.path().join("target"))
        .current_dir(&source)
        // Where it is set for the test programs, crates that ask for it would be built anew.
        .env_remove("RUSTC_BOOTSTRAP")
        .output()
        .unwrap();
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));

    let suite = scratch.path().join("suite");
    fs::create_dir_all(suite.join("chain")).unwrap();
    fs::write(suite.join("chain/chain.toml"), "").unwrap();
    fs::write(suite.join("chain/001_notes.sql"), "CREATE ROLE ann;\nCREATE TABLE notes (id int PRIMARY KEY);\n")
        .unwrap();
    fs::write(suite.join("suite.toml"), SUITE).unwrap();
    let run = |arguments: &[&str]| {
        let program = target.join("rlsgate");
        let output = Command::new(program)
            .args(arguments)
            .arg(suite.join("suite.toml"))
            .current_dir(scratch.path())
            .env("RLSGATE_CACHE_DIR", scratch.path().join("cache"))
            .env_remove("RLSGATE_URL")
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, listed, error) = run(&["list", "--filter", "recipe/example/*"]);
    if error.contains("there is no server to test on") {
        crate::common::absent("local", &error);
        return;
    }
    assert_eq!((code, listed.as_str()), (Some(0), "recipe/example/tables\n"), "{error}");
    let (code, shown, error) = run(&["run", "--filter", "recipe/example/*"]);
    assert_eq!(code, Some(0), "{shown}{error}");
    let record = fs::read_to_string(scratch.path().join("reports/run.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    let check =
        &record["suites"].as_array().unwrap().iter().find(|suite| suite["name"] == "recipe").unwrap()["checks"][0];
    assert_eq!((&check["kind"], &check["status"]), (&"example".into(), &"passed".into()), "{check}");
}
