//! Moves of the project's own Alembic, and what it says it came to: `upgrade`, `downgrade`, and `current` after either.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::Connection as _;

use super::address::Address;
use super::command::environment;
use super::connect::{Connect, open_superuser, refused};
use super::interpreter::Tool;
use super::layout::alembic::Project;
use super::output::last_lines;
use super::program::Ended;
use super::revision::Revision;
use crate::Error;

/// Bytes of either end of what a move prints that are kept as evidence.
const KEPT: usize = 32 << 10;

/// Any table in which Alembic may keep its account: `version_num` is its only column, whatever the table is called.
const ACCOUNT: &str = "SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
    WHERE c.relkind = 'r' AND a.attname = 'version_num' AND a.attnum > 0 AND NOT a.attisdropped)";

impl Project {
    /// What takes the database up to `revision`, from the one before.
    pub(super) fn upgrade(revision: &Revision) -> Vec<String> {
        vec!["upgrade".to_owned(), revision.id.clone()]
    }

    /// What a deployment runs, whatever there is to do.
    pub(super) fn upgrade_all() -> Vec<String> {
        vec!["upgrade".to_owned(), "head".to_owned()]
    }

    /// What makes Alembic believe that no more than `applied` are: at a revision that it knows to be applied, `upgrade` runs
    /// nothing.
    pub(super) fn forget(&self, applied: &[Revision]) -> Vec<String> {
        let heads = self.heads_of(applied);
        let heads = if heads.is_empty() { vec!["base"] } else { heads.into_iter().collect() };
        ["stamp", "--purge"].into_iter().chain(heads).map(str::to_owned).collect()
    }

    /// What takes `revision` back, and nothing else. By the name of its parent; where that one has other children, which
    /// would go with it, as one step back on its own branch.
    pub(super) fn downgrade(&self, revision: &Revision) -> Vec<String> {
        let id = &revision.id;
        let parents = self.parents.get(id).map(Vec::as_slice).unwrap_or_default();
        let siblings = |parent: Option<&String>| {
            let of = |parents: &Vec<String>| match parent {
                Some(parent) => parents.contains(parent),
                None => parents.is_empty(),
            };
            self.parents.iter().any(|(other, parents)| other != id && of(parents))
        };
        let target = match parents {
            [] if !siblings(None) => "base".to_owned(),
            [parent] if siblings(Some(parent)) => format!("{id}@-1"),
            [parent, ..] => parent.clone(),
            [] => format!("{id}@-1"),
        };
        vec!["downgrade".to_owned(), target]
    }

    /// Runs `alembic` with these arguments; `tool` is that of one database.
    pub(super) async fn run(
        &self,
        tool: &mut Tool,
        arguments: &[&str],
        address: &Address,
        schema: &str,
        limit: Duration,
    ) -> Result<Ended, Error> {
        let environment = environment(&self.env, address, schema);
        tool.run_in_task(&self.program, arguments, &environment, limit, KEPT).await
    }

    /// What `alembic current` must say where `applied` are.
    pub(super) fn heads_of<'a>(&self, applied: &'a [Revision]) -> BTreeSet<&'a str> {
        let is_parent = |id: &str| {
            let children = applied.iter().filter_map(|revision| self.parents.get(&revision.id));
            children.flatten().any(|parent| parent == id)
        };
        applied.iter().map(|revision| revision.id.as_str()).filter(|id| !is_parent(id)).collect()
    }
}

/// Why Alembic is not where it should be; nothing where it is.
///
/// # Errors
/// It cannot be asked.
pub(super) async fn astray(
    project: &Project,
    tool: &mut Tool,
    applied: &[Revision],
    address: &Address,
    schema: &str,
    limit: Duration,
) -> Result<Option<String>, Error> {
    let ended = project.run(tool, &["current", "--verbose"], address, schema, limit).await?;
    if let Some(failure) = ended.failure {
        return Ok(Some(format!("`alembic current` {failure}:\n{}", last_lines(&ended.output))));
    }
    let lines = ended.output.lines().filter_map(|line| line.strip_prefix("Rev: "));
    let is: BTreeSet<&str> = lines.filter_map(|rest| rest.split_whitespace().next()).collect();
    let wanted = project.heads_of(applied);
    Ok((is != wanted).then(|| format!("`alembic current` reports {}, expected {}", list(&is), list(&wanted))))
}

/// Whether Alembic worked on this database: a URL of another would be taken up the chain as quietly.
pub(super) async fn was_here(server: &dyn Connect, database: &str) -> Result<bool, Error> {
    let doing = "looking for Alembic's table";
    let mut session = open_superuser(server, database).await?;
    let there = sqlx::query_scalar(ACCOUNT).fetch_one(&mut session).await.map_err(refused(doing))?;
    session.close().await.map_err(refused(doing))?;
    Ok(there)
}

fn list(ids: &BTreeSet<&str>) -> String {
    if ids.is_empty() { "nothing".to_owned() } else { ids.iter().copied().collect::<Vec<_>>().join(", ") }
}
