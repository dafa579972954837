//! Chains that the project's own Alembic runs: what is run again really runs, and its account is nobody's row.

use std::path::{Path, PathBuf};
use std::process::Command;

use rlsgate::report::record::Status;

use super::support::Folder;

pub(crate) const ENV: &str = "import os
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
        let required = std::env::var("RLSGATE_REQUIRE").unwrap_or_default();
        let why = String::from_utf8_lossy(&made.stderr);
        assert!(!required.split(',').any(|word| word.trim() == "alembic"), "alembic is required, and absent: {why}");
        eprintln!("SKIPPED: needs alembic: {why}");
        return None;
    }
    Some(root.canonicalize().unwrap().join("schemas/installations/.venv/bin/alembic"))
}

fn revision(id: &str, parent: &str, up: &str, down: &str) -> String {
    let body = |sql: &str| if sql.is_empty() { "pass".to_owned() } else { format!("op.execute(\"{sql}\")") };
    format!(
        "\"\"\"make {id}\n\nRevision ID: {id}\n\"\"\"\nfrom alembic import op\nrevision = '{id}'\ndown_revision = {parent}\n\
         def upgrade():\n    {}\ndef downgrade():\n    {}\n",
        body(up),
        body(down)
    )
}

/// A project of `a`, a table with row security, and `b`, which does `up`; `more` stands before the table of Alembic's.
fn project(up: &str, more: &str) -> Option<Folder> {
    let program = program()?;
    let toml = format!(
        "{more}\n[alembic]\nprogram = [\"{}\"]\nenv = {{ DATABASE_URL = \":url\", PYTHONDONTWRITEBYTECODE = \"1\" }}\n",
        program.display()
    );
    Some(Folder::of(&[
        ("chain.toml", toml.as_str()),
        ("alembic.ini", "[alembic]\nscript_location = %(here)s/alembic\n"),
        ("alembic/env.py", ENV),
        (
            "alembic/versions/a.py",
            &revision("a", "None", "create table t (id int); alter table t enable row level security", "drop table t"),
        ),
        ("alembic/versions/b.py", &revision("b", "'a'", up, "")),
    ]))
}

const IDEMPOTENT: &str = "seed_at = { a = \"seed.sql\" }\n[revisions.b]\nidempotent = true";

#[test]
fn a_revision_that_says_it_is_idempotent_is_really_run_again() {
    let Some(folder) = project("insert into t values (2)", IDEMPOTENT) else { return };
    folder.write("seed.sql", "insert into t values (1)");
    let Some(ran) = folder.check() else { return };
    let words = ["writes to public.t (2 rows before, 3 after)"];
    ran.fails_alone("idempotent/b", "alembic/versions/b.py:1", &words, &[]);
    folder.write(
        "alembic/versions/b.py",
        &revision("b", "'a'", "insert into t select 2 where not exists (select from t where id = 2)", ""),
    );
    let Some(ran) = folder.check() else { return };
    assert_eq!(ran.all_pass().of("idempotent/b").evidence.witness, "2 rows were there");
}

#[test]
fn a_seed_that_puts_in_nothing_proves_nothing_although_alembic_keeps_a_row() {
    let Some(folder) = project("", IDEMPOTENT) else { return };
    folder.write("seed.sql", "select 1");
    let Some(ran) = folder.check() else { return };
    assert_eq!(ran.ids(Status::Error), ["idempotent/b", "upgrade-with-data/b"]);
    assert!(ran.of("upgrade-with-data/b").verdict.contains("seed.sql puts in no row"));
}

#[test]
fn a_table_of_alembics_that_the_project_names_itself_is_left_out() {
    let Some(folder) = project("", "schemas = [\"public\", \"My Own\"]\nprelude = \"p.sql\"") else { return };
    folder.write(
        "p.sql",
        "create role app;\ncreate schema \"My Own\" authorization migrator;\n\
        grant usage on schema \"My Own\" to app;\n\
        alter default privileges for role migrator grant select on tables to app;",
    );
    folder.write("alembic/versions/a.py", &revision("a", "None", "", ""));
    let own = ENV.replace(
        "(connection=connection)",
        "(connection=connection, version_table='My Versions', version_table_schema='My Own')",
    );
    folder.write("alembic/env.py", &own);
    let Some(ran) = folder.check() else { return };
    ran.all_pass();
}

#[test]
fn one_id_for_two_files_is_refused_with_both() {
    let Some(folder) = project("", "") else { return };
    folder.write("alembic/versions/again.py", &revision("b", "'a'", "select 1", ""));
    let error = rlsgate::chain_check::Subject::load(&folder.path()).unwrap_err();
    assert_eq!(error.exit(), rlsgate::exit::Exit::Input);
    let message = error.to_string();
    for words in ["revision b", "versions/again.py", "versions/b.py"] {
        assert!(message.contains(words), "no `{words}` in: {message}");
    }
}

#[test]
fn a_break_is_told_with_its_cause_and_what_is_printed_is_kept() {
    let Some(folder) = project("", "") else { return };
    folder.write(
        "alembic/versions/b.py",
        &revision("b", "'a'", "", "")
            .replace("pass", "print('moved it with', __import__('os').environ['DATABASE_URL'])"),
    );
    let Some(ran) = folder.check() else { return };
    let notes = &ran.all_pass().of("applies/b").evidence.notes;
    assert!(notes.iter().any(|note| note.contains("moved it with :url")), "{notes:?}");
    assert!(ran.record.facts["not traced"].contains("inside Alembic"), "{:?}", ran.record.facts);
    folder.write("alembic/versions/b.py", &revision("b", "'a'", "select from nowhere", ""));
    let Some(ran) = folder.check() else { return };
    let verdict = &ran.of("applies/b").verdict;
    assert!(
        verdict.contains("ended with exit status 1: ") && verdict.contains("relation \"nowhere\" does not exist"),
        "{verdict}"
    );
}

#[test]
fn a_parent_that_no_file_has_is_wrong_input_and_named() {
    let Some(folder) = project("", "") else { return };
    folder.write("alembic/versions/b.py", &revision("b", "'nowhere'", "", ""));
    let error = rlsgate::chain_check::Subject::load(&folder.path()).unwrap_err();
    assert_eq!(error.exit(), rlsgate::exit::Exit::Input);
    let message = error.to_string();
    assert!(
        message.contains("KeyError: 'nowhere'") && message.contains("Revision nowhere referenced from"),
        "{message}"
    );
}

#[test]
fn the_code_that_runs_with_every_revision_is_released_with_them() {
    let Some(folder) = project("", "") else { return };
    folder.write("alembic/helpers.py", "NAME = 't'\n");
    folder.write("alembic/versions/fill.sql", "select 1");
    if folder.lock().is_none() {
        return;
    }
    assert!(folder.read("chain.lock").contains("\n[files]\n\"alembic/env.py\" = \""), "{}", folder.read("chain.lock"));
    folder.write("alembic/helpers.py", "NAME = 'u'\n");
    folder.remove("alembic/versions/fill.sql");
    let Some(ran) = folder.check() else { return };
    assert_eq!(ran.ids(Status::Failed), ["released/alembic%2Fhelpers.py", "released/alembic%2Fversions%2Ffill.sql"]);
    assert!(ran.of("released/alembic%2Fhelpers.py").verdict.starts_with("alembic/helpers.py was edited"));
    assert!(ran.of("released/alembic%2Fversions%2Ffill.sql").verdict.starts_with("alembic/versions/fill.sql is gone"));
    assert_eq!(ran.of("released/alembic%2Fenv.py").status, Status::Passed);
}

#[test]
fn the_tool_run_again_is_what_a_deployment_runs() {
    // At the head, `upgrade head` runs nothing of the revisions', and still all of env.py.
    let Some(folder) = project("create table log (n int); alter table log enable row level security", "") else {
        return;
    };
    let counts = "    connection.exec_driver_sql(\"do $$ begin if to_regclass('log') is not null then insert into log values (1); end if; end $$\")\n    connection.commit()\n";
    folder.write("alembic/env.py", &format!("{ENV}{counts}"));
    let Some(ran) = folder.check() else { return };
    let check = ran.of("tool-again");
    assert_eq!(check.status, Status::Failed, "{}", check.verdict);
    assert!(check.verdict.starts_with("running the tool again writes to public.log"), "{}", check.verdict);
}
