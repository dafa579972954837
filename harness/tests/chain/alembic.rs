//! Chains that the project's own Alembic runs: order, up, down, heads, and what goes wrong.

use std::path::{Path, PathBuf};
use std::process::Command;

use rlsgate::chain::script::TransactionMode;
use rlsgate::chain::{Chain, Ladder, apply};
use rlsgate::exit::Exit;

use super::value;
use crate::common::absent;
use crate::common::{Cluster, execute, folder};

const ENV: &str = "import os
from alembic import context
from sqlalchemy import create_engine, make_url, pool
url = make_url(os.environ['DATABASE_URL']).set(drivername='postgresql+psycopg')
with create_engine(url, poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
";

/// The program of the environment that `python-env.sh` makes.
fn program() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let made = Command::new(root.join("harness/scripts/python-env.sh")).output().unwrap();
    if !made.status.success() {
        absent("alembic", &String::from_utf8_lossy(&made.stderr));
        return None;
    }
    Some(root.canonicalize().unwrap().join("schemas/installations/.venv/bin/alembic"))
}

fn revision(id: &str, parents: &str, down: &str) -> String {
    format!(
        "\"\"\"make {id}\n\nRevision ID: {id}\n\"\"\"\nfrom alembic import op\nrevision = '{id}'\ndown_revision = {parents}\n\
         def upgrade():\n    op.execute('CREATE TABLE IF NOT EXISTS t_{id} ()')\ndef downgrade():\n    {down}\n"
    )
}

/// A project with these revisions: id, parents, what its downgrade does.
fn project(program: &Path, revisions: &[(&str, &str, &str)]) -> tempfile::TempDir {
    let files: Vec<(String, String)> = revisions
        .iter()
        .map(|(id, parents, down)| (format!("alembic/versions/{id}.py"), revision(id, parents, down)))
        .collect();
    let toml = format!("[alembic]\nprogram = [\"{}\"]\nenv = {{ DATABASE_URL = \":url\" }}\n", program.display());
    let mut all = vec![
        ("chain.toml", toml.as_str()),
        ("alembic.ini", "[alembic]\nscript_location = %(here)s/alembic\n"),
        ("alembic/env.py", ENV),
    ];
    all.extend(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    folder(&all)
}

const TABLES: &str = "SELECT coalesce(string_agg(tablename || ' ' || tableowner, ', ' ORDER BY tablename), '') \
    FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 't\\_%'";

#[tokio::test]
async fn a_branched_history_is_climbed_one_revision_at_a_time() {
    let Some(program) = program() else { return };
    let drop = |id: &str| format!("op.execute('DROP TABLE t_{id}')");
    let (c, z, y, m, last) = (drop("c"), drop("z"), drop("y"), drop("m"), drop("last"));
    // `c` is the base although it sorts first and `z` would sort last.
    let dir = project(
        &program,
        &[
            ("z", "'c'", z.as_str()),
            ("c", "None", &c),
            ("y", "'c'", &y),
            ("m", "('y', 'z')", &m),
            ("last", "'m'", &last),
        ],
    );
    let chain = Chain::load(dir.path()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(chain.layout.name, "alembic");
    let ids: Vec<&str> = chain.revisions.iter().map(|revision| revision.id.as_str()).collect();
    assert_eq!((ids[0], &ids[3..]), ("c", &["m", "last"][..]));
    assert!(ids[1..3].contains(&"y") && ids[1..3].contains(&"z"));
    assert_eq!(chain.revisions[0].settings.title.as_deref(), Some("make c"));
    assert_eq!(chain.revisions[0].file, dir.path().join("alembic/versions/c.py"));
    assert_eq!(chain.heads.len(), 1);

    let cluster = Cluster::start().await;
    cluster.database("branched").await;
    let mut ladder = Ladder::stand(&chain, &cluster, "branched").await.unwrap();
    for n in 1..=5 {
        let applied = ladder.up(None).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((ladder.at(), applied.mode), (n, TransactionMode::OfProgram));
        // Run again, Alembic forgets neither a sibling nor a parent of a merge.
        if n >= 3 {
            ladder.again().await.unwrap_or_else(|error| panic!("{error}"));
        }
    }
    let all = "t_c migrator, t_last migrator, t_m migrator, t_y migrator, t_z migrator";
    assert_eq!(value(&cluster, "branched", TABLES).await, all);
    ladder.tool_again().await.unwrap();
    ladder.down().await.unwrap();
    ladder.down().await.unwrap();
    // Of two children of one parent only the last is taken back.
    ladder.down().await.unwrap_or_else(|error| panic!("{error}"));
    let left = format!("t_{} migrator", ids[1]);
    assert_eq!(value(&cluster, "branched", TABLES).await, format!("t_c migrator, {left}"));
    ladder.down().await.unwrap();
    ladder.down().await.unwrap();
    assert_eq!((ladder.at(), value(&cluster, "branched", TABLES).await.as_str()), (0, ""));
    ladder.up(None).await.unwrap();
    ladder.finish().await.unwrap();
}

#[tokio::test]
async fn one_interpreter_serves_all_commands_and_each_begins_as_a_new_one() {
    let Some(program) = program() else { return };
    let cluster = Cluster::start().await;
    let sleeps = "import time; time.sleep(7303)";
    let dir = project(&program, &[("a", "None", "pass"), ("b", "'a'", sleeps), ("c", "'b'", "pass")]);
    // Each command leaves something in its interpreter and a process behind, and finds none of the one before.
    let leaves = format!(
        "import subprocess, sys, alembic\nassert not hasattr(alembic, 'left'), 'of the command before'\nalembic.left = True\n\
         subprocess.Popen(['sleep', '7302'])\nprint('loaded', '-c' in sys.orig_argv, sys.argv[1:], __name__)\n\
         assert sys.modules['__main__'].__file__ == sys.argv[0]\n{ENV}"
    );
    std::fs::write(dir.path().join("alembic/env.py"), leaves).unwrap();
    let toml = std::fs::read_to_string(dir.path().join("chain.toml")).unwrap();
    std::fs::write(dir.path().join("chain.toml"), format!("{toml}[revisions.b]\ntimeout = \"10s\"\n")).unwrap();
    let chain = Chain::load(dir.path()).unwrap_or_else(|error| panic!("{error}"));
    cluster.database("served").await;
    let mut ladder = Ladder::stand(&chain, &cluster, "served").await.unwrap();
    for id in ["a", "b", "c"] {
        let applied = ladder.up(None).await.unwrap_or_else(|error| panic!("{error}"));
        let printed = format!("loaded True ['upgrade', '{id}'] env_py");
        assert!(applied.output.contains(&printed), "{}", applied.output);
        assert!(runs_no("sleep 7302"), "a process is left of {id}");
    }
    ladder.down().await.unwrap();
    let error = ladder.down().await.unwrap_err().to_string();
    assert!(error.contains("was still running after 10s, its limit"), "{error}");
    assert!(runs_no("sleep 7302"), "a process is left of what was ended");
}

/// Whether no process has this command line.
fn runs_no(line: &str) -> bool {
    let found = Command::new("pgrep").args(["-f", "-x", line]).output().unwrap();
    found.status.code() == Some(1)
}

#[tokio::test]
async fn what_goes_wrong_in_alembic_is_told() {
    let Some(program) = program() else { return };
    let cluster = Cluster::start().await;
    let dir = project(&program, &[("a", "None", "raise RuntimeError('the data is gone')")]);
    let chain = Chain::load(dir.path()).unwrap();
    cluster.database("raised").await;
    let mut ladder = Ladder::stand(&chain, &cluster, "raised").await.unwrap();
    ladder.up(None).await.unwrap();
    let error = ladder.down().await.unwrap_err();
    assert_eq!(error.exit(), Exit::Untested);
    assert!(
        error.to_string().contains("revision a of chain") && error.to_string().contains("cannot be downgraded"),
        "{error}"
    );
    assert!(error.to_string().contains("`alembic downgrade base` ended with exit status 1"), "{error}");
    assert!(error.to_string().contains("RuntimeError: the data is gone"), "{error}");

    // The address is not taken from the environment that is handed over.
    cluster.database("elsewhere").await;
    let mut session = cluster.session("rlsgate", "elsewhere").await;
    execute(&mut session, "ALTER DATABASE elsewhere OWNER TO migrator").await.unwrap();
    std::fs::write(
        dir.path().join("alembic/env.py"),
        ENV.replace("(os.environ['DATABASE_URL'])", "(os.environ['DATABASE_URL'].replace('/astray', '/elsewhere'))"),
    )
    .unwrap();
    let chain = Chain::load(dir.path()).unwrap();
    cluster.database("astray").await;
    let error = apply(&chain, &cluster, "astray", None).await.unwrap_err();
    assert!(error.to_string().contains("wrote nothing to the database of the run"), "{error}");

    let dir = project(&program, &[("a", "None", "pass"), ("b", "'a'", "pass"), ("c", "'a'", "pass")]);
    let chain = Chain::load(dir.path()).unwrap();
    let mut heads: Vec<&str> = chain.heads.iter().map(|head| head.id.as_str()).collect();
    heads.sort_unstable();
    assert_eq!(heads, ["b", "c"]);
    cluster.database("heads").await;
    let error = apply(&chain, &cluster, "heads", None).await.unwrap_err();
    assert_eq!(error.exit(), Exit::Input);
    let message = error.to_string();
    assert!(message.contains("has 2 heads") && message.contains("versions/b.py") && message.contains("versions/c.py"));
    assert!(error.help().contains("alembic merge"));

    std::fs::write(dir.path().join("alembic/versions/b.py"), "raise SyntaxError('x')").unwrap();
    let message = Chain::load(dir.path()).unwrap_err().to_string();
    assert!(
        message.contains("history --verbose` ended with exit status 1") && message.contains("SyntaxError"),
        "{message}"
    );
}

#[test]
fn a_project_without_its_program_is_refused_with_the_remedy() {
    let dir = project(Path::new(".venv/bin/alembic"), &[]);
    let error = Chain::load(dir.path()).unwrap_err();
    assert!(error.to_string().contains("runs its own Alembic: there is no program `.venv/bin/alembic`"), "{error}");
    assert!(error.help().contains("pip install alembic"), "{}", error.help());
}

#[test]
fn the_digest_follows_all_that_alembic_reads() {
    let Some(program) = program() else { return };
    let dir = project(&program, &[("a", "None", "pass")]);
    let digest = || Chain::load(dir.path()).unwrap().digest();
    let mut seen = vec![digest()];
    assert_eq!(digest(), seen[0]);
    for (file, text) in [
        ("alembic/versions/a.py", revision("a", "None", "return")),
        ("alembic/env.py", format!("{ENV}\n")),
        ("alembic/helpers.py", String::new()),
        ("alembic.ini", "[alembic]\nscript_location = alembic\n".to_owned()),
    ] {
        std::fs::write(dir.path().join(file), text).unwrap();
        let next = digest();
        assert!(!seen.contains(&next), "{file}");
        seen.push(next);
    }
    std::fs::write(dir.path().join("notes.md"), "").unwrap();
    assert_eq!(Some(&digest()), seen.last());
}
