//! What the documents say of the program is so: the demo runs as shown, options exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::common::absent;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The fenced blocks of a document as `(language, text)`.
fn blocks(document: &str) -> Vec<(String, String)> {
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in document.lines() {
        if let Some(language) = line.strip_prefix("```") {
            open = !open;
            if open {
                blocks.push((language.to_owned(), String::new()));
            }
        } else if open && let Some((_, text)) = blocks.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    blocks
}

/// The text from the heading on, up to the next of its level.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let (_, rest) = document.split_once(heading).unwrap_or_else(|| panic!("no section {heading}"));
    rest.split("\n## ").next().unwrap()
}

fn shell(script: &str) -> Output {
    let output = Command::new("bash").args(["-euc", script]).env_remove("RLSGATE_URL").output().unwrap();
    assert!(output.status.code().is_some(), "{script}");
    output
}

/// Seconds differ from run to run.
fn without_times(text: &str) -> String {
    text.lines()
        .map(|line| match line.rsplit_once(" in ") {
            Some((head, seconds)) if seconds.ends_with(" s") => format!("{head}\n"),
            _ => format!("{line}\n"),
        })
        .collect()
}

fn has_no_server(output: &Output) -> bool {
    String::from_utf8_lossy(&output.stderr).contains("there is no server to test on")
}

#[test]
fn the_demo_of_the_readme_runs_as_shown() {
    let readme = document("README.md");
    let folder = tempfile::Builder::new().prefix("gate-demo-").tempdir_in("/tmp").unwrap();
    let here = folder.path().join("notes").to_str().unwrap().to_owned();
    // Run from elsewhere: files below the working folder are shown without it.
    let elsewhere = folder.path().join("clone").to_str().unwrap().to_owned();
    fs::create_dir(&elsewhere).unwrap();
    let update = std::env::var_os("RLSGATE_UPDATE_SAMPLES").is_some_and(|value| value == "1");
    let mut written = readme.clone();
    let mut codes = Vec::new();
    for (language, text) in blocks(section(&readme, "\n## Demo\n")) {
        if language == "sh" {
            let output = shell(&text.replace("/tmp/notes", &here));
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            continue;
        }
        let (command, shown) = text.strip_prefix("$ ").unwrap().split_once('\n').unwrap();
        let arguments = command.strip_prefix("cargo run -q -p rlsgate -- ").unwrap().replace("/tmp/notes", &here);
        let program = env!("CARGO_BIN_EXE_rlsgate");
        let output = shell(&format!("cd {elsewhere} && RLSGATE_CACHE_DIR={here}.cache {program} {arguments}"));
        if has_no_server(&output) {
            return absent("local", "the demo of the README");
        }
        let seen = String::from_utf8(output.stdout).unwrap().replace(&here, "/tmp/notes");
        if update {
            written = written.replace(shown, &seen);
        } else {
            let help = "if that is meant: RLSGATE_UPDATE_SAMPLES=1 cargo test -p rlsgate --test it docs";
            assert_eq!(
                without_times(&seen),
                without_times(shown),
                "{help}\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        codes.push(output.status.code());
    }
    assert_eq!(codes, [Some(0), Some(1)]);
    if written != readme {
        fs::write(root().join("README.md"), written).unwrap();
    }
}

#[test]
fn the_options_and_files_that_the_documents_name_are_there() {
    let running = document("docs/running.md");
    let help = |command| {
        let shown = Command::new(env!("CARGO_BIN_EXE_rlsgate")).args([command, "--help"]).output().unwrap();
        String::from_utf8(shown.stdout).unwrap()
    };
    let help = help("run") + &help("chain");
    let of_the_program = section(&running, "\n## Commands\n").to_owned() + section(&running, "\n## Servers\n");
    let options: Vec<&str> = of_the_program
        .split(|c: char| !(c.is_ascii_lowercase() || c == '-'))
        .filter(|word| word.len() > 3 && word.starts_with("--") && *word != "--path")
        .collect();
    assert!(options.len() > 5, "{options:?}");
    for option in options {
        assert!(help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n")), "{option}");
    }
    let pages =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "reports/README.md"].map(str::to_owned);
    let docs = fs::read_dir(root().join("docs")).unwrap();
    let docs = docs.map(|page| format!("docs/{}", page.unwrap().file_name().to_str().unwrap()));
    for name in pages.into_iter().chain(docs) {
        let folder = root().join(&name).parent().unwrap().to_owned();
        for link in document(&name).split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let path = link.split('#').next().unwrap();
            let outside = path.is_empty() || path.contains("://");
            assert!(outside || folder.join(path).exists(), "{name} links to {link}");
        }
    }
}

/// Rust files below `folder`, as `(path from folder, lines)`.
fn sources(folder: &Path) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|suffix| suffix == "rs") {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(&path).unwrap().lines().count()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn source_files_are_short() {
    let mut files = sources(&root().join("harness"));
    files.extend(sources(&root().join("suites")));
    let long: Vec<_> = files.iter().filter(|(_, lines)| *lines > 600).collect();
    assert!(long.is_empty(), "over 600 lines, split by idea: {long:?}");
    let mut lines: Vec<usize> = files.iter().map(|(_, lines)| *lines).collect();
    lines.sort_unstable();
    let median = lines[lines.len() / 2];
    println!("{} files, median {median} lines", lines.len());
    assert!(median < 200, "median {median} lines");
}

/// A file that no module declares is compiled by nobody, and its tests are run by nobody.
#[test]
fn every_file_of_tests_is_a_module_of_the_program() {
    for tests in ["harness/tests", "suites/tests"] {
        let folder = root().join(tests);
        for (file, _) in sources(&folder) {
            let path = Path::new(file.strip_suffix("/mod.rs").unwrap_or(&file)).with_extension("");
            let Some(name) = path.file_name().filter(|name| *name != "main") else { continue };
            let above = path.parent().unwrap();
            let above = if above == Path::new("") { Path::new("main") } else { above };
            let texts =
                [above.with_extension("rs"), above.join("mod.rs")].map(|it| fs::read_to_string(folder.join(it)));
            let declared = |text: &str| {
                let line = format!("mod {};", name.to_str().unwrap());
                text.lines().any(|it| it == line || it.ends_with(&format!(") {line}")))
            };
            assert!(texts.iter().flatten().any(|text| declared(text)), "no module declares {tests}/{file}");
        }
    }
}

#[test]
fn the_workflow_takes_every_step_of_ci_and_the_tests_are_those_of_the_readme() {
    let steps = document(".ci/steps");
    let listed =
        steps.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|it| !it.is_empty()));
    let workflow = document(".github/workflows/ci.yml");
    let taken = workflow.lines().filter_map(|line| line.trim().strip_prefix("- run: .ci/steps "));
    let taken = taken.flat_map(|line| line.split("${{").next().unwrap().split_whitespace());
    assert_eq!(listed.collect::<BTreeSet<_>>(), taken.collect::<BTreeSet<_>>());
    let tests = "cargo test --workspace";
    assert!(steps.lines().any(|line| line.trim().starts_with("RLSGATE_REQUIRE=") && line.ends_with(tests)));
    for page in ["README.md", "CONTRIBUTING.md"] {
        assert!(document(page).lines().any(|line| line.split("  ").next() == Some(tests)), "{page}");
    }
}
