//! Revisions that are programs: what they are told, what is kept of them, and that none outlives the harness.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rlsgate::chain::script::TransactionMode;
use rlsgate::chain::{Chain, Ladder, apply};
use rlsgate::exit::Exit;

use super::value;
use crate::common::{Cluster, folder};

#[tokio::test]
async fn a_program_is_told_where_to_work() {
    let cluster = Cluster::start().await;
    let dir = folder(&[
        (
            "chain.toml",
            "schemas = [\"My App\", \"public\"]\n[revisions.002-fill]\nrun = [\"sh\", \"fill.sh\", \"two words\"]\n\
             down = \"empty.sql\"\nenv = { URL = \":url\", SCHEMA = \":schema\", TEXT = \"::url\", PGAPPNAME = \"fill\" }",
        ),
        ("001-a.sql", "CREATE SCHEMA \"My App\"; CREATE TABLE t (n int, who name DEFAULT current_user)"),
        (
            "fill.sh",
            "echo \"$SCHEMA|$TEXT|$1|$RLSGATE_SECRET|$PGAPPNAME\"; echo oops >&2; test -f chain.toml || exit 9\n\
             psql -qtAXc 'INSERT INTO t VALUES (1) RETURNING who' && psql -qXc 'INSERT INTO t VALUES (2)' \"$URL\"",
        ),
        ("empty.sql", "DELETE FROM t"),
        ("003-b.sql", "INSERT INTO t VALUES (3)"),
    ]);
    let chain = Chain::load(dir.path()).unwrap();
    let ids: Vec<&str> = chain.revisions.iter().map(|revision| revision.id.as_str()).collect();
    assert_eq!(ids, ["001-a", "002-fill", "003-b"]);
    assert_eq!(chain.revisions[1].file, dir.path().join("fill.sh"));
    cluster.database("told base").await;
    let mut ladder = Ladder::stand(&chain, &cluster, "told base").await.unwrap();
    ladder.up(None).await.unwrap();
    let filled = ladder.up(None).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(filled.output, "My App|:url|two words||fill\noops\nmigrator\n");
    assert_eq!(filled.mode, TransactionMode::OfProgram);
    let rows = "SELECT string_agg(n || who::text, ' ' ORDER BY n) FROM \"My App\".t";
    assert_eq!(value(&cluster, "told base", rows).await, "1migrator 2migrator");
    assert_eq!(ladder.again().await.unwrap().output, filled.output);
    ladder.down().await.unwrap();
    let left = "SELECT count(*)::text FROM \"My App\".t";
    assert_eq!((ladder.at(), value(&cluster, "told base", left).await.as_str()), (1, "0"));
    ladder.up(None).await.unwrap();
    ladder.up(None).await.unwrap();
    ladder.finish().await.unwrap();
    assert_eq!(value(&cluster, "told base", left).await, "3");
}

#[tokio::test]
async fn a_program_whose_environment_is_not_made_says_what_makes_it() {
    let cluster = Cluster::start().await;
    let manifest = "[revisions.002]\nrun = [\".venv/bin/python\", \"move.py\"]";
    let dir = folder(&[("chain.toml", manifest), ("001.sql", ""), ("requirements.txt", "psycopg\n")]);
    let chain = Chain::load(dir.path()).unwrap();
    let error = apply(&chain, &cluster, &cluster.database("d").await, None).await.unwrap_err();
    assert!(error.to_string().contains("there is no program `.venv/bin/python`"), "{error}");
    assert!(error.help().contains("harness/scripts/python-env.sh"), "{}", error.help());
}

#[tokio::test]
async fn a_program_that_fails_says_how() {
    let cluster = Cluster::start().await;
    for (n, (run, more, shown, help)) in [
        (
            "[\"sh\", \"-c\", \"echo why; exit 3\"]",
            "",
            "ended with exit status 3: why\nits output ends with:\nwhy",
            "correct the",
        ),
        ("[\"sh\", \"-c\", \"kill -SEGV $$\"]", "", "was killed by signal 11\nits output ends with:\n(it printed", ""),
        ("[\"no-such-program\"]", "", "there is no program `no-such-program` in PATH", "install it"),
        ("[\"./chain.toml\"]", "", "there is no program `./chain.toml` in /", "relative to that file"),
        (
            "[\"sh\", \"-c\", \"psql -c 'SELECT pg_sleep(70)' & sleep 70 & echo on; wait\"]",
            "timeout = \"1500ms\"",
            "was still running after 1.5s, its limit\nits output ends with:\non",
            "raise its `timeout`",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let dir = folder(&[
            ("chain.toml", &format!("[revisions.002]\nrun = {run}\n{more}")),
            ("001.sql", ""),
            ("003.sql", ""),
        ]);
        let chain = Chain::load(dir.path()).unwrap();
        let database = cluster.database(&format!("d{n}")).await;
        let started = Instant::now();
        let error = apply(&chain, &cluster, &database, None).await.unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(20), "{error}");
        assert_eq!(error.exit(), Exit::Untested);
        let head =
            format!("revision 002 of chain {} does not apply; 1 later revision was not run: ", dir.path().display());
        assert!(error.to_string().starts_with(&head), "{error}");
        assert!(error.to_string().contains(shown) && error.help().contains(help), "{error}: {}", error.help());
    }
    // Neither the program's children nor their statements go on.
    assert!(gone(&["sleep", "70"]));
    let mut asleep = 1;
    for _ in 0..100 {
        let sql = "SELECT count(*)::text FROM pg_stat_activity WHERE usename = 'migrator'";
        asleep = value(&cluster, "postgres", sql).await.parse().unwrap();
        if asleep == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(asleep, 0);
}

#[tokio::test]
async fn much_output_is_cut_in_the_middle() {
    let cluster = Cluster::start().await;
    let run = "[\"sh\", \"-c\", \"printf '\\\\033[2J'; seq 1 100000\"]";
    let dir = folder(&[("chain.toml", &format!("layout = \"sql\"\n[revisions.1]\nrun = {run}"))]);
    let chain = Chain::load(dir.path()).unwrap();
    cluster.database("much").await;
    let applied = apply(&chain, &cluster, "much", None).await.unwrap();
    let output = &applied.revisions[0].output;
    assert!(output.starts_with("?[2J1\n2\n") && output.ends_with("\n100000\n"));
    // 4 of the sequence, 588,895 of the numbers with their line ends; 32 KiB of either end are kept.
    assert!(output.contains(&format!("\n[... {} bytes are left out here ...]\n", 4 + 588_895 - 2 * 32 * 1024)));
    assert!(output.len() < 66_000);
}

#[test]
fn what_is_wrong_with_a_program_is_said_with_its_line() {
    for (toml, place, message) in [
        ("[revisions.001]\nrun = [\"sh\"]", ":2:7", "revision `001` is a program, and the file"),
        ("[revisions.002]\nrun = []", ":2:7", "`run` names no program"),
        (
            "[revisions.002]\nrun = [\"sh\"]\nenv = { A = \":ulr\" }",
            ":3:13",
            "`:ulr` is not handed over, nearest is `url`",
        ),
        ("[revisions.002]\nrun = \"sh\"", ":2:7", "expected a sequence"),
    ] {
        let dir = folder(&[("chain.toml", toml), ("001.sql", "")]);
        let error = Chain::load(dir.path()).unwrap_err();
        assert_eq!(error.exit(), Exit::Input);
        assert!(error.to_string().contains(message), "{error}");
        assert!(error.to_string().contains(&format!("chain.toml{place}")), "{error}");
    }
}

#[test]
fn the_digest_follows_what_a_program_is_made_of() {
    let digest = |toml: &str, file: &str| {
        Chain::load(folder(&[("chain.toml", toml), ("001.sql", ""), ("x.py", file), ("y.py", file)]).path())
            .unwrap()
            .digest()
    };
    let toml = "[revisions.002]\nrun = [\"python3\", \"x.py\"]";
    let same = digest(toml, "1");
    assert_eq!(digest(toml, "1"), same);
    assert_ne!(digest(toml, "2"), same);
    assert_ne!(digest(&toml.replace("x.py", "y.py"), "1"), same);
    assert_ne!(digest(&format!("{toml}\nenv = {{ A = \"1\" }}"), "1"), same);
}

/// Run by the test below, in a process that is killed.
#[tokio::test]
async fn killed_helper() {
    if std::env::var_os("RLSGATE_TEST_KILLED").is_none() {
        return;
    }
    let cluster = Cluster::start().await;
    let run = "[\"sh\", \"-c\", \"sleep 71 & echo up > up; sleep 72\"]";
    let dir = folder(&[("chain.toml", &format!("layout = \"sql\"\n[revisions.1]\nrun = {run}"))]);
    let chain = Chain::load(dir.path()).unwrap();
    cluster.database("killed").await;
    apply(&chain, &cluster, "killed", None).await.unwrap();
}

#[test]
fn a_program_ends_with_a_harness_that_is_killed() {
    let mut test = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "chain::command::killed_helper"])
        .env("RLSGATE_TEST_KILLED", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let wait = |what: &dyn Fn() -> bool| {
        let started = Instant::now();
        while !what() && started.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(50));
        }
        what()
    };
    assert!(wait(&|| !gone(&["sleep", "71"]) && !gone(&["sleep", "72"])), "the program has started");
    // The server of the helper is watched by nobody: it is ended here.
    let children: Vec<i32> = children(test.id());
    test.kill().unwrap();
    test.wait().unwrap();
    assert!(wait(&|| gone(&["sleep", "71"]) && gone(&["sleep", "72"])), "the program has ended");
    for child in children {
        let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(child), nix::sys::signal::Signal::SIGQUIT);
    }
}

fn children(parent: u32) -> Vec<i32> {
    let tasks = std::fs::read_dir(format!("/proc/{parent}/task")).unwrap().flatten();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<_>>()).collect()
}

/// Whether no process has this command line.
fn gone(command: &[&str]) -> bool {
    let wanted: Vec<u8> = command.iter().flat_map(|word| word.bytes().chain([0])).collect();
    let lines = std::fs::read_dir("/proc").unwrap().flatten();
    !lines.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok()).any(|line| line == wanted)
}
