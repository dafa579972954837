//! Alembic: the project's own `alembic` says which revisions there are, in which order, and moves between them.
//!
//! `alembic history --verbose` needs no database and names each revision's file and parents, newest first (Alembic docs,
//! "Getting Information"; a history with branches and merges: "Working with Branches"); `alembic heads` says where it ends. A downgrade that cannot be
//! raises in its `downgrade()`.

mod files;
mod graph;
mod history;
mod project;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use project::Project;

use history::{parse, shown};

use super::descriptor::{Directions, FoundRevision, Layout, Listing, RevisionHead};
use super::folder::Folder;
use crate::Error;
use crate::chain::environment;
use crate::chain::interpreter::Tool;
use crate::chain::manifest::{Alembic, Value};
use crate::chain::output::{cause, last_lines};
use crate::chain::program::Program;
use crate::chain::revision::{Migration, RevisionStep};
use crate::sql::read_file;

pub(in crate::chain) const LAYOUT: Layout = Layout {
    name: "alembic",
    fits,
    find,
    read,
    both_in_one: true,
    bookkeeping: &["alembic_version"],
    // It makes its table itself.
    bookkeeping_sql: "",
};

/// Bytes of a history that are read; of each revision it holds the message.
const KEPT: usize = 8 << 20;

fn fits(folder: &Folder<'_>) -> bool {
    folder.manifest.alembic.is_some() || folder.dir.join("alembic.ini").is_file()
}

fn find(folder: &Folder<'_>) -> Result<Listing, Error> {
    if folder.manifest.migrations.is_some() {
        let message =
            format!("chain {}: `migrations` is not Alembic's way to find its revisions", folder.dir.display());
        return Err(Error::usage(message, "leave it out of chain.toml: `script_location` in alembic.ini says it"));
    }
    let default = Alembic::default();
    let settings = folder.manifest.alembic.as_ref().unwrap_or(&default);
    let program = Program::find(&settings.program, folder.dir).map_err(|error| match error {
        Error::Environment { message, .. } => Error::environment(
            format!("chain {} runs its own Alembic: {message}", folder.dir.display()),
            how_to_get(folder.dir, settings.program.first().map_or("", String::as_str)),
        ),
        other => other,
    })?;
    let limit = folder.manifest.timeout.0;
    let mut tool = Tool::Unused;
    let mut ask = |arguments: &[&str]| ask(&mut tool, &program, arguments, &settings.env, limit, folder.dir);
    let history = ask(&["history", "--verbose"])?;
    let heads = ask(&["heads"])?;
    let version = ask(&["--version"])?;
    let heads = graph::heads(&heads);
    let mut told = parse(&history);
    graph::one_file_each(&history, &told, folder.dir)?;
    told.reverse();
    let heads = told.iter().filter(|one| heads.contains(one.id.as_str()));
    let heads = heads.map(|one| RevisionHead { id: one.id.clone(), path: one.path.clone() });
    let mut listing = Listing { heads: heads.collect(), ..Listing::default() };
    let files = files::digests(folder.dir, &told)?;
    let code = files::code(folder.dir, &told, &files);
    let source = files.iter().map(|(name, digest)| format!("{digest} {name}\n")).collect::<String>();
    let source = format!("{version}\n{source}");
    let (mut parents, mut titles) = (BTreeMap::new(), BTreeMap::new());
    for one in told {
        parents.insert(one.id.clone(), one.parents);
        titles.insert(one.id.clone(), one.title);
        listing.revisions.push(FoundRevision { id: one.id, path: shown(folder.dir, one.path), down: None, kept: None });
    }
    listing.project = Some(Project { program, env: settings.env.clone(), parents, titles, source, code });
    Ok(listing)
}

/// What makes the program.
fn how_to_get(dir: &Path, program: &str) -> String {
    let install = environment::remedy(dir, program).unwrap_or_else(|| {
        "install it (`pip install alembic` and the driver that env.py uses, or the project's own requirements)"
            .to_owned()
    });
    format!("{install}, or name it with `program` under [alembic] in chain.toml")
}

fn read(found: &FoundRevision) -> Result<Directions, Error> {
    let source = read_file(&found.path)?;
    let step = || RevisionStep::Alembic(Migration { path: found.path.clone(), source: Arc::clone(&source) });
    Ok(Directions { up: step(), down: Some(step()) })
}

/// What Alembic answers without a database.
fn ask(
    tool: &mut Tool,
    program: &Program,
    arguments: &[&str],
    env: &BTreeMap<String, Value>,
    limit: Duration,
    dir: &Path,
) -> Result<String, Error> {
    let text = |(name, value): (&String, &Value)| Some((name.clone(), value.text()?.to_owned()));
    let ended = tool.run(program, arguments, &env.iter().filter_map(text).collect(), limit, KEPT)?;
    let program = program.with(arguments);
    match ended.failure {
        None => Ok(ended.output),
        Some(failure) => {
            let why = cause(&ended.output).map(|line| format!(": {line}")).unwrap_or_default();
            let (words, dir, shown) = (program.words(), dir.display(), last_lines(&ended.output));
            let message = format!("`{words}` {failure} in {dir}{why}\n{shown}");
            Err(if graph::is_broken(&ended.output) {
                Error::usage(message, "correct the revision's file: `alembic history` must tell them all")
            } else {
                Error::environment(message, "it is asked without a database: run it by hand in that folder")
            })
        }
    }
}
