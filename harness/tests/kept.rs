//! What a chain and a data migration came to is kept for a run that changes nothing, and for no other.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const FILES: [(&str, &str); 13] = [
    (
        "chain/chain.toml",
        "prelude = \"prelude.sql\"\nseed_at = { 001-old = \"rows.sql\" }\n\
         [revisions.003-note]\nrun = [\"./note.sh\", \"now\"]\ndown = \"back.sql\"\n",
    ),
    ("chain/prelude.sql", "CREATE ROLE app;"),
    (
        "chain/001-old.sql",
        "CREATE TABLE old_notes (id int PRIMARY KEY, org text NOT NULL, body text); CREATE TABLE done (word text);",
    ),
    ("chain/001-old.down.sql", "DROP TABLE done; DROP TABLE old_notes;"),
    (
        "chain/002-move.sql",
        "CREATE TABLE notes (id int PRIMARY KEY, org text NOT NULL, body text); INSERT INTO notes SELECT * FROM old_notes;",
    ),
    ("chain/002-move.down.sql", "DROP TABLE notes;"),
    ("chain/note.sh", "#!/bin/sh\nexec psql -qX -c \"INSERT INTO done VALUES ('$(cat words.txt)')\"\n"),
    ("chain/words.txt", "a word"),
    ("chain/back.sql", "DELETE FROM done;"),
    ("chain/rows.sql", "INSERT INTO old_notes VALUES (1, 'a', 'x');"),
    ("legacy.sql", "INSERT INTO old_notes VALUES (1, 'a', 'x'), (2, 'b', 'y');"),
    ("other.sql", "INSERT INTO old_notes VALUES (3, 'b', 'z');"),
    (
        "suite.toml",
        "name = \"moved\"\nchain = \"chain\"\n[seed_at]\n001-old = \"legacy.sql\"\n\
         [fidelity.notes]\nacross = \"002-move\"\nsource = \"select id, org, body from old_notes\"\n\
         target = \"select id, org, body from notes\"\nkey = [\"id\"]\ntenant = \"org\"\nuntouched = [\"old_notes\"]\n\
         [fidelity.before]\nacross = \"002-move\"\nsource = { at = \"before\", sql = \"select id, org from old_notes\" }\n\
         target = \"select id, org from notes\"\nkey = [\"id\"]\n",
    ),
];

/// What the ids of kept checks begin with, where all of them are.
const ALL: [&str; 3] = ["chain/chain", "moved/fidelity/before", "moved/fidelity/notes"];

/// A suite with its chain, and a cache of its own.
struct System(tempfile::TempDir);

/// A run.
struct Ran {
    record: Value,
    terminal: String,
    junit: String,
}

impl System {
    fn new() -> Self {
        let system = Self(tempfile::tempdir().unwrap());
        for (name, text) in FILES {
            system.write(name, text);
        }
        std::fs::create_dir(system.path("cache")).unwrap();
        std::fs::set_permissions(system.path("cache"), std::fs::Permissions::from_mode(0o700)).unwrap();
        system
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        if Path::new(name).extension().is_some_and(|suffix| suffix == "sh") {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    fn program(&self, command: &str) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_rlsgate"));
        program.arg(command).current_dir(self.0.path()).env("RLSGATE_CACHE_DIR", self.path("cache"));
        program.env_remove("RLSGATE_URL").args(["--provider", "local"]);
        program
    }

    /// Runs it; `None`, said loudly, where there is no server.
    fn run(&self, more: impl FnOnce(&mut Command) -> &mut Command) -> Option<Ran> {
        self.ran(more(self.program("run").arg("suite.toml")))
    }

    /// The same of the chain alone.
    fn chain(&self, more: impl FnOnce(&mut Command) -> &mut Command) -> Option<Ran> {
        self.ran(more(self.program("chain").arg("chain")))
    }

    fn ran(&self, program: &mut Command) -> Option<Ran> {
        let output = program.args(["--out", "out"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if said.contains("no local server") {
            crate::common::absent("local", &said);
            return None;
        }
        let text = |name: &str| std::fs::read_to_string(self.path("out").join(name)).unwrap_or_else(|_| said.clone());
        Some(Ran {
            record: serde_json::from_str(&text("run.json")).unwrap_or_else(|_| Value::String(said.clone())),
            terminal: String::from_utf8(output.stdout).unwrap(),
            junit: text("junit.xml"),
        })
    }

    fn kept(&self) -> Option<BTreeSet<String>> {
        self.run(|program| program).map(|ran| ran.kept())
    }

    fn results(&self) -> Vec<PathBuf> {
        let folder = std::fs::read_dir(self.path("cache/results.d"));
        folder.map(|found| found.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default()
    }
}

impl Ran {
    /// What the ids of the kept checks begin with.
    fn kept(&self) -> BTreeSet<String> {
        assert!(self.record["totals"]["passed"].as_u64() > Some(0), "{}\n{}", self.record, self.terminal);
        let kept = self.record["timing"]["kept"].as_object();
        kept.map(|kept| kept.keys().cloned().collect()).unwrap_or_default()
    }

    fn untimed(&self) -> Value {
        let mut record = self.record.clone();
        record.as_object_mut().unwrap().remove("timing").unwrap();
        record
    }

    fn status(&self, id: &str) -> String {
        let suites = self.record["suites"].as_array().unwrap().iter();
        let mut checks = suites.flat_map(|suite| suite["checks"].as_array().unwrap());
        checks.find(|check| check["id"] == id).unwrap()["status"].as_str().unwrap().to_owned()
    }
}

fn all() -> BTreeSet<String> {
    ALL.map(str::to_owned).into()
}

fn only(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn a_second_run_keeps_what_the_first_came_to_and_says_so() {
    let system = System::new();
    let Some(first) = system.run(|program| program) else { return };
    assert_eq!(first.kept(), BTreeSet::new());
    assert!(!first.terminal.contains("kept from an earlier run"), "{}", first.terminal);
    let second = system.run(|program| program).unwrap();
    assert_eq!(second.kept(), all());
    assert_eq!(second.untimed(), first.untimed());
    assert!(second.terminal.contains("kept from an earlier run; --no-cache tries them again"), "{}", second.terminal);
    assert!(second.junit.contains("kept from an earlier run: chain/chain/* since 20"), "{}", second.junit);
    let seconds = second.record["timing"]["checks"].as_object().unwrap();
    let timed: Vec<&String> = seconds.keys().filter(|id| ALL.iter().any(|kept| id.starts_with(kept))).collect();
    assert!(timed.is_empty(), "{timed:?}");
    assert!(first.record["timing"]["checks"].as_object().unwrap().len() > seconds.len());

    let anew = system.run(|program| program.arg("--no-cache")).unwrap();
    assert_eq!(anew.kept(), BTreeSet::new());
    assert_eq!(anew.untimed(), first.untimed());

    // One run of the revision decides all checks of a block; of a part of the chain's checks nothing is known.
    let filters = ["--filter", "moved/fidelity/*/count-parity", "--filter", "chain/chain/applies/*"];
    let some = system.run(|program| program.args(filters)).unwrap();
    assert_eq!(some.kept(), only(&["moved/fidelity/before", "moved/fidelity/notes"]));
}

#[test]
fn a_chain_of_which_anything_changed_is_walked_again() {
    let system = System::new();
    let chain = || system.chain(|program| program).map(|ran| ran.kept());
    let Some(first) = chain() else { return };
    assert_eq!(first, BTreeSet::new());
    for (name, text) in [
        ("chain/chain.toml", None),
        ("chain/prelude.sql", None),
        ("chain/001-old.sql", None),
        ("chain/002-move.down.sql", None),
        ("chain/note.sh", None),
        ("chain/words.txt", Some("another word")),
        ("chain/requirements.txt", Some("psycopg")),
        ("chain/.venv/pyvenv.cfg", Some("home = /usr/bin")),
        ("chain/rows.sql", Some("INSERT INTO old_notes VALUES (7, 'a', 'x');")),
    ] {
        let before = std::fs::read_to_string(system.path(name)).ok();
        let comment = if name.ends_with("sql") { "\n-- new" } else { "\n# new" };
        let changed = before.clone().unwrap_or_default() + comment;
        system.write(name, text.unwrap_or(&changed));
        assert_eq!(chain().unwrap(), BTreeSet::new(), "{name} as {text:?}");
        match before {
            Some(before) => system.write(name, &before),
            None => std::fs::remove_file(system.path(name)).unwrap(),
        }
    }
    std::fs::remove_dir(system.path("chain/.venv")).unwrap();
    let mode = |mode| std::fs::set_permissions(system.path("chain/note.sh"), std::fs::Permissions::from_mode(mode));
    mode(0o644).unwrap();
    assert_eq!(chain().unwrap(), BTreeSet::new(), "the program cannot be run any more");
    mode(0o755).unwrap();
    let tokyo = system.chain(|program| program.env("TZ", "Asia/Tokyo")).unwrap();
    assert_eq!(tokyo.kept(), BTreeSet::new(), "the program sees another time zone");
    let locked = system.chain(|program| program.arg("--update")).unwrap();
    assert_eq!(locked.kept(), BTreeSet::new(), "there is a lock file");
    assert_eq!(locked.status("chain/chain/fingerprint"), "passed");
    std::fs::remove_file(system.path("chain/chain.lock")).unwrap();
    assert_eq!(chain().unwrap(), only(&["chain/chain"]), "everything is as it was first");
}

#[test]
fn a_block_of_which_anything_changed_is_measured_again() {
    let system = System::new();
    let Some(first) = system.kept() else { return };
    assert_eq!(first, BTreeSet::new());
    let suite = FILES.iter().find(|(name, _)| *name == "suite.toml").unwrap().1;
    let of_notes = suite.replace("body from notes\"", "body from notes where true\"");
    let of_before = suite.replace("org from notes\"", "org from notes where true\"");
    let moved = format!("# of two organizations\n{suite}");
    for (name, text, kept) in [
        (
            "chain/001-old.sql",
            "CREATE TABLE old_notes (id int PRIMARY KEY, org text NOT NULL, body text);\n\
            CREATE TABLE done (word text);",
            &only(&[]),
        ),
        ("legacy.sql", "INSERT INTO old_notes VALUES (5, 'a', 'x'), (6, 'b', 'y');", &only(&["chain/chain"])),
        ("suite.toml", &format!("timeout = \"29s\"\n{suite}"), &only(&["chain/chain"])),
        ("suite.toml", &of_notes, &only(&["chain/chain", "moved/fidelity/before"])),
        ("suite.toml", &of_before, &only(&["chain/chain", "moved/fidelity/notes"])),
        ("suite.toml", &moved, &all()),
    ] {
        let before = std::fs::read_to_string(system.path(name)).unwrap();
        system.write(name, text);
        assert_eq!(system.kept().unwrap(), *kept, "{name} as {text}");
        system.write(name, &before);
    }
    assert_eq!(system.kept().unwrap(), all(), "everything is as it was first");
}

#[test]
fn nothing_is_kept_of_what_failed_or_proves_nothing() {
    let system = System::new();
    // Taken back, the second revision leaves a table; and it loses a row, which is known.
    system.write("chain/002-move.down.sql", "ALTER TABLE notes RENAME TO left_notes;");
    let moves = "CREATE TABLE notes (id int PRIMARY KEY, org text NOT NULL, body text); INSERT INTO notes SELECT * FROM old_notes WHERE id <> 2;";
    system.write("chain/002-move.sql", moves);
    let suite = FILES.iter().find(|(name, _)| *name == "suite.toml").unwrap().1;
    let known = "[[known]]\ncheck = \"moved/fidelity/*/*\"\nreason = \"the second row is nobody's\"\n\
        [[known]]\ncheck = \"chain/chain/*/*\"\nreason = \"the table stays\"\n";
    system.write("suite.toml", &format!("{suite}{known}"));
    for _ in 0..2 {
        let Some(ran) = system.run(|program| program) else { return };
        assert_eq!(ran.kept(), BTreeSet::new(), "{}", ran.terminal);
        assert_eq!(ran.status("moved/fidelity/notes/count-parity"), "skipped");
        assert_eq!(ran.status("chain/chain/no-trace/002-move"), "skipped");
    }
}

#[test]
fn a_damaged_result_is_passed_over_and_written_anew() {
    let system = System::new();
    if system.kept().is_none() {
        return;
    }
    assert_eq!(system.kept().unwrap(), all());
    let results = system.results();
    assert!(results.len() >= ALL.len(), "{results:?}");
    for path in &results {
        let facts = std::fs::metadata(path).unwrap();
        assert_eq!(facts.permissions().mode() & 0o777, 0o600);
        let whole = std::fs::read_to_string(path).unwrap();
        std::fs::write(path, whole.replace("passed", "Passed").replace("select", "SELECT").replace("id", "ID"))
            .unwrap();
    }
    assert_eq!(system.kept().unwrap(), BTreeSet::new());
    assert_eq!(system.kept().unwrap(), all());
    // Others may write them: they are not known to be ours.
    for path in &results {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666)).unwrap();
    }
    assert_eq!(system.kept().unwrap(), BTreeSet::new());
}

#[test]
fn a_program_that_may_read_anything_is_never_known() {
    let system = System::new();
    let manifest = FILES[0].1;
    for run in ["[\"sh\", \"note.sh\"]", "[\"./note.sh\", \"../legacy.sql\"]"] {
        system.write("chain/chain.toml", &manifest.replace("[\"./note.sh\", \"now\"]", run));
        for _ in 0..2 {
            let Some(kept) = system.kept() else { return };
            assert_eq!(kept, BTreeSet::new(), "{run}");
        }
    }
    system.write("chain/chain.toml", manifest);
    let script = FILES.iter().find(|(name, _)| *name == "chain/note.sh").unwrap().1;
    for line in ["cat ../legacy.sql >&2", "cat $HOME/.profile >&2 || true", "cat /etc/hostname >&2"] {
        system.write("chain/note.sh", &script.replace("exec psql", &format!("{line}\nexec psql")));
        for _ in 0..2 {
            assert_eq!(system.kept().unwrap(), BTreeSet::new(), "{line}");
        }
    }
}
